//! Creating BCOs, in a machine that has nothing else.

use bcvm_benches::machine::{Machine, kinds};
use bcvm_benches::shape;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::{Duration, Instant};

fn create_bcos(c: &mut Criterion) {
    let mut group = c.benchmark_group("create_bcos");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for n in [1, 1_000, 10_000, 100_000] {
        for kind in kinds() {
            // Addresses differ between machines, counts do not.
            group.throughput(Throughput::Elements(shape::batch(n.min(10), 0).bcos * n as u64 / n.min(10) as u64));
            group.bench_function(format!("{n}/{}", kind.name()), |b| {
                b.iter_custom(|times| {
                    let mut total = Duration::ZERO;
                    for _ in 0..times {
                        let machine = Machine::empty(*kind);
                        let batch = shape::batch(n, machine.constructor(2, "main:Main.Synth"));
                        let start = Instant::now();
                        let values = machine.create_bcos(&batch.chunks);
                        total += start.elapsed();
                        assert_eq!(values.len(), n);
                    }
                    total
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, create_bcos);
criterion_main!(benches);
