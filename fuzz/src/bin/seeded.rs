//! Runs seeded cases of the targets; `cargo xtask fuzz` starts it.

use bcvm_fuzz::driver;
use bcvm_fuzz::targets::ALL;
use clap::Parser;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Run seeded cases of the fuzz targets, with any toolchain
#[derive(Parser)]
struct Options {
    /// Which targets: all, if none is named
    targets: Vec<String>,
    /// How many cases of each; by default some seconds' worth
    #[arg(long)]
    cases: Option<u64>,
    /// Go on with further cases of all of them until so many minutes have passed: a night has 480
    #[arg(long, default_value_t = 0)]
    minutes: u64,
    /// What the cases are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first case
    #[arg(long, default_value_t = 0)]
    first: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(unknown) = options.targets.iter().find(|name| ALL.iter().all(|target| target.name != **name)) {
        let names: Vec<&str> = ALL.iter().map(|target| target.name).collect();
        eprintln!("there is no target {unknown}; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let is_wanted = |name| options.targets.is_empty() || options.targets.iter().any(|wanted| wanted == name);
    let end = Duration::from_secs(options.minutes.saturating_mul(60));
    let begun = Instant::now();
    for round in 0.. {
        for target in ALL.iter().filter(|target| is_wanted(target.name)) {
            let cases = options.cases.unwrap_or(target.cases * 5);
            let first = options.first.saturating_add(cases.saturating_mul(round));
            let start = Instant::now();
            driver::run(target, options.seed, first..first.saturating_add(cases));
            println!("{}: {cases} cases from {first} in {:.1} s", target.name, start.elapsed().as_secs_f64());
        }
        if begun.elapsed() >= end {
            break;
        }
    }
    ExitCode::SUCCESS
}
