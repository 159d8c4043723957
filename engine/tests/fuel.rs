//! Fuel is counted alike everywhere, and ends what uses it up. See Note [Fuel] in `bcvm/src/sched/fuel.rs`.

use std::sync::OnceLock;

use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::{Exception, ExceptionKind};
use bcvm_engine::policy::Limits;
use bcvm_engine::unlinked::link;
use bcvm_engine::{Backend, Interp, stg};

const FUEL: u64 = 2_000_000;

/// Programs that allocate, recur, throw, change arrays, and hold different amounts when garbage is collected.
const PROGRAMS: [(&str, &str); 4] = [
    ("numbers", include_str!("../../examples/numbers.stg")),
    ("tree", include_str!("../../examples/tree.stg")),
    ("exceptions", include_str!("../../examples/exceptions.stg")),
    ("mutable", include_str!("../../examples/mutable.stg")),
];
/// Allocates nothing.
const SPINS: &str = "spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\nmain = spin 0#";
/// Keeps what it allocates.
const GROWS: &str = "grow = \\xs -> let unit = (); more = unit : xs in grow more\nmain = let none = [] in grow none";
/// Goes on as often as it is interrupted.
const HANDLES: &str = "spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\n\
    body = \\(s :: State#) -> case spin 0# of v -> (# s, v #)\n\
    again = \\e (s :: State#) -> case spin 0# of v -> (# s, v #)\n\
    main = case catch# body again realWorld# of (# s, x #) -> x";

fn interp(backend: Backend, fuel: Option<u64>, memory: u64) -> Interp {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("the guest compiles"));
    let limits = Limits { fuel, memory: Some(memory), ..Limits::default() };
    Interp::builder().backend(backend).limits(limits).build_with(engine).expect("an interpreter")
}

/// How the evaluation of `main` ends, and what it has used.
fn run(interp: &Interp, source: &str) -> (Result<(), Exception>, u64) {
    let program = stg::compile("program", source).unwrap_or_else(|e| panic!("{e}"));
    let value = link::link(&program, interp).expect("it links").into_entry();
    let end = interp.seq_hvalue(&value).expect("the machine answers");
    (end, interp.stats().expect("it goes on").fuel)
}

#[test]
fn every_run_uses_the_same() {
    for (name, source) in PROGRAMS {
        let (_, first) = run(&interp(Backend::Internal, Some(FUEL), 64 << 20), source);
        assert!(first > 0 && first < FUEL, "{name}: {first}");
        for (backend, memory) in [(Backend::Internal, 4), (Backend::Sandboxed, 4), (Backend::Sandboxed, 64)] {
            let interp = interp(backend.clone(), Some(FUEL), memory << 20);
            for _ in 0..2 {
                assert_eq!(run(&interp, source).1, first, "{name}, {backend:?} with {memory} MiB");
            }
        }
        assert_eq!(run(&interp(Backend::Sandboxed, None, 64 << 20), source).1, 0, "nobody counts");
    }
}

#[test]
fn what_uses_it_up_is_ended_at_the_same_step() {
    for source in [SPINS, GROWS, HANDLES] {
        let mut ends = Vec::new();
        for backend in [Backend::Internal, Backend::Sandboxed, Backend::Sandboxed] {
            let interp = interp(backend, Some(FUEL), 256 << 20);
            let (end, used) = run(&interp, source);
            let exception = end.expect_err("it does not end well");
            assert_eq!(exception.kind, ExceptionKind::Limit, "{exception}");
            assert_eq!(exception.text, format!("it used up its fuel (limit {FUEL} steps)"));
            ends.push(used);
            // The next evaluation has its own.
            let (end, used) = run(&interp, PROGRAMS[0].1);
            assert!(end.is_ok() && used < FUEL, "{end:?}, {used}");
        }
        assert!(ends.iter().all(|used| *used == ends[0]), "{source}: {ends:?}");
        assert!((FUEL..FUEL * 2).contains(&ends[0]), "{source}: {ends:?}");
    }
}
