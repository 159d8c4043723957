//! The front door: `cargo xtask COMMAND`. Each command is a function in `tasks`; what a machine lacks is `setup`'s
//! business, how the tree must look `tidy`'s.

mod guest_toolchain;
mod setup;
mod tasks;
mod tidy;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Build, try, test and check bcvm.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, or say how
    Setup {
        /// Also what only tests need (GHC)
        #[arg(long)]
        tests: bool,
    },
    /// Build everything optimised and run the examples
    Demo,
    /// Run all tests, also with the sanity checks of the heap
    Test,
    /// Run the benches; arguments go to criterion
    Bench {
        /// Instead, print a table of ratios to GHC's own server
        #[arg(long)]
        vs_ghc: bool,
        /// For example the name of a bench, or `--baseline NAME`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run seeded cases of the fuzz targets
    Fuzz {
        /// Targets, `--cases N`, `--seed N`; see `--help`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check layers, file heads, `unsafe`, Notes, lengths and forbidden names
    Tidy,
    /// All that the continuous integration checks: setup, format, clippy, tidy, tests
    Ci,
}

fn main() -> Result<()> {
    let root = workspace_root()?;
    match Arguments::parse().command {
        Command::Setup { tests } => setup::run(tests),
        Command::Demo => tasks::demo(&root),
        Command::Test => tasks::test(&root),
        Command::Bench { arguments, vs_ghc } => tasks::bench(&root, &arguments, vs_ghc),
        Command::Fuzz { arguments } => tasks::fuzz(&root, &arguments),
        Command::Tidy => tasks::tidy(&root),
        Command::Ci => tasks::ci(&root),
    }
}

fn workspace_root() -> Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").context("xtask is started by cargo: `cargo xtask`")?;
    let root = PathBuf::from(own).parent().map(PathBuf::from);
    root.context("the directory of xtask lies in the workspace")
}
