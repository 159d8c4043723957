//! Carrying out a command line. Output goes to writers given by the caller, so that tests can look at it.

use super::args::{Command, Options, PolicyCommand, RunOptions};
use super::exit::{self, Exit};
use super::{file, ghc, lift, objinfo, policy, run, session, warm};
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
        Command::Run(options) if ghc::is_haskell(&options.file) => ghc::run(options).map(|never| match never {}),
        Command::Run(options) => run::run(options, open, output),
        Command::Ghci(options) => ghc::interactive(options).map(|never| match never {}),
        Command::Compile(options) => file::compile(options),
        Command::Dis(options) => file::disassemble(options, output),
        Command::Objinfo(options) => objinfo::objinfo(options, output),
        Command::Lift(options) => lift::lift(options, output),
        Command::Warm => warm::warm(output),
        Command::Transcript(options) => session::transcript(options, output),
        Command::Replay(options) => session::replay(options, output),
        Command::Policy(PolicyCommand::Check(options)) => policy::check(options, output),
        Command::Policy(PolicyCommand::Explain(options)) => policy::explain(options, output),
        Command::Audit(options) => policy::audit(options, output),
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
