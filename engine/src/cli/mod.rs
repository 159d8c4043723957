//! The command line `bcvm`: what its commands do, apart from the interpreter that `run` needs.
//!
//! | file | what |
//! |---|---|
//! | [`args`] | options, sizes and durations |
//! | [`run`] | `bcvm run` on any interpreter |
//! | [`file`] | programs from files, `compile`, `dis` |
//! | [`backend`] | which interpreter `run` uses |
//! | [`exit`] | what exit codes mean |
//!
//! Output goes to writers given by the caller, so that tests can look at it.

pub mod args;
pub mod backend;
pub mod exit;
pub mod file;
pub mod run;

use args::{Command, Options, RunOptions};
use exit::Exit;
use std::io::Write;

/// Where output goes.
pub struct Output<'a> {
    /// Values and listings.
    pub out: &'a mut dyn Write,
    /// Errors, statistics and traces.
    pub err: &'a mut dyn Write,
}

/// Carries out a command line. `open` makes an interpreter for `run`.
pub fn main<S: run::Session>(
    options: &Options,
    open: impl FnOnce(&RunOptions) -> Result<S, exit::Failure>,
    output: &mut Output,
) -> Exit {
    let done = match &options.command {
        Command::Run(options) => run::run(options, open, output),
        Command::Compile(options) => file::compile(options),
        Command::Dis(options) => file::disassemble(options, output),
    };
    match done {
        Ok(()) => Exit::Ok,
        Err(failure) => {
            // Nobody is left to tell if even this can't be written.
            let _ = writeln!(output.err, "bcvm: {failure}");
            failure.exit
        }
    }
}
