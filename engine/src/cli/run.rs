//! `bcvm run`: links a program, evaluates `main` and prints its value.

use super::Output;
use super::args::RunOptions;
use super::exit::{Exit, Failure};
use super::file;
use crate::show::{self, Bounds, Inspect, Outcome, ShowError};
use crate::unlinked::Program;
use crate::unlinked::link::{self, LinkError, Target};

/// An interpreter that can run a program: what links it and what shows its value agree on references.
pub trait Session: Target + Inspect<Ref = <Self as Target>::Ref, Error = <Self as Target>::Error> {
    /// What `--stats` prints: lines of text.
    fn statistics(&self) -> String;

    /// What an error of the interpreter means for the exit code.
    fn exit_of(&self, error: &<Self as Target>::Error) -> Exit;
}

/// Runs a program.
pub fn run<S: Session>(
    options: &RunOptions,
    open: impl FnOnce(&RunOptions) -> Result<S, Failure>,
    output: &mut Output,
) -> Result<(), Failure> {
    if !options.arguments.is_empty() {
        return Err(Failure::new(Exit::Input, "only a Haskell program takes arguments"));
    }
    let program = file::load(&options.file)?;
    let session = open(options)?;
    let bounds = Bounds { depth: options.max_depth, nodes: options.max_nodes };
    let shown = evaluate(&session, &program, bounds);
    if options.stats {
        let _ = writeln!(output.err, "{}", session.statistics().trim_end());
    }
    file::print(output, &format!("{}\n", shown?))
}

/// Links a program and shows its value.
pub fn evaluate<S: Session>(session: &S, program: &Program, bounds: Bounds) -> Result<String, Failure> {
    let linked = link::link(program, session).map_err(|error| {
        let exit = match &error {
            LinkError::Target { source, .. } => session.exit_of(source),
            LinkError::Count { .. } => Exit::Internal,
            LinkError::Unresolved(_) | LinkError::Duplicate(_) | LinkError::NoEntry(_) => Exit::Input,
        };
        Failure::from_error(exit, &error)
    })?;
    let value = linked.into_entry();
    show::show(session, program, &value, bounds).map_err(|error| match &error {
        ShowError::Machine(source) => Failure::from_error(session.exit_of(source), &error),
        ShowError::Outcome { outcome, printed } => {
            let (exit, what) = match outcome {
                Outcome::Exception(text) => (Exit::Exception, format!("uncaught exception: {text}")),
                Outcome::Limit(text) => (Exit::Limit, format!("limit reached: {text}")),
                Outcome::Crash(text) => (Exit::Crash, format!("the program crashed: {text}")),
                Outcome::Value => (Exit::Internal, "an evaluation ended without a value".into()),
            };
            // What was printed may be long; its beginning says where in the value it happened.
            let beginning: String = printed.chars().take(200).collect();
            let place =
                if beginning.is_empty() { String::new() } else { format!("\n  while printing: {beginning}…") };
            Failure::new(exit, what + &place)
        }
    })
}
