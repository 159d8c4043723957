//! Linking a program: names become addresses and references, as GHC's byte code linker does it.
//!
//! Truth: `compiler/GHC/ByteCode/Linker.hs` (`linkBCO`, `lookupLiteral`, `resolvePtr`, `lookupIE`) and
//! `compiler/GHC/Runtime/Linker.hs`. Owns the order of requests: info tables, then strings in one request, then
//! symbols, each asked once, then all BCOs in one request. What answers is a [`Target`]; creating heap objects is
//! its business.

use super::bco::{BcoNPtr, BcoPtr, Program, UnlinkedBco};
use super::name::{self, Name};
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use std::collections::HashMap;

/// What linking needs of an interpreter; the names are those of `GHC.Runtime.Interpreter`.
pub trait Target {
    /// A reference to a heap object.
    type Ref;
    /// Why the interpreter can't do what it is asked.
    type Error: std::error::Error + 'static;

    /// The address of a symbol, if it is known.
    fn lookup_symbol(&self, symbol: &str) -> Result<Option<u64>, Self::Error>;

    /// Makes an info table for a constructor: its address.
    fn mk_con_info_table(
        &self,
        ptrs: u32,
        nptrs: u32,
        con_tag: u32,
        ptr_tag: u32,
        description: &str,
    ) -> Result<u64, Self::Error>;

    /// Copies strings to where byte code can read them, a NUL appended: their addresses.
    fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<u64>, Self::Error>;

    /// Makes heap objects of BCOs that may refer to each other by index.
    fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<Self::Ref>, Self::Error>;
}

/// A program whose objects exist.
#[derive(Debug)]
pub struct Linked<R> {
    /// One reference a top-level BCO, in the program's order.
    pub refs: Vec<R>,
    /// Which of them the program's value is.
    pub entry: usize,
}

impl<R> Linked<R> {
    /// The reference to the program's value.
    pub fn into_entry(mut self) -> R {
        self.refs.swap_remove(self.entry)
    }
}

/// Something a program refers to and nobody has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// What it is called.
    pub name: String,
    /// The symbol that was looked up; none for a name of the program itself.
    pub symbol: Option<String>,
    /// The top-level BCO that refers to it first.
    pub user: String,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "`{}`", self.name)?;
        if let Some(symbol) = &self.symbol {
            write!(f, " (symbol {symbol})")?;
        }
        write!(f, ", used by `{}`", self.user)
    }
}

/// Why a program can't be linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError<E: std::error::Error + 'static> {
    /// Names that nothing defines: all of them.
    #[error("the program refers to unknown names:{}", list(.0))]
    Unresolved(Vec<Missing>),
    /// Two top-level BCOs or two constructors have the same name.
    #[error("the program defines `{0}` twice")]
    Duplicate(String),
    /// The entry is not among the BCOs.
    #[error("the program's entry `{0}` is not among its definitions")]
    NoEntry(String),
    /// The interpreter refused a request.
    #[error("{doing}")]
    Target {
        /// What was asked of it.
        doing: String,
        /// What it says.
        #[source]
        source: E,
    },
    /// The interpreter answered with too few or too many results.
    #[error("{doing}: {wanted} results were due, {got} came")]
    Count {
        /// What was asked of it.
        doing: &'static str,
        /// How many it should have been.
        wanted: usize,
        /// How many it were.
        got: usize,
    },
}

fn list(missing: &[Missing]) -> String {
    missing.iter().map(|m| format!("\n  {m}")).collect()
}

/// Links a program and makes its objects.
pub fn link<T: Target>(program: &Program, target: &T) -> Result<Linked<T::Ref>, LinkError<T::Error>> {
    let entry = program.find_entry().ok_or_else(|| LinkError::NoEntry(program.entry.clone()))?;
    let resolved = resolve(program, target)?;
    let refs = target
        .create_bcos(&resolved)
        .map_err(|source| LinkError::Target { doing: "creating the program's BCOs".into(), source })?;
    if refs.len() != resolved.len() {
        return Err(LinkError::Count { doing: "creating BCOs", wanted: resolved.len(), got: refs.len() });
    }
    Ok(Linked { refs, entry })
}

/// Resolves the names of a program; its BCOs are then meant for one `create_bcos` request.
pub fn resolve<T: Target>(program: &Program, target: &T) -> Result<Vec<ResolvedBco>, LinkError<T::Error>> {
    let mut linker = Linker {
        target,
        bcos: HashMap::new(),
        itbls: HashMap::new(),
        strings: HashMap::new(),
        symbols: HashMap::new(),
        missing: Vec::new(),
        user: "",
    };
    for (i, bco) in program.bcos.iter().enumerate() {
        if linker.bcos.insert(&bco.name, i as u64).is_some() {
            return Err(LinkError::Duplicate(bco.name.clone()));
        }
    }
    linker.make_info_tables(program)?;
    linker.make_strings(program)?;
    let mut resolved = Vec::with_capacity(program.bcos.len());
    for bco in &program.bcos {
        linker.user = &bco.name;
        resolved.push(linker.bco(bco)?);
    }
    if linker.missing.is_empty() { Ok(resolved) } else { Err(LinkError::Unresolved(linker.missing)) }
}

