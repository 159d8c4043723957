//! Lowering: from `ir` to byte code, as GHC's byte code compiler does it.
//!
//! Truth: `compiler/GHC/CoreToByteCode.hs` of 9.0.2 (`schemeTopBind`, `schemeR`, `schemeE`, `schemeT`, `doCase`,
//! `mkConAppCode`, `pushAtom`). Owns the picture of the stack; see Note [The stack as lowering sees it].
//
// Note [The stack as lowering sees it]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A place on the stack is called by its *depth*: how many bytes lay on the stack, counted from where the function's
// frame begins, when it had just been pushed. Depths stay true while more is pushed; an operand is the difference of
// the current depth `d` and a variable's. Code also knows the *sequel* `s`: the depth to which it must clean up
// before it leaves, at first 0, the start of the frame.
//
//     depth 0 ┌──────────────┐
//             │ last argument│ 8       arguments, the first on top, then free variables
//             │ …            │
//             │ first one    │
//             │ free vars    │ d₀
//             │ a let        │
//             │ BCO of alts  │         case: the continuation …
//             │ stg_ctoi_*   │ d+16    … which is the scrutinee's sequel
//             │ value        │ d+24    where the alternatives find the value
//             │ stg_ret_*    │ d+32    and the word on top of it, if it is unlifted
//             └──────────────┘ grows downwards
//
// Words are 8 bytes deep; only the halves of a word in which a constructor keeps a Float# lie between.

use super::ir::{Atom, Expr, Kind, Lit, Program, Var};
use crate::unlinked::asm::{self, AsmError, Line, Operand, ProtoBco};
use crate::unlinked::bco::{self, BcoNPtr, BcoPtr, UnlinkedBco};
use crate::unlinked::name::Name;
use bcvm::bytecode::Bci;
use emit::Code;
use scope::Scope;

mod case;
mod emit;
mod expr;
mod free;
mod scope;

/// Bytes of a word.
const WORD: u64 = 8;

/// Why a program can't be lowered.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LowerError {
    /// Something of it is too large for the instructions.
    #[error(transparent)]
    Asm(#[from] AsmError),
}

/// Lowers a program.
pub fn lower(program: &Program) -> Result<bco::Program, LowerError> {
    let mut bcos = Vec::with_capacity(program.globals.len());
    for global in &program.globals {
        bcos.push(lambda(program, &global.name, &[], &global.params, &global.body)?.0);
    }
    for con in program.declared.iter().filter(|con| con.fields.is_empty()) {
        bcos.push(nullary(&con.name)?);
    }
    Ok(bco::Program { entry: program.entry.clone(), constructors: program.declared.clone(), bcos })
}

/// The one value of a constructor without fields: a thunk that makes it.
fn nullary(name: &str) -> Result<UnlinkedBco, AsmError> {
    let info = Operand::Lit(BcoNPtr::Itbl(Name::internal(name)));
    asm::assemble(ProtoBco {
        name: name.into(),
        arity: 0,
        non_pointers: Vec::new(),
        code: vec![Line::Op(Bci::PACK, vec![info, Operand::Word(0)]), Line::Op(Bci::ENTER, Vec::new())],
    })
}

/// Lowers a lambda form with its free variables (`schemeR`). Also answers the stack words it may use.
fn lambda(
    program: &Program,
    name: &str,
    free: &[Var],
    params: &[Var],
    body: &Expr,
) -> Result<(UnlinkedBco, u64), LowerError> {
    let mut scope = Scope::default();
    let mut depth = 0;
    for var in params.iter().rev().chain(free) {
        let kind = program.kind(*var);
        depth += bytes(kind);
        scope.insert(*var, depth, kind);
    }
    let from_the_top = free.iter().rev().chain(params).map(|var| program.kind(*var));
    let non_pointers = from_the_top.filter(|kind| *kind != Kind::State).map(|kind| !is_pointer(kind)).collect();
    let mut lowerer = Lowerer { program, name, scope, code: Code::default() };
    lowerer.expr(body, depth, 0)?;
    let arity = (params.len() + free.len()) as u32;
    lowerer.code.finish(name.into(), arity, non_pointers, emit::Role::Function)
}

/// Lowers the body of one lambda form.
struct Lowerer<'p> {
    program: &'p Program,
    name: &'p str,
    scope: Scope,
    code: Code,
}

/// Bytes that a value of this kind takes on the stack.
fn bytes(kind: Kind) -> u64 {
    kind.rep().words() as u64 * WORD
}

fn is_pointer(kind: Kind) -> bool {
    matches!(kind, Kind::Lifted | Kind::Unlifted)
}

/// The word that stands for a literal.
fn literal(lit: &Lit) -> BcoNPtr {
    BcoNPtr::Word(match lit {
        Lit::Int(n) => *n as u64,
        Lit::Word(n) => *n,
        Lit::Char(c) => *c as u64,
        Lit::Float(x) => x.to_bits() as u64,
        Lit::Double(x) => x.to_bits(),
        Lit::String(bytes) => return BcoNPtr::Str(bytes.clone()),
    })
}

impl Lowerer<'_> {
    fn kind(&self, atom: &Atom) -> Kind {
        match atom {
            Atom::Local(var) => self.program.kind(*var),
            Atom::Global(_) | Atom::Con(_) => Kind::Lifted,
            Atom::Lit(lit) => super::builtin::literal_kind(lit),
            Atom::RealWorld => Kind::State,
        }
    }

    /// The pointer of an atom that is not local.
    fn pointer(&self, atom: &Atom) -> Option<BcoPtr> {
        match atom {
            Atom::Global(name) => Some(BcoPtr::Name(Name::internal(name))),
            Atom::Con(con) => Some(BcoPtr::Name(self.program.con(*con).name.clone())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
