//! Random programs of several threads, under many schedules. Where threads switch is up to `yield#`s in random places and
//! to collections, which the sanity build has at every few allocations.

use crate::io::*;
use crate::vm::*;
use bcvm::interp::machine::Machine;
use bcvm::primop::effect::Effect;

const SEEDS: u64 = if cfg!(feature = "sanity") { 40 } else { 150 };

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    /// A few yields, or none.
    fn pause(&mut self) -> Vec<Step> {
        let n = self.below(4).saturating_sub(1);
        vec![op(Effect::Yield, &[]); n as usize]
    }
}

/// A machine whose collections come at a pace that depends on the seed.
fn machine_of(seed: u64) -> Machine {
    machine_with(16 << 20, |c| c.heap_config.gc_every_n_allocations = 1 + (seed % 7) as u32)
}

fn unit() -> Step {
    op(Effect::MyThreadId, &[])
}

fn fork(body: Vec<Step>) -> Step {
    op(Effect::Fork, &[action(steps(&[body, vec![unit()]].concat()))])
}

#[test]
fn producers_and_consumers_lose_nothing() {
    for seed in 0..SEEDS {
        let (m, rnd) = (&mut machine_of(seed), &mut Random::new(seed));
        let vars: Vec<u64> = (0..2).map(|_| new_mvar(m)).collect();
        let (done, log) = (new_mvar(m), new_log(m));
        let mut threads = Vec::new();
        let mut expected = Vec::new();
        for tag in 0..4 {
            let (mut puts, mut takes) = (Vec::new(), Vec::new());
            let var = vars[rnd.below(2) as usize];
            for i in 0..1 + rnd.below(4) {
                let item = tag * 10 + i;
                expected.push(item);
                puts.extend(rnd.pause());
                puts.push(op(Effect::PutMVar, &[object(var), int(item)]));
                takes.extend(rnd.pause());
                if rnd.below(2) == 0 {
                    takes.push(op(Effect::ReadMVar, &[object(var)]));
                }
                takes.push(op(Effect::TakeMVar, &[object(var)]));
                // The item itself goes to the log, by way of a list of its own.
                takes.extend(note(log, item));
            }
            for body in [&mut puts, &mut takes] {
                body.push(op(Effect::PutMVar, &[object(done), int(0)]));
            }
            threads.push(puts);
            threads.push(takes);
        }
        let mut main = Vec::new();
        while !threads.is_empty() {
            let i = rnd.below(threads.len() as u64) as usize;
            main.push(fork(threads.swap_remove(i)));
            main.extend(rnd.pause());
        }
        main.extend(vec![op(Effect::TakeMVar, &[object(done)]); 8]);
        returns(m, steps(&main));
        let mut all = logged(m, log);
        all.sort_unstable();
        expected.sort_unstable();
        assert_eq!(all, expected, "seed {seed}");
    }
}

