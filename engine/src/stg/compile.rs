//! The compiler: text in, program or errors out. What the passes do is their own files' matter.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::{check, lower, parse};
use crate::unlinked::Program;

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
