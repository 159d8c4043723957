//! Values of a running program as text, in Haskell's notation.
//!
//! Owns the bounds on printing: it evaluates what it prints, and a value may be infinite, cyclic, or made to be
//! hostile. Depth bounds the recursion here; lists are followed in a loop. What an object is, the machine says
//! ([`Inspect`]); what its raw fields mean, only the program's constructors can tell.

use crate::unlinked::{Constructor, Field, Program};
use std::collections::HashMap;

mod number;

pub use number::show_double;

/// What printing needs of an interpreter.
pub trait Inspect {
    /// A reference to a heap object.
    type Ref;
    /// Why the interpreter can't do what it is asked.
    type Error: std::error::Error + 'static;

    /// Evaluates to weak head normal form (`seqHValue`).
    fn seq(&self, value: &Self::Ref) -> Result<Outcome, Self::Error>;

    /// What an object is (`getClosure`), without evaluating it.
    fn get_closure(&self, value: &Self::Ref) -> Result<Object<Self::Ref>, Self::Error>;
}

/// How an evaluation ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With a value.
    Value,
    /// With a Haskell exception, which reads so.
    Exception(String),
    /// At a limit.
    Limit(String),
    /// In a crash within the sandbox.
    Crash(String),
}

/// What an object is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object<R> {
    /// A constructor.
    Con {
        /// As its info table says: `package:Module.Name`.
        description: String,
        /// Its pointers.
        ptrs: Vec<R>,
        /// The other words of its payload.
        words: Vec<u64>,
    },
    /// Something that stands for another object.
    Indirection(R),
    /// A function or a partial application.
    Function,
    /// Something else, and what it is called.
    Other(String),
}

/// How much is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Constructors within constructors; the rest of a list is not deeper than its beginning.
    pub depth: usize,
    /// Constructors in all.
    pub nodes: usize,
}

impl Bounds {
    /// More depth than this is not granted: printing recurses.
    pub const MAX_DEPTH: usize = 2_000;
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { depth: 100, nodes: 10_000 }
    }
}

/// Why a value can't be printed.
#[derive(Debug, thiserror::Error)]
pub enum ShowError<E: std::error::Error + 'static> {
    /// Evaluating a part of it did not end with a value.
    #[error("evaluating the value after printing {printed:?} ended with {outcome:?}")]
    Outcome {
        /// How it ended.
        outcome: Outcome,
        /// What had been printed by then.
        printed: String,
    },
    /// The interpreter failed.
    #[error("the interpreter failed while a value was printed")]
    Machine(#[source] E),
}

/// What is printed for what is left out.
const ELLIPSIS: char = '…';

/// Indirections to follow before an object counts as a cycle of them.
const MAX_INDIRECTIONS: usize = 64;

/// Evaluates a value, all of it within bounds, and writes it as Haskell does. `program` knows the constructors.
pub fn show<M: Inspect>(
    machine: &M,
    program: &Program,
    value: &M::Ref,
    bounds: Bounds,
) -> Result<String, ShowError<M::Error>> {
    let constructors = program.constructors.iter().map(|con| (con.description(), con)).collect();
    let mut shower = Shower { machine, constructors, nodes: bounds.nodes, out: String::new() };
    shower.value(value, bounds.depth.min(Bounds::MAX_DEPTH), false)?;
    Ok(shower.out)
}

struct Shower<'a, M> {
    machine: &'a M,
    constructors: HashMap<String, &'a Constructor>,
    nodes: usize,
    out: String,
}

/// An evaluated lifted value.
enum Value<R> {
    Con {
        description: String,
        ptrs: Vec<R>,
        words: Vec<u64>,
    },
    /// Shown by this text.
    Opaque(String),
}

type Shown<T, M> = Result<T, ShowError<<M as Inspect>::Error>>;

