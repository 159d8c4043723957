//! Exit codes, and errors that know theirs.

use std::error::Error;
use std::fmt;

/// How the program ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// The command was carried out.
    Ok = 0,
    /// The program raised a Haskell exception that nothing caught.
    Exception = 1,
    /// The command line or an input file is wrong.
    Input = 2,
    /// A limit was reached: memory, time, stack.
    Limit = 3,
    /// The program crashed within its sandbox.
    Crash = 4,
    /// bcvm itself failed.
    Internal = 5,
}

/// The meaning of exit codes, for `--help`.
pub const HELP: &str = "\
Exit codes:
  0  the command was carried out
  1  the program raised an exception that nothing caught
  2  the command line or an input file is wrong
  3  a limit was reached: memory or time
  4  the program crashed within its sandbox
  5  bcvm itself failed
A Haskell program ends with its own code, 1 if an exception ends it.";

/// Why a command was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What to tell the user.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    /// A failure.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into() }
    }

    /// From an error and those that caused it.
    pub fn from_error(exit: Exit, error: &dyn Error) -> Failure {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Failure { exit, message }
    }
}
