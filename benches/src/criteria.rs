//! The loop that the criterion benches of programs have in common.

use super::machine::{Machine, kinds};
use super::programs::Bench;
use criterion::{Criterion, Throughput};
use std::time::{Duration, Instant};

/// Measures the evaluation of each program on each machine. A program's value can be evaluated once, so each time it is
/// linked anew, which does not count.
pub fn programs(c: &mut Criterion, group: &str, benches: &[Bench]) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for bench in benches {
        group.throughput(Throughput::Elements(bench.steps));
        for kind in kinds() {
            let machine = Machine::new(*kind);
            group.bench_function(format!("{}/{}", bench.name, kind.name()), |b| {
                b.iter_custom(|times| {
                    let mut total = Duration::ZERO;
                    for _ in 0..times {
                        let value = machine.link(&bench.program);
                        let start = Instant::now();
                        machine.seq(&value);
                        total += start.elapsed();
                        assert_eq!(machine.word(&value), bench.value, "{}", bench.name);
                        machine.free(vec![value]);
                    }
                    total
                });
            });
        }
    }
    group.finish();
}