impl<M: Inspect> Shower<'_, M> {
    fn evaluate(&mut self, value: &M::Ref) -> Shown<Value<M::Ref>, M> {
        match self.machine.seq(value).map_err(ShowError::Machine)? {
            Outcome::Value => {}
            outcome => return Err(ShowError::Outcome { outcome, printed: std::mem::take(&mut self.out) }),
        }
        let mut object = self.machine.get_closure(value).map_err(ShowError::Machine)?;
        for _ in 0..MAX_INDIRECTIONS {
            match object {
                Object::Indirection(to) => object = self.machine.get_closure(&to).map_err(ShowError::Machine)?,
                Object::Con { description, ptrs, words } => return Ok(Value::Con { description, ptrs, words }),
                Object::Function => return Ok(Value::Opaque("<function>".into())),
                Object::Other(what) => return Ok(Value::Opaque(format!("<{what}>"))),
            }
        }
        Ok(Value::Opaque("<indirections without end>".into()))
    }

    /// Prints a value; `argument` says that an application needs parentheses here.
    fn value(&mut self, value: &M::Ref, depth: usize, argument: bool) -> Shown<(), M> {
        if depth == 0 || self.nodes == 0 {
            self.out.push(ELLIPSIS);
            return Ok(());
        }
        self.nodes -= 1;
        match self.evaluate(value)? {
            Value::Opaque(text) => self.out.push_str(&text),
            Value::Con { description, ptrs, words } => self.con(&description, ptrs, &words, depth, argument)?,
        }
        Ok(())
    }

    fn con(
        &mut self,
        description: &str,
        ptrs: Vec<M::Ref>,
        words: &[u64],
        depth: usize,
        argument: bool,
    ) -> Shown<(), M> {
        let word = words.first().copied().unwrap_or(0);
        let boxed = match description {
            "ghc-prim:GHC.Types.I#" => Some((word as i64).to_string()),
            "ghc-prim:GHC.Types.W#" => Some(word.to_string()),
            "ghc-prim:GHC.Types.D#" => Some(show_double(f64::from_bits(word))),
            "ghc-prim:GHC.Types.F#" => Some(number::show_float(f32::from_bits(word as u32))),
            "ghc-prim:GHC.Types.C#" => Some(character(word, '\'')),
            _ => None,
        };
        if let Some(text) = boxed {
            let negative = text.starts_with('-') && argument;
            self.out.push_str(&if negative { format!("({text})") } else { text });
            return Ok(());
        }
        match description {
            "ghc-prim:GHC.Types.[]" => self.out.push_str("[]"),
            "ghc-prim:GHC.Types.:" => self.list(ptrs, depth)?,
            "ghc-prim:GHC.Tuple.(,)" | "ghc-prim:GHC.Tuple.(,,)" => {
                for (i, field) in ptrs.iter().enumerate() {
                    self.out.push(if i == 0 { '(' } else { ',' });
                    self.value(field, depth - 1, false)?;
                }
                self.out.push(')');
            }
            _ => self.application(description, ptrs, words, depth, argument)?,
        }
        Ok(())
    }

    /// A constructor and its fields in declared order, if its declaration is known; else pointers, then words.
    fn application(
        &mut self,
        description: &str,
        ptrs: Vec<M::Ref>,
        words: &[u64],
        depth: usize,
        argument: bool,
    ) -> Shown<(), M> {
        let name = constructor_name(description);
        let declared = self.constructors.get(description).copied();
        let unknown: Vec<Field>;
        let fields = match declared {
            Some(con) => &con.fields,
            None => {
                // An info table counts a padding word for a constructor without fields.
                let words = if ptrs.is_empty() && words.len() == 1 { 0 } else { words.len() };
                unknown = ptrs.iter().map(|_| Field::Lifted).chain((0..words).map(|_| Field::Word)).collect();
                &unknown
            }
        };
        let layout = crate::unlinked::constructor::Layout::of(fields);
        let parentheses = argument && !fields.is_empty();
        if parentheses {
            self.out.push('(');
        }
        self.out.push_str(name);
        for (field, offset) in fields.iter().zip(&layout.offsets) {
            self.out.push(' ');
            let index = *offset as usize / 8;
            match (field, ptrs.get(index)) {
                (Field::Lifted, Some(value)) => self.value(value, depth - 1, true)?,
                (Field::Unlifted, Some(value)) => match self.machine.get_closure(value).map_err(ShowError::Machine)? {
                    Object::Other(what) => self.out.push_str(&format!("<{what}>")),
                    _ => self.out.push_str("<unlifted>"),
                },
                _ => {
                    let word = words.get(index.wrapping_sub(ptrs.len())).copied().unwrap_or(0);
                    let half = if offset % 8 == 0 { word } else { word >> 32 };
                    self.out.push_str(&unboxed(*field, half));
                }
            }
        }
        if parentheses {
            self.out.push(')');
        }
        Ok(())
    }

    /// A list; one of characters as a string. `cell` are head and tail.
    fn list(&mut self, mut cell: Vec<M::Ref>, depth: usize) -> Shown<(), M> {
        let mut first = true;
        let mut string = false;
        loop {
            let mut fields = cell.into_iter();
            let (Some(head), Some(tail)) = (fields.next(), fields.next()) else { break };
            if first {
                string = self.is_character(&head, depth)?;
                self.out.push(if string { '"' } else { '[' });
            } else if !string {
                self.out.push(',');
            }
            first = false;
            if string {
                self.string_part(&head)?;
            } else {
                self.value(&head, depth - 1, false)?;
            }
            if self.nodes == 0 {
                if !string {
                    self.out.push(',');
                }
                self.out.push(ELLIPSIS);
                break;
            }
            self.nodes -= 1;
            match self.evaluate(&tail)? {
                Value::Con { description, ptrs, .. } if description == "ghc-prim:GHC.Types.:" => cell = ptrs,
                _ => break,
            }
        }
        self.out.push(if string { '"' } else { ']' });
        Ok(())
    }

    fn is_character(&mut self, value: &M::Ref, depth: usize) -> Shown<bool, M> {
        if depth == 1 {
            return Ok(false);
        }
        let value = self.evaluate(value)?;
        Ok(matches!(value, Value::Con { description, .. } if description == "ghc-prim:GHC.Types.C#"))
    }

    fn string_part(&mut self, value: &M::Ref) -> Shown<(), M> {
        match self.evaluate(value)? {
            Value::Con { words, .. } => {
                let text = character(words.first().copied().unwrap_or(0), '"');
                // Haskell writes characters beyond ASCII as decimal escapes, which must not meet a digit.
                let after_escape = self.out.ends_with(|c: char| c.is_ascii_digit()) && ends_in_escape(&self.out);
                if after_escape && text.starts_with(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
                    self.out.push_str("\\&");
                }
                self.out.push_str(&text);
            }
            Value::Opaque(text) => self.out.push_str(&text),
        }
        Ok(())
    }
}

