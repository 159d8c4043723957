//! Allocation and collection: with everything garbage, and with everything alive.

use bcvm_benches::{criteria, programs};
use criterion::{Criterion, criterion_group, criterion_main};

fn alloc_gc(c: &mut Criterion) {
    criteria::programs(c, "alloc_gc", &[programs::short_lived(100_000), programs::long_lived(100_000)]);
}

criterion_group!(benches, alloc_gc);
criterion_main!(benches);
