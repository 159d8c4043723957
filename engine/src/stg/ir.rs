//! A checked program: names are resolved and representations known. Only lowering reads it.
//!
//! Owns the distinction that decides how a value is passed and returned, [`Kind`]. Every variable has a number of
//! its own, so nothing shadows.

pub use super::ast::Literal as Lit;
use crate::unlinked::constructor::{Constructor, Layout};
use crate::unlinked::name::Name;
use bcvm::primop::table::Rep;
use std::fmt;

/// What a value is, as far as byte code cares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A pointer to something that may have to be evaluated.
    Lifted,
    /// A pointer to something that is never evaluated.
    Unlifted,
    /// An Int#, Word#, Char# or Addr#.
    Word,
    /// A Float#.
    Float,
    /// A Double#.
    Double,
    /// A State#: nothing at run time.
    State,
}

impl Kind {
    /// How byte code passes it.
    pub fn rep(self) -> Rep {
        match self {
            Kind::Lifted | Kind::Unlifted => Rep::P,
            Kind::Word => Rep::N,
            Kind::Float => Rep::F,
            Kind::Double => Rep::D,
            Kind::State => Rep::V,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Kind::Lifted => "a lifted value",
            Kind::Unlifted => "an unlifted pointer",
            Kind::Word => "a word (Int#, Word#, Char#, Addr#)",
            Kind::Float => "a Float#",
            Kind::Double => "a Double#",
            Kind::State => "a State#",
        })
    }
}

/// A variable: an index of [`Program::kinds`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Var(pub u32);

/// A constructor: an index of [`Program::cons`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ConId(pub u32);

/// An argument.
#[derive(Clone, PartialEq, Debug)]
pub enum Atom {
    /// A local variable.
    Local(Var),
    /// A top-level binding.
    Global(String),
    /// A constructor without fields.
    Con(ConId),
    /// A literal.
    Lit(Lit),
    /// The state token.
    RealWorld,
}

/// A function in a call.
#[derive(Clone, PartialEq, Debug)]
pub enum Callee {
    /// A variable.
    Atom(Atom),
    /// A primop.
    Primop(&'static str),
}

/// An expression. Its kind is that of the context; see [`Case::frame`].
#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    /// An atom: evaluated if it is lifted, returned if not.
    Atom(Atom),
    /// A call, in tail position as every call.
    Call(Callee, Vec<Atom>),
    /// A saturated constructor.
    Con(ConId, Vec<Atom>),
    /// An unboxed tuple of one value that is not State#: returned without evaluation.
    Unboxed(Atom),
    /// Local bindings. However many there are, nothing recurses over them.
    Let {
        /// Whether the bindings see each other, or only those before them.
        rec: bool,
        /// The bindings.
        binds: Vec<Bind>,
        /// Where they are seen.
        body: Box<Expr>,
    },
    /// A case.
    Case(Box<Case>),
}

/// A lambda form.
#[derive(Clone, PartialEq, Debug)]
pub struct Bind {
    /// What is bound.
    pub var: Var,
    /// What listings call it.
    pub name: String,
    /// Parameters; none for a thunk.
    pub params: Vec<Var>,
    /// What it computes.
    pub body: Expr,
}

/// A case.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// What is evaluated.
    pub scrutinee: Expr,
    /// The value.
    pub binder: Var,
    /// How the value comes back.
    pub frame: FrameId,
    /// What to do with it.
    pub alts: Alts,
}

/// How the scrutinee of a case returns: an index of [`Program::frames`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameId(pub u32);

/// The alternatives of a case.
#[derive(Clone, PartialEq, Debug)]
pub enum Alts {
    /// Anything.
    Default(Expr),
    /// By constructor: each at most once, exhaustive.
    Con(Vec<(ConId, Vec<Var>, Expr)>, Option<Expr>),
    /// By literal: each at most once, all of one type.
    Lit(Vec<(Lit, Expr)>, Expr),
}

/// A constructor.
#[derive(Clone, PartialEq, Debug)]
pub struct Con {
    /// Its name for the linker.
    pub name: Name,
    /// Its zero-based number.
    pub tag: u32,
    /// How many constructors its type has.
    pub family: u32,
    /// Where its fields lie.
    pub layout: Layout,
}

/// A top-level binding.
#[derive(Clone, PartialEq, Debug)]
pub struct Global {
    /// Its name.
    pub name: String,
    /// Parameters; none for a CAF.
    pub params: Vec<Var>,
    /// What it computes.
    pub body: Expr,
}

/// A program.
#[derive(Clone, PartialEq, Debug)]
pub struct Program {
    /// Its constructors, built-in ones first.
    pub cons: Vec<Con>,
    /// The constructors it declares.
    pub declared: Vec<Constructor>,
    /// Its bindings.
    pub globals: Vec<Global>,
    /// The binding whose value the program is.
    pub entry: String,
    /// What every variable holds.
    pub kinds: Vec<Kind>,
    /// How each case's scrutinee returns: a value is evaluated, unless it comes in an unboxed tuple.
    pub frames: Vec<Frame>,
}

/// How the scrutinee of a case returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frame {
    /// A lifted value, evaluated.
    Evaluated,
    /// By representation, pointers unevaluated.
    Unlifted(Rep),
}

impl Program {
    /// What a variable holds.
    pub fn kind(&self, var: Var) -> Kind {
        self.kinds[var.0 as usize]
    }

    /// A constructor.
    pub fn con(&self, con: ConId) -> &Con {
        &self.cons[con.0 as usize]
    }

    /// How a case's scrutinee returns.
    pub fn frame(&self, frame: FrameId) -> Frame {
        self.frames[frame.0 as usize]
    }
}
