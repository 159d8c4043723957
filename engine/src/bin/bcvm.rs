//! The program `bcvm`: parses the command line and hands it to the library.

use bcvm_engine::cli::{self, args::Options};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::parse();
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    let mut output = cli::Output { out: &mut out, err: &mut err };
    ExitCode::from(cli::main(&options, cli::backend::open, &mut output) as u8)
}
