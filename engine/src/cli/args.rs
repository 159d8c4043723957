//! The command line's options.

use super::exit;
use crate::policy::Limits;
use crate::show::Bounds;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// GHC byte code in a sandbox.
#[derive(Parser, Debug)]
#[command(name = "bcvm", version, after_help = exit::HELP)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a Haskell program with the installed GHC; of STG text or a byte code file, print the value of `main`
    #[command(after_help = exit::HELP)]
    Run(RunOptions),
    /// Start GHC's interactive session with all evaluation in the sandbox
    Ghci(GhciOptions),
    /// Compile an STG program to a byte code file
    Compile(CompileOptions),
    /// List a program's byte code
    Dis(DisOptions),
    /// Show what is in object files and archives, and whether their code can be translated
    #[command(after_help = OBJINFO_HELP)]
    Objinfo(ObjinfoOptions),
    /// Show one function of an object: its machine code, and what it is translated to
    #[command(after_help = LIFT_HELP)]
    Lift(LiftOptions),
    /// Link and compile the packages of the installed GHC now, so that nobody waits for it later
    Warm,
    /// List the messages of a session that `bcvm-iserv --record` has recorded
    Transcript(TranscriptOptions),
    /// Play a recorded session to an interpreter server and compare its replies
    Replay(ReplayOptions),
    /// Look at policies: what programs in the sandbox may reach
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Summarise what `bcvm-iserv --audit` has recorded
    Audit(AuditOptions),
}

/// Commands of `policy`.
#[derive(Subcommand, Debug)]
pub enum PolicyCommand {
    /// Say whether a policy file is in order
    Check(PolicyOptions),
    /// Say in plain words what a policy grants; without a file, what applies in this directory
    Explain(ExplainOptions),
}

/// Options of `policy check`.
#[derive(Args, Debug)]
pub struct PolicyOptions {
    /// The policy
    pub file: PathBuf,
}

/// Options of `policy explain`.
#[derive(Args, Debug)]
pub struct ExplainOptions {
    /// The policy
    pub file: Option<PathBuf>,
}

/// Options of `audit`.
#[derive(Args, Debug)]
pub struct AuditOptions {
    /// The record
    pub file: PathBuf,
}

/// Options of `run`.
#[derive(Args, Debug)]
pub struct RunOptions {
    /// The program: a Haskell module (.hs, .lhs), STG text or a byte code file
    pub file: PathBuf,
    /// What a Haskell program gets as its arguments; those that begin with a dash after `--`
    pub arguments: Vec<OsString>,
    /// GHC, for Haskell programs.
    #[command(flatten)]
    pub ghc: GhcOptions,
    /// What runs the program
    #[arg(long, value_enum, default_value_t = Backend::Sandboxed)]
    pub backend: Backend,
    /// What the program may use.
    #[command(flatten)]
    pub limits: Limits,
    /// How deep values are printed within values
    #[arg(long, value_name = "N", default_value_t = Bounds::default().depth,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=Bounds::MAX_DEPTH as u64))]
    pub max_depth: usize,
    /// How many constructors are printed
    #[arg(long, value_name = "N", default_value_t = Bounds::default().nodes)]
    pub max_nodes: usize,
    /// Print statistics to stderr at the end
    #[arg(long)]
    pub stats: bool,
    /// Print every instruction to stderr before it runs
    #[arg(long)]
    pub trace: bool,
}

/// Which GHC, and how it is called.
#[derive(Args, Debug)]
pub struct GhcOptions {
    /// GHC 9.0.2
    #[arg(long, value_name = "PROGRAM", default_value = "ghc")]
    pub ghc: PathBuf,
    /// An option for GHC, as in --ghc-option=-XGADTs
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub ghc_option: Vec<OsString>,
}

/// Options of `ghci`.
#[derive(Args, Debug)]
pub struct GhciOptions {
    /// Which GHC.
    #[command(flatten)]
    pub ghc: GhcOptions,
    /// GHC's own arguments: modules to load, and its options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

/// What runs a program.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    /// The WebAssembly sandbox
    Sandboxed,
    /// The same machine within this process
    Internal,
}

