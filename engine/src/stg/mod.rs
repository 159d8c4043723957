//! The small STG text language: from `.stg` text to a program of `UnlinkedBco`s.
//!
//! | file | what |
//! |---|---|
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
pub mod diagnostic;
pub mod ir;
pub mod lex;
pub mod lower;
pub mod parse;

use crate::unlinked::Program;
use diagnostic::{Diagnostic, Diagnostics};

/// The largest source text that is read.
pub const MAX_SOURCE_BYTES: usize = 16 << 20;

/// Compiles a program's text; `file` is what errors call it.
pub fn compile(file: &str, source: &str) -> Result<Program, Diagnostics> {
    let errors = |errors| Diagnostics::new(file, source, errors);
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("the program has {} bytes; at most {MAX_SOURCE_BYTES} are read", source.len());
        return Err(errors(vec![Diagnostic::new(0..0, message)]));
    }
    let module = parse::parse(source).map_err(errors)?;
    let program = check::check(&module).map_err(errors)?;
    lower::lower(&program).map_err(|error| errors(vec![Diagnostic::new(0..0, error.to_string())]))
}