/// The name in a constructor's description.
fn constructor_name(description: &str) -> &str {
    let qualified = description.split_once(':').map_or(description, |(_, qualified)| qualified);
    match qualified.rfind('.') {
        Some(dot) if dot + 1 < qualified.len() => &qualified[dot + 1..],
        _ => qualified,
    }
}

/// A field that is not a pointer, as a literal.
fn unboxed(field: Field, word: u64) -> String {
    match field {
        Field::Int => format!("{}#", word as i64),
        Field::Char => format!("{}#", character(word, '\'')),
        Field::Float => format!("{}#", number::show_float(f32::from_bits(word as u32))),
        Field::Double => format!("{}##", show_double(f64::from_bits(word))),
        Field::Addr => format!("{word:#x}"),
        Field::Word | Field::Lifted | Field::Unlifted => format!("{word}##"),
    }
}

fn ends_in_escape(text: &str) -> bool {
    text.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with('\\')
}

/// A character as Haskell shows it: in quotes if those are single ones, without if it is part of a string.
fn character(word: u64, quote: char) -> String {
    let text = match u32::try_from(word).ok().and_then(char::from_u32) {
        None => format!("\\{word}"),
        Some(c) if c == quote || c == '\\' => format!("\\{c}"),
        Some(c @ ' '..='~') => c.to_string(),
        Some('\n') => "\\n".into(),
        Some('\t') => "\\t".into(),
        Some('\r') => "\\r".into(),
        Some(c) => format!("\\{}", c as u32),
    };
    if quote == '\'' { format!("'{text}'") } else { text }
}

#[cfg(test)]
mod tests;
