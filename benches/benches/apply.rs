//! Applying functions: unknown ones, partial applications, too many arguments.

use bcvm_benches::{criteria, programs};
use criterion::{Criterion, criterion_group, criterion_main};

fn apply(c: &mut Criterion) {
    criteria::programs(
        c,
        "apply",
        &[programs::unknown_calls(10_000), programs::partial_calls(10_000), programs::uneven_calls(10_000)],
    );
}

criterion_group!(benches, apply);
criterion_main!(benches);
