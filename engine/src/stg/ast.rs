//! The syntax as written. Names are unresolved and nothing is checked; places are kept for errors.

use super::diagnostic::Span;

/// A name and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident<'s> {
    /// The name.
    pub text: &'s str,
    /// Where it stands.
    pub span: Span,
}

/// A program.
#[derive(Debug, Default)]
pub struct Module<'s> {
    /// Constructors of every data declaration.
    pub datas: Vec<Vec<ConDecl<'s>>>,
    /// Top-level bindings.
    pub binds: Vec<Bind<'s>>,
}

/// A constructor of a data declaration.
#[derive(Debug)]
pub struct ConDecl<'s> {
    /// Its name.
    pub name: Ident<'s>,
    /// The types of its fields.
    pub fields: Vec<Type<'s>>,
}

/// A type, of which only what decides the representation is kept.
#[derive(Clone, Debug)]
pub struct Type<'s> {
    /// What the type is an application of; none for functions, lists and tuples, which are lifted.
    pub head: Option<Ident<'s>>,
    /// Where it stands.
    pub span: Span,
}

/// A name that is being bound.
#[derive(Clone, Debug)]
pub struct Binder<'s> {
    /// The name; `_` binds nothing.
    pub name: Ident<'s>,
    /// Its type, if it is given.
    pub ty: Option<Type<'s>>,
}

/// `name = \params -> body`; without parameters, a thunk.
#[derive(Debug)]
pub struct Bind<'s> {
    /// What is bound.
    pub name: Ident<'s>,
    /// Parameters.
    pub params: Vec<Binder<'s>>,
    /// What it computes.
    pub body: Expr<'s>,
}

/// A literal.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// Int#
    Int(i64),
    /// Word#
    Word(u64),
    /// Char#
    Char(char),
    /// Float#
    Float(f32),
    /// Double#
    Double(f64),
    /// Addr# of these bytes and a NUL
    String(Vec<u8>),
}

/// An argument: what needs no evaluation to be passed on.
#[derive(Clone, Debug)]
pub enum Atom<'s> {
    /// A variable or, as a function, a primop.
    Var(Ident<'s>),
    /// A constructor: without fields if it is an argument.
    Con(Ident<'s>),
    /// A literal.
    Literal(Literal, Span),
}

impl Atom<'_> {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Atom::Var(ident) | Atom::Con(ident) => ident.span.clone(),
            Atom::Literal(_, span) => span.clone(),
        }
    }
}

/// An expression.
#[derive(Debug)]
pub enum Expr<'s> {
    /// A function, primop or constructor and its arguments; without arguments, an atom.
    App(Atom<'s>, Vec<Atom<'s>>),
    /// `(# x #)` or `(# s, x #)`
    Unboxed(Vec<Atom<'s>>, Span),
    /// `let` and `letrec`
    Let {
        /// Whether the bindings see each other.
        rec: bool,
        /// The bindings.
        binds: Vec<Bind<'s>>,
        /// Where they are seen.
        body: Box<Expr<'s>>,
    },
    /// `case`
    Case(Box<Case<'s>>),
}

/// A case expression.
#[derive(Debug)]
pub struct Case<'s> {
    /// What is evaluated.
    pub scrutinee: Expr<'s>,
    /// What the value is called in all alternatives.
    pub binder: Option<Binder<'s>>,
    /// The alternatives, at least one.
    pub alts: Vec<Alt<'s>>,
    /// Where the word `case` stands.
    pub span: Span,
}

/// An alternative.
#[derive(Debug)]
pub struct Alt<'s> {
    /// What it matches.
    pub pattern: Pattern<'s>,
    /// What it computes.
    pub body: Expr<'s>,
}

/// A pattern.
#[derive(Debug)]
pub enum Pattern<'s> {
    /// A constructor and names of its fields.
    Con(Ident<'s>, Vec<Binder<'s>>),
    /// A literal.
    Literal(Literal, Span),
    /// Anything.
    Binder(Binder<'s>),
    /// `(# x #)` or `(# s, x #)`
    Unboxed(Vec<Binder<'s>>, Span),
}

impl Pattern<'_> {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Pattern::Con(name, _) => name.span.clone(),
            Pattern::Binder(binder) => binder.name.span.clone(),
            Pattern::Literal(_, span) | Pattern::Unboxed(_, span) => span.clone(),
        }
    }
}