/// Options of `compile`.
#[derive(Args, Debug)]
pub struct CompileOptions {
    /// The program
    pub file: PathBuf,
    /// The byte code file to write
    #[arg(short, long)]
    pub output: PathBuf,
}

/// Options of `dis`.
#[derive(Args, Debug)]
pub struct DisOptions {
    /// The program: STG text or a byte code file
    pub file: PathBuf,
}

const OBJINFO_HELP: &str = "\
Exit codes:
  0  all code can be translated; with --missing: nothing is missing
  2  a file is not what it should be
  4  some function would trap, or some symbol is missing";

/// Options of `objinfo`.
#[derive(Args, Debug)]
pub struct ObjinfoOptions {
    /// Objects and archives; with --missing, those of all installed packages of GHC by default
    #[arg(required_unless_present = "missing")]
    pub files: Vec<PathBuf>,
    /// List the symbols that none of the files and not the runtime defines, and who wants them
    #[arg(long)]
    pub missing: bool,
}

const LIFT_HELP: &str = "\
Example:
  bcvm lift --emit wat sum.o sum

Addresses are those that the object has where it is loaded first. Symbols of other objects stand for numbers from
0x1000000 on. A function may have several parts: places that more than one function jumps to are functions of their own.

Exit codes:
  0  it was shown
  2  a file is not what it should be, or has no such function
  4  it was shown, and would trap when it comes to what is not supported";

/// Options of `lift`.
#[derive(Args, Debug)]
pub struct LiftOptions {
    /// What to show of the translation
    #[arg(long, value_enum, default_value_t = Emit::Wat)]
    pub emit: Emit,
    /// The object, shared object or archive
    pub file: PathBuf,
    /// The function's symbol
    pub function: String,
}

/// What `lift` can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Emit {
    /// WebAssembly text beside x86-64 assembly
    Wat,
    /// The machine code alone
    Asm,
}

/// Options of `transcript`.
#[derive(Args, Debug)]
pub struct TranscriptOptions {
    /// The recording
    pub file: PathBuf,
}

/// Options of `replay`.
#[derive(Args, Debug)]
pub struct ReplayOptions {
    /// The recording
    pub file: PathBuf,
    /// The server, GHC's own or another; by default the bcvm-iserv beside this program
    #[arg(long, value_name = "PROGRAM")]
    pub server: Option<PathBuf>,
}

/// A number of bytes: digits, then K, M or G, with or without B or iB; all of them powers of 1024.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = number_and_unit(text)?;
    let factor = match unit.to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return Err("a size is a number with K, M or G, as in 64M".into()),
    };
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or("this size is out of range".into())
}

/// A number that is not 0.
pub fn parse_count(text: &str) -> Result<u64, String> {
    match number_and_unit(text)? {
        (0, _) => Err("0 is no limit that anything could keep".into()),
        (number, "") => Ok(number),
        (_, unit) => Err(format!("this number has no unit, as {unit:?}")),
    }
}

/// A duration: digits and ms, s or m.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = number_and_unit(text)?;
    let millis = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" | "min" => number.checked_mul(60_000),
        _ => return Err("a duration is a number with ms, s or m, as in 10s".into()),
    };
    millis.filter(|millis| *millis > 0).map(Duration::from_millis).ok_or("this duration is out of range".into())
}

fn number_and_unit(text: &str) -> Result<(u64, &str), String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    number.parse().map(|number| (number, unit)).map_err(|_| format!("{text:?} does not begin with a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn options_are_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn sizes_and_durations() {
        assert_eq!(parse_size("64M"), Ok(64 << 20));
        assert_eq!(parse_size("1GiB"), Ok(1 << 30));
        assert_eq!(parse_size("10kb"), Ok(10 << 10));
        assert_eq!(parse_size("4096"), Ok(4096));
        for bad in ["", "M", "-1", "0", "1T", "99999999999999999999", "99999999999G", "1 M"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_count("1000"), Ok(1000));
        for bad in ["", "-1", "0", "1K", "99999999999999999999"] {
            assert!(parse_count(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "5", "5h", "0s", "999999999999999999m"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
