//! What every program knows without declaring it: constructors of ghc-prim, type names, primops.

use super::ir::{Kind, Lit};
use crate::unlinked::{Field, Name};
use bcvm::primop::table::{PRIMOPS, Primop, Rep};

/// A constructor of ghc-prim.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinCon {
    /// How programs write it.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// Its zero-based number.
    pub tag: u32,
    /// How many constructors its type has.
    pub family: u32,
    /// Its fields.
    pub fields: &'static [Field],
}

const fn con(name: &'static str, module: &'static str, of: (u32, u32), fields: &'static [Field]) -> BuiltinCon {
    BuiltinCon { name, module, tag: of.0, family: of.1, fields }
}

const TYPES: &str = "GHC.Types";
const TUPLE: &str = "GHC.Tuple";

/// Every built-in constructor.
pub const CONSTRUCTORS: &[BuiltinCon] = &[
    con("False", TYPES, (0, 2), &[]),
    con("True", TYPES, (1, 2), &[]),
    con("LT", TYPES, (0, 3), &[]),
    con("EQ", TYPES, (1, 3), &[]),
    con("GT", TYPES, (2, 3), &[]),
    con("[]", TYPES, (0, 2), &[]),
    con(":", TYPES, (1, 2), &[Field::Lifted, Field::Lifted]),
    con("I#", TYPES, (0, 1), &[Field::Int]),
    con("W#", TYPES, (0, 1), &[Field::Word]),
    con("C#", TYPES, (0, 1), &[Field::Char]),
    con("F#", TYPES, (0, 1), &[Field::Float]),
    con("D#", TYPES, (0, 1), &[Field::Double]),
    con("()", TUPLE, (0, 1), &[]),
    con("(,)", TUPLE, (0, 1), &[Field::Lifted, Field::Lifted]),
    con("(,,)", TUPLE, (0, 1), &[Field::Lifted, Field::Lifted, Field::Lifted]),
];

impl BuiltinCon {
    /// Its name for the linker.
    pub fn linker_name(&self) -> Name {
        Name::ghc_prim(self.module, self.name)
    }
}

/// The token that threads state, as an argument.
pub const REAL_WORLD: &str = "realWorld#";

/// What a type's name says about values of it; `Err` for an unlifted type that is not known.
pub fn type_field(head: &str) -> Result<TypeOf, String> {
    Ok(match head {
        "Int#" => TypeOf::Field(Field::Int),
        "Word#" | "StablePtr#" => TypeOf::Field(Field::Word),
        "Char#" => TypeOf::Field(Field::Char),
        "Addr#" => TypeOf::Field(Field::Addr),
        "Float#" => TypeOf::Field(Field::Float),
        "Double#" => TypeOf::Field(Field::Double),
        "State#" => TypeOf::State,
        "MutVar#" | "Array#" | "MutableArray#" | "SmallArray#" | "SmallMutableArray#" | "ByteArray#"
        | "MutableByteArray#" | "Weak#" | "StableName#" | "ThreadId#" | "MVar#" | "TVar#" => {
            TypeOf::Field(Field::Unlifted)
        }
        head if head.ends_with('#') => return Err(format!("unknown unlifted type `{head}`")),
        _ => TypeOf::Field(Field::Lifted),
    })
}

/// What a type says about values of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeOf {
    /// They may be fields.
    Field(Field),
    /// They are State#, which is never stored.
    State,
}

impl TypeOf {
    /// The kind of values of it.
    pub fn kind(self) -> Kind {
        match self {
            TypeOf::State => Kind::State,
            TypeOf::Field(field) => field_kind(field),
        }
    }
}

/// The kind of a field's value.
pub fn field_kind(field: Field) -> Kind {
    match field {
        Field::Lifted => Kind::Lifted,
        Field::Unlifted => Kind::Unlifted,
        Field::Int | Field::Word | Field::Char | Field::Addr => Kind::Word,
        Field::Float => Kind::Float,
        Field::Double => Kind::Double,
    }
}

/// How a primop answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A value.
    Value(Kind),
    /// `(# x #)`
    Unboxed1(Kind),
    /// `(# s, x #)`
    Unboxed2(Kind),
    /// It never answers, so it may stand for anything.
    Never,
}

/// Primops that never answer.
const DIVERGING: &[&str] =
    &["raise#", "raiseIO#", "raiseDivZero#", "raiseOverflow#", "raiseUnderflow#", "retry#", "panic#"];

/// Primops without state that answer with `(# x #)`, so that reading an array need not evaluate what was read.
const UNBOXED1: &[&str] = &["indexArray#", "indexSmallArray#"];

/// Primops that answer with a lifted value. The primop tables don't tell lifted pointers from others.
const LIFTED: &[&str] = &[
    "readMutVar#",
    "readArray#",
    "readSmallArray#",
    "indexArray#",
    "indexSmallArray#",
    "catch#",
    "maskAsyncExceptions#",
    "maskUninterruptible#",
    "unmaskAsyncExceptions#",
    "deRefStablePtr#",
    "seq#",
    "spark#",
    "clearCCS#",
    "takeMVar#",
    "readMVar#",
    "readIOPort#",
    "atomically#",
    "catchRetry#",
    "catchSTM#",
    "readTVar#",
    "readTVarIO#",
    "compactAdd#",
    "compactAddWithSharing#",
    "mkApUpd0#",
];

/// The primop of this name; not one with several results, which byte code cannot call.
pub fn find_primop(name: &str) -> Option<&'static Primop> {
    PRIMOPS.iter().find(|primop| primop.name == name && primop.results.len() <= 1)
}

/// How a primop answers.
pub fn answer(primop: &Primop) -> Answer {
    let kind = match primop.result() {
        Rep::P if LIFTED.contains(&primop.name) => Kind::Lifted,
        Rep::P => Kind::Unlifted,
        Rep::N => Kind::Word,
        Rep::F => Kind::Float,
        Rep::D => Kind::Double,
        Rep::V => Kind::State,
    };
    match primop.args().any(|rep| rep == Rep::V) {
        _ if DIVERGING.contains(&primop.name) => Answer::Never,
        true if kind != Kind::State => Answer::Unboxed2(kind),
        false if UNBOXED1.contains(&primop.name) => Answer::Unboxed1(kind),
        _ => Answer::Value(kind),
    }
}

/// The kind of a literal.
pub fn literal_kind(lit: &Lit) -> Kind {
    match lit {
        Lit::Float(_) => Kind::Float,
        Lit::Double(_) => Kind::Double,
        Lit::Int(_) | Lit::Word(_) | Lit::Char(_) | Lit::String(_) => Kind::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_primops_exist() {
        for name in DIVERGING.iter().chain(UNBOXED1).chain(LIFTED) {
            let primop = find_primop(name).unwrap_or_else(|| panic!("no primop {name}"));
            assert_eq!(primop.result(), Rep::P, "{name}");
        }
    }

    #[test]
    fn answers_follow_the_state_token() {
        let of = |name| answer(find_primop(name).unwrap());
        assert_eq!(of("+#"), Answer::Value(Kind::Word));
        assert_eq!(of("writeMutVar#"), Answer::Value(Kind::State));
        assert_eq!(of("newMutVar#"), Answer::Unboxed2(Kind::Unlifted));
        assert_eq!(of("readMutVar#"), Answer::Unboxed2(Kind::Lifted));
        assert_eq!(of("readDoubleArray#"), Answer::Unboxed2(Kind::Double));
        assert_eq!(of("indexArray#"), Answer::Unboxed1(Kind::Lifted));
        assert_eq!(of("raise#"), Answer::Never);
    }
}
