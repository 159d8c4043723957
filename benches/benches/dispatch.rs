//! How fast instructions run: calls, arithmetic, a loop.

use bcvm_benches::{criteria, programs};
use criterion::{Criterion, criterion_group, criterion_main};

fn dispatch(c: &mut Criterion) {
    criteria::programs(
        c,
        "dispatch",
        &[programs::nfib_lazy(16), programs::nfib_strict(18), programs::sum_loop(20_000)],
    );
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
