//! Our machine beside GHC's own server: the same bytes, in turns, in the same minute; prints a table of ratios.
//!
//! Not a criterion bench, because what counts here is the ratio, and a machine that does other things, too, is slower at
//! one time than at another: so all kinds take turns, and the median over the rounds is shown with its range.
//! `--haskell` shows the Haskell programs alone; `--policy` shows what a policy and a record cost, and nothing else.

use bcvm_benches::haskell::{LINES, PROGRAMS, Timed};
use bcvm_benches::machine::{Kind, Machine, engine, kinds};
use bcvm_benches::programs::{self, Bench};
use bcvm_benches::shape;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

/// Time on the clock and on processors.
#[derive(Clone, Copy, Default)]
struct Time {
    wall: Duration,
    cpu: Duration,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` names benches for all; this one has a place of its own.
    if !arguments.iter().any(|a| a == "--vs-ghc") {
        return;
    }
    if !kinds().contains(&Kind::Ghc) {
        println!("GHC 9.0.2 is not installed: there is nothing to compare with");
    }
    println!("{ROUNDS} rounds in turns; median (least to greatest); the ratio is that of medians to ghc-iserv's\n");
    if arguments.iter().any(|a| a == "--policy") {
        return policy().expect("the program runs");
    }
    haskell().expect("the Haskell programs run");
    if arguments.iter().any(|a| a == "--haskell") {
        return;
    }
    engine();
    table("start to first reply, µs", &[1.0], &[String::from("new machine")], |kind, _| startup(kind));
    let sizes = [1usize, 1_000, 10_000, 100_000];
    let bcos: Vec<f64> = sizes.iter().map(|n| shape::batch(*n, 0).bcos as f64).collect();
    let names = sizes.map(|n| format!("create_bcos {n}"));
    table("time for each BCO, nested ones counted, µs", &bcos, &names, |kind, i| create(kind, sizes[i]));
    let benches = [
        programs::nfib_lazy(27),
        programs::nfib_strict(28),
        programs::sum_loop(1_000_000),
        programs::unknown_calls(500_000),
        programs::partial_calls(500_000),
        programs::uneven_calls(200_000),
        programs::short_lived(1_000_000),
        programs::long_lived(500_000),
    ];
    let steps: Vec<f64> = benches.iter().map(|b| b.steps as f64).collect();
    let names: Vec<String> = benches.iter().map(|b| format!("{}, each {}", b.name, b.unit)).collect();
    let machines: Vec<(Kind, Machine)> = kinds().iter().map(|kind| (*kind, Machine::new(*kind))).collect();
    table("time for each step, µs", &steps, &names, |kind, i| {
        let machine = machines.iter().find(|(k, _)| *k == kind).map(|(_, machine)| machine);
        evaluate(machine.expect("there is one of each kind"), &benches[i])
    });
}

/// Programs that GHC runs as byte code: the server's processor time.
fn haskell() -> std::io::Result<()> {
    let directory = std::env::temp_dir().join(format!("bcvm-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let (Some(theirs), Some(ours)) = (Timed::ghc_iserv(&directory)?, Timed::bcvm_iserv(&directory)?) else {
        println!("Haskell programs: GHC 9.0.2 or bcvm-iserv is not there\n");
        return std::fs::remove_dir_all(&directory);
    };
    println!("Haskell programs as byte code, the server's processor time, ms");
    println!("{:20} {:>28} {:>28} {:>6}", "", "ghc-iserv", "bcvm-iserv", "ratio");
    let mut sum = [0.0, 0.0];
    for program in &PROGRAMS {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            let (time, expected) = theirs.measure(program)?;
            times[0].push(Time { wall: Duration::ZERO, cpu: time });
            let (time, output) = ours.measure(program)?;
            times[1].push(Time { wall: Duration::ZERO, cpu: time });
            assert_eq!(output, expected, "{} does the same with both", program.name);
        }
        let spreads = times.map(|times| Spread::of(&times, |t| t.cpu, 1e3));
        let ratio = spreads[1].median / spreads[0].median;
        println!("{:20} {:>28} {:>28} {ratio:>6.2}", program.name, spreads[0].show(), spreads[1].show());
        for (sum, spread) in sum.iter_mut().zip(&spreads) {
            *sum += spread.median;
        }
    }
    println!("{:20} {:>28.1} {:>28.1} {:>6.2}\n", "sum of medians", sum[0], sum[1], sum[1] / sum[0]);
    std::fs::remove_dir_all(&directory)
}

/// What it costs a program that reads and writes that a policy file applies and that its uses are recorded.
fn policy() -> std::io::Result<()> {
    const POLICY: &str = "[[directory]]\npath = '.'\naccess = 'read-write'\n\
        [streams]\nstdout = 'inherit'\n[limits]\noutput = '1G'\n";
    let place = tempfile::tempdir()?;
    let directory = place.path();
    let top = format!("preset = 'strict'\nworking-directory = {:?}\n", directory.canonicalize()?);
    std::fs::write(directory.join("policy.toml"), top + POLICY)?;
    let kinds: [(&str, &[&str]); 4] = [
        ("neither", &[]),
        ("policy", &["--policy=policy.toml"]),
        ("record", &["--audit=record"]),
        ("both", &["--policy=policy.toml", "--audit=record"]),
    ];
    let mut servers = Vec::new();
    for (name, options) in kinds {
        servers.push((name, Timed::bcvm_iserv_with(directory, name, options)?, Vec::new()));
    }
    for _ in 0..ROUNDS {
        for (_, server, times) in &mut servers {
            let Some(server) = server else { continue };
            let (cpu, output) = server.measure(&LINES)?;
            assert_eq!(output.trim(), LINES.size.to_string());
            times.push(Time { wall: Duration::ZERO, cpu });
        }
    }
    println!("{}, the server's processor time, ms", LINES.name);
    let mut neither = None;
    for (name, _, times) in servers.iter().filter(|(_, _, times)| !times.is_empty()) {
        let spread = Spread::of(times, |t| t.cpu, 1e3);
        let ratio = spread.median / *neither.get_or_insert(spread.median);
        println!("{name:20} {:>28} {ratio:>6.3}", spread.show());
    }
    Ok(())
}

/// Measures every row on every machine, and prints what a unit takes.
fn table(title: &str, units: &[f64], names: &[String], mut measure: impl FnMut(Kind, usize) -> Time) {
    println!("{title}");
    println!("{:34} {:10} {:>28} {:>28} {:>6} {:>6}", "", "", "clock", "processor", "ratio", "ratio");
    for (row, (name, units)) in names.iter().zip(units).enumerate() {
        let mut times: Vec<Vec<Time>> = kinds().iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (times, kind) in times.iter_mut().zip(kinds()) {
                times.push(measure(*kind, row));
            }
        }
        let spreads: Vec<[Spread; 2]> = times
            .iter()
            .map(|times| [Spread::of(times, |t| t.wall, *units), Spread::of(times, |t| t.cpu, *units)])
            .collect();
        let ghc = kinds().iter().position(|kind| *kind == Kind::Ghc);
        for (kind, [wall, cpu]) in kinds().iter().zip(&spreads) {
            let ratio = |own: &Spread, which: usize| match ghc {
                Some(ghc) if own.median > 0.0 && spreads[ghc][which].median > 0.0 => {
                    format!("{:.3}", own.median / spreads[ghc][which].median)
                }
                _ => "-".into(),
            };
            let (a, b) = (ratio(wall, 0), ratio(cpu, 1));
            println!("{name:34} {:10} {:>28} {:>28} {a:>6} {b:>6}", kind.name(), wall.show(), cpu.show());
        }
    }
    println!();
}

/// Microseconds for a unit, over all rounds.
struct Spread {
    least: f64,
    median: f64,
    greatest: f64,
}

impl Spread {
    fn of(times: &[Time], which: impl Fn(&Time) -> Duration, units: f64) -> Spread {
        let mut each: Vec<f64> = times.iter().map(|t| which(t).as_secs_f64() * 1e6 / units).collect();
        each.sort_by(f64::total_cmp);
        Spread { least: each[0], median: each[each.len() / 2], greatest: each[each.len() - 1] }
    }

    /// What is too short for the kernel's tick is not shown.
    fn show(&self) -> String {
        if self.median == 0.0 {
            return "-".into();
        }
        format!("{:.4} ({:.4}-{:.4})", self.median, self.least, self.greatest)
    }
}

fn timed(machine: &Machine, work: impl FnOnce()) -> Time {
    let (cpu, start) = (machine.cpu(), Instant::now());
    work();
    let wall = start.elapsed();
    let cpu = machine.cpu().saturating_sub(cpu);
    // Of less than ten ticks nothing can be said.
    Time { wall, cpu: if wall < Duration::from_millis(40) { Duration::ZERO } else { cpu } }
}

fn startup(kind: Kind) -> Time {
    let start = Instant::now();
    let machine = Machine::empty(kind);
    let wall = start.elapsed();
    drop(machine);
    Time { wall, cpu: Duration::ZERO }
}

fn create(kind: Kind, n: usize) -> Time {
    let machine = Machine::empty(kind);
    let batch = shape::batch(n, machine.constructor(2, "main:Main.Synth"));
    let mut values = Vec::new();
    let time = timed(&machine, || values = machine.create_bcos(&batch.chunks));
    assert_eq!(values.len(), n);
    time
}

fn evaluate(machine: &Machine, bench: &Bench) -> Time {
    let value = machine.link(&bench.program);
    let time = timed(machine, || machine.seq(&value));
    assert_eq!(machine.word(&value), bench.value, "{}", bench.name);
    machine.free(vec![value]);
    time
}