#[test]
fn a_lock_is_free_in_the_end_whoever_is_killed() {
    let mut caught = 0;
    for seed in 0..SEEDS {
        let (m, rnd) = (&mut machine_of(seed), &mut Random::new(seed));
        let (lock, done, log) = (new_mvar(m), new_mvar(m), new_log(m));
        let names: Vec<u64> = (0..3).map(|_| new_mvar(m)).collect();
        let mut main = vec![op(Effect::PutMVar, &[object(lock), int(0)])];
        for (tag, name) in names.iter().enumerate() {
            let mut body = rnd.pause();
            for _ in 0..3 {
                // While it holds the lock nothing it does blocks, but for what it was given: its own log.
                let critical = [
                    vec![op(Effect::TakeMVar, &[object(lock)])],
                    rnd.pause(),
                    vec![op(Effect::PutMVar, &[object(lock), int(tag as u64)]), unit()],
                ];
                body.push(op(Effect::MaskAsyncExceptions, &[action(steps(&critical.concat()))]));
                body.extend(rnd.pause());
            }
            body.push(unit());
            let ends = [op(Effect::PutMVar, &[object(done), int(tag as u64)]), unit()];
            let caught = handler(&[&note(log, tag as u64)[..], &[unit()]].concat());
            let unmasked = steps(&[op(Effect::UnmaskAsyncExceptions, &[action(steps(&body))])]);
            let guarded = op(Effect::Catch, &[action(unmasked), action(caught)]);
            main.push(op(Effect::MaskAsyncExceptions, &[action(steps(&[fork_named(guarded, &ends, *name)]))]));
            main.extend(rnd.pause());
        }
        let victims = 1 + rnd.below(3) as usize;
        for name in &names[..victims] {
            main.extend(rnd.pause());
            main.push(op(Effect::TakeMVar, &[object(*name)]));
            main.push(op(Effect::KillThread, &[Arg::Last, int(9)]));
        }
        main.extend(vec![op(Effect::TakeMVar, &[object(done)]); 3]);
        main.push(op(Effect::TakeMVar, &[object(lock)]));
        main.extend(note(log, 50));
        main.push(unit());
        returns(m, steps(&main));
        let all = logged(m, log);
        assert_eq!(all.last(), Some(&50), "seed {seed}");
        assert!(all.len() <= victims + 1, "seed {seed}: {all:?}");
        caught += all.len() - 1;
    }
    assert!(caught > 0, "nobody was ever killed in time");
}

/// Forks a thread that puts its name, runs `guarded` and then `ends`, also after an exception.
fn fork_named(guarded: Step, ends: &[Step], name: u64) -> Step {
    let body = steps(&[&[guarded][..], ends].concat());
    let child = steps(&[
        op(Effect::MyThreadId, &[]),
        op(Effect::PutMVar, &[object(name), Arg::Last]),
        op(Effect::Catch, &[action(body), action(handler(ends))]),
    ]);
    op(Effect::Fork, &[action(child)])
}

#[test]
fn transactions_permute_and_lose_nothing() {
    for seed in 0..SEEDS {
        let (m, rnd) = (&mut machine_of(seed), &mut Random::new(seed));
        let tvar = |m: &mut Machine, n| make(m, Effect::NewTVar, &[small_int(n)]);
        let vars: Vec<u64> = (0..4).map(|n| tvar(m, n)).collect();
        let (spare, done) = (tvar(m, 100), new_mvar(m));
        let mut main = Vec::new();
        for _ in 0..4 {
            let mut body = Vec::new();
            for _ in 0..3 {
                let (a, b) = (vars[rnd.below(4) as usize], vars[rnd.below(4) as usize]);
                let mut swap = Vec::new();
                for (from, to) in [(a, spare), (b, a), (spare, b)] {
                    swap.extend(rnd.pause());
                    swap.push(op(Effect::ReadTVar, &[object(from)]));
                    swap.push(op(Effect::WriteTVar, &[object(to), Arg::Last]));
                }
                swap.push(unit());
                let mess = [op(Effect::WriteTVar, &[object(a), int(77)]), op(Effect::Retry, &[])];
                let body_ = match rnd.below(3) {
                    0 => steps(&swap),
                    1 => steps(&[op(Effect::CatchRetry, &[action(steps(&mess)), action(steps(&swap))])]),
                    _ => steps(&[op(Effect::CatchRetry, &[action(steps(&swap)), action(steps(&mess))])]),
                };
                body.push(op(Effect::Atomically, &[action(body_)]));
                body.extend(rnd.pause());
            }
            body.push(op(Effect::PutMVar, &[object(done), int(0)]));
            main.push(fork(body));
        }
        main.extend(vec![op(Effect::TakeMVar, &[object(done)]); 4]);
        returns(m, steps(&main));
        let mut values: Vec<i64> = Vec::new();
        for v in vars {
            let r = make(m, Effect::ReadTVarIO, &[m.stable.find(v).expect("a reference").word()]);
            values.push(int_of(m, r));
        }
        values.sort_unstable();
        assert_eq!(values, [0, 1, 2, 3], "seed {seed}");
    }
}
