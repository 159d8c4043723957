//! The small STG text language: from `.stg` text to a program of `UnlinkedBco`s.
//!
//! | file | what |
//! |---|---|
//! | [`compile`](mod@compile) | all of it in a row |
//! | [`lex`] | tokens |
//! | [`ast`], [`parse`] | the syntax as written, and its parser |
//! | [`diagnostic`] | errors that show the line they are about |
//! | [`builtin`] | constructors, type names and primops that every program knows |
//! | [`check`] | names resolved, representations inferred: `ast` to `ir` |
//! | [`ir`] | a program as lowering wants it |
//! | [`lower`] | `ir` to byte code, as GHC's byte code compiler does it |
//!
//! `docs/stg.md` describes the language. There is no type checker and no optimiser: GHC is the real front end.

pub mod ast;
pub mod builtin;
pub mod check;
pub mod compile;
pub mod diagnostic;
pub mod ir;
pub mod lex;
pub mod lower;
pub mod parse;

pub use compile::compile;
