//! What sandboxes share is the kernel's patience with their process. Alone in its program, for it uses that up.

mod support;

use bcvm::abi;
use bcvm_engine::embed::{Limits, Sandbox};
use support::{FREE_PAGE, ask, engine, op};

#[test]
fn guests_together_do_not_use_up_the_kernels_mappings() {
    let make = || {
        let limits = Limits { memory_bytes: 1 << 30, ..Limits::default() };
        Sandbox::new(engine(), limits, b"").expect("a sandbox")
    };
    let commit_every_other = |sandbox: &mut Sandbox| {
        let pages = (0..2000).map(|n| abi::HEAP_START + n * 2 * abi::PAGE);
        pages.filter(|&addr| ask(sandbox, op::COMMIT, addr, abi::PAGE) == Ok(1)).count()
    };
    let mut greedy: Vec<_> = (0..20).map(|_| make()).collect();
    let runs: usize = greedy.iter_mut().map(commit_every_other).sum();
    assert!((8_000..=16_384).contains(&runs), "{runs}");

    // Others can still start, and what they have can grow where it is.
    let mut modest = make();
    assert_eq!(ask(&mut modest, op::COMMIT, 0x22_0000, abi::PAGE), Ok(1));
    assert_eq!(ask(&mut modest, op::COMMIT, FREE_PAGE, abi::PAGE), Ok(0));
    drop(greedy);
    assert_eq!(ask(&mut modest, op::COMMIT, FREE_PAGE, abi::PAGE), Ok(1));
}
