//! `bcvm-iserv`: the interpreter server that GHC starts with `-fexternal-interpreter -pgmi bcvm-iserv`.
//!
//! Only arguments, messages to the user and the exit code are here; the server is `bcvm_engine::server`.

use std::env;
use std::io::IsTerminal;
use std::process::ExitCode;

use bcvm_engine::server::arguments::{ArgumentError, Arguments, Setup};
use bcvm_engine::server::{MachineServer, RunError, ServeError, run_with};
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let arguments = match Arguments::parse_from_ghc(env::args_os()) {
        Ok(arguments) => arguments,
        Err(ArgumentError::Usage(usage)) => {
            // Standard output belongs to the program GHC runs, unless the user asked for help.
            let _ = usage.print();
            return ExitCode::from(u8::from(usage.use_stderr()));
        }
        Err(error) => return fail(&error),
    };
    let level = match arguments.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .init();
    let Setup { interpreter, config } = match arguments.setup() {
        Ok(setup) => setup,
        Err(error) => return fail(&error),
    };
    match run_with(&arguments, config, || MachineServer::new(interpreter)) {
        Ok(code) => ExitCode::from(code),
        // A GHC that ends with an error of its own says no good-bye, and has told the user everything.
        Err(RunError::Serve(error @ ServeError::Eof { .. })) => {
            tracing::debug!("{error}");
            ExitCode::FAILURE
        }
        Err(error) => fail(&error),
    }
}

/// GHC itself reports only that its server terminated with 1.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("bcvm-iserv: {error}");
    ExitCode::FAILURE
}
