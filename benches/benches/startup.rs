//! A new machine until its first answer: ours from a compiled engine, GHC's from starting its process.

use bcvm_benches::machine::{Machine, engine, kinds};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;

fn startup(c: &mut Criterion) {
    engine();
    let mut group = c.benchmark_group("startup");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for kind in kinds() {
        group.bench_function(kind.name(), |b| b.iter_with_large_drop(|| black_box(Machine::empty(*kind))));
    }
    group.finish();
}

criterion_group!(benches, startup);
criterion_main!(benches);