struct Linker<'p, T> {
    target: &'p T,
    bcos: HashMap<&'p str, u64>,
    itbls: HashMap<&'p str, u64>,
    strings: HashMap<&'p [u8], u64>,
    symbols: HashMap<String, Option<u64>>,
    missing: Vec<Missing>,
    user: &'p str,
}

impl<'p, T: Target> Linker<'p, T> {
    fn make_info_tables(&mut self, program: &'p Program) -> Result<(), LinkError<T::Error>> {
        for con in &program.constructors {
            let (ptrs, nptrs) = con.table_words();
            let made = self.target.mk_con_info_table(ptrs, nptrs, con.tag, con.ptr_tag(), &con.description());
            let itbl = made.map_err(|source| LinkError::Target {
                doing: format!("making an info table for `{}`", con.name),
                source,
            })?;
            if self.itbls.insert(&con.name, itbl).is_some() {
                return Err(LinkError::Duplicate(con.name.clone()));
            }
        }
        Ok(())
    }

    fn make_strings(&mut self, program: &'p Program) -> Result<(), LinkError<T::Error>> {
        let mut wanted = Vec::new();
        let mut todo: Vec<&UnlinkedBco> = program.bcos.iter().rev().collect();
        while let Some(bco) = todo.pop() {
            for lit in &bco.lits {
                if let BcoNPtr::Str(bytes) = lit
                    && self.strings.insert(bytes, 0).is_none()
                {
                    wanted.push(&bytes[..]);
                }
            }
            todo.extend(bco.nested());
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let made = self.target.malloc_strings(&wanted);
        let made = made.map_err(|source| LinkError::Target { doing: "copying string literals".into(), source })?;
        if made.len() != wanted.len() {
            return Err(LinkError::Count { doing: "copying string literals", wanted: wanted.len(), got: made.len() });
        }
        self.strings.extend(wanted.into_iter().zip(made));
        Ok(())
    }

    fn bco(&mut self, bco: &'p UnlinkedBco) -> Result<ResolvedBco, LinkError<T::Error>> {
        let mut lits = Vec::with_capacity(bco.lits.len());
        for lit in &bco.lits {
            lits.push(self.literal(lit)?);
        }
        let mut ptrs = Vec::with_capacity(bco.ptrs.len());
        for ptr in &bco.ptrs {
            ptrs.push(match ptr {
                BcoPtr::Bco(nested) => ResolvedBcoPtr::Bco(self.bco(nested)?),
                BcoPtr::PrimOp(primop) => {
                    ResolvedBcoPtr::StaticPtr(self.symbol(primop, Some(name::primop_symbol(primop)))?)
                }
                BcoPtr::Name(Name::Internal(name)) if self.bcos.contains_key(&**name) => {
                    ResolvedBcoPtr::Ref(self.bcos[&**name])
                }
                BcoPtr::Name(name) => {
                    ResolvedBcoPtr::StaticPtr(self.symbol(&name.to_string(), name.symbol("closure"))?)
                }
            });
        }
        Ok(ResolvedBco { arity: bco.arity, instrs: bco.instrs.clone(), bitmap: bco.bitmap.clone(), lits, ptrs })
    }

    /// `lookupLiteral`.
    fn literal(&mut self, lit: &'p BcoNPtr) -> Result<u64, LinkError<T::Error>> {
        match lit {
            BcoNPtr::Word(word) => Ok(*word),
            BcoNPtr::Label(symbol) => self.symbol(symbol, Some(symbol.clone())),
            BcoNPtr::Str(bytes) => Ok(self.strings.get(&bytes[..]).copied().unwrap_or_default()),
            BcoNPtr::Itbl(Name::Internal(name)) if self.itbls.contains_key(&**name) => Ok(self.itbls[&**name]),
            BcoNPtr::Itbl(name) => self.symbol(&name.to_string(), name.symbol("con_info")),
        }
    }

    /// The address of a symbol; one that is missing is noted and answered with 0.
    fn symbol(&mut self, name: &str, symbol: Option<String>) -> Result<u64, LinkError<T::Error>> {
        let known = symbol.as_ref().and_then(|symbol| self.symbols.get(symbol).copied());
        let address = match (known, &symbol) {
            (Some(known), _) => known,
            (None, Some(symbol)) => {
                let found = self.target.lookup_symbol(symbol);
                let found = found
                    .map_err(|source| LinkError::Target { doing: format!("looking up symbol {symbol}"), source })?;
                self.symbols.insert(symbol.clone(), found);
                found
            }
            (None, None) => None,
        };
        if address.is_none() && !self.missing.iter().any(|m| m.name == name && m.symbol == symbol) {
            self.missing.push(Missing { name: name.into(), symbol, user: self.user.into() });
        }
        Ok(address.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
