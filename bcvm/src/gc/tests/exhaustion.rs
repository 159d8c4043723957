//! Limits: refusals come before it is too late, and collections always find room.

use super::mock::{TINY, Vm};
use crate::gc::Kind;
use crate::heap::Config;
use crate::word::ClosurePtr;

/// Conses until the heap refuses; answers how many.
fn fill(vm: &mut Vm, root: usize) -> u64 {
    let mut n = 0;
    loop {
        if vm.heap.gc_wanted() {
            let stats = vm.collect(Kind::Auto);
            if stats.heap_exhausted {
                return n;
            }
        }
        let Some(at) = vm.heap.allocate(&mut vm.host, 3) else {
            continue;
        };
        vm.mem.set_info(at, crate::entry::table::info::CONS_CON);
        vm.mem.set_closure(at + 8, vm.nil);
        vm.mem.set_closure(at + 16, vm.get(root));
        vm.shelf.roots[root] = ClosurePtr::from(at).with_tag(2);
        n += 1;
    }
}

#[test]
fn a_list_without_end_ends_within_the_limit() {
    // Tiny chunks waste much of what is set aside for copying: see Note [Room to copy].
    for (limit, config, tenths) in [(1 << 20, TINY, 2), (4 << 20, TINY, 2), (16 << 20, Config::default(), 4)] {
        let mut vm = Vm::with(limit, config);
        let nil = vm.nil;
        let root = vm.root(nil);
        let n = fill(&mut vm, root);
        assert!(n * 24 > limit as u64 * tenths / 10, "only {n} cells in {limit} bytes");
        assert!(vm.heap.committed_bytes() <= limit as u64 + 0x1_0000);
        // What filled the heap is let go, and everything is as before.
        vm.shelf.roots.truncate(root);
        assert!(!vm.major().heap_exhausted);
        let nil = vm.nil;
        let root = vm.root(nil);
        assert!(fill(&mut vm, root) >= n * 9 / 10);
    }
}

#[test]
fn the_default_nursery_shrinks_with_the_limit() {
    let mut vm = Vm::with(1 << 20, Config::default());
    let list = vm.list(0..1000);
    let root = vm.root(list);
    vm.major();
    assert!(vm.list_values(vm.get(root)).into_iter().eq(0..1000));
}

#[test]
fn awkward_sizes_fit_too() {
    // Objects just over half a block waste most in spaces of blocks.
    let mut vm = Vm::with(4 << 20, TINY);
    loop {
        if vm.heap.gc_wanted() && vm.collect(Kind::Auto).heap_exhausted {
            break;
        }
        let Some(at) = vm.heap.allocate(&mut vm.host, 2 + 262) else {
            continue;
        };
        vm.mem.set_info(at, crate::entry::table::info::STG_ARR_WORDS);
        vm.mem.set_word(at + 8, 262 * 8);
        vm.root(at.into());
    }
    assert!(vm.heap.committed_bytes() <= (4 << 20) + 0x1_0000);
    for _ in 0..3 {
        vm.major();
    }
    assert!(vm.heap.committed_bytes() <= (4 << 20) + 0x1_0000);
}

#[test]
fn fragments_do_not_stop_a_collection() {
    let mut vm = Vm::with(4 << 20, TINY);
    // Holes of one block between large objects, then a list that has to be copied into them.
    let mut keep = Vec::new();
    while vm.heap.make_room(&mut vm.host, 600) && keep.len() < 400 {
        let a = vm.bytes(4000, 1);
        vm.bytes(4000, 2);
        keep.push(vm.root(a));
    }
    vm.major();
    let nil = vm.nil;
    let root = vm.root(nil);
    let n = fill(&mut vm, root);
    assert!(n > 1000);
    vm.major();
    for k in keep {
        assert_eq!(vm.mem.word(vm.get(k).addr() + 16), 1);
    }
}

#[test]
fn a_host_that_refuses_is_a_limit() {
    let mut vm = Vm::new();
    let list = vm.list(0..100);
    let root = vm.root(list);
    vm.host.refuse = true;
    assert!(vm.heap.allocate(&mut vm.host, 1 << 18).is_none());
    let stats = vm.collect(Kind::Auto);
    assert!(stats.major && stats.heap_exhausted);
    assert!(vm.list_values(vm.get(root)).into_iter().eq(0..100));
}

#[test]
fn memory_is_given_back() {
    let mut vm = Vm::with(24 << 20, TINY);
    let big = vm.bytes(10 << 20, 0);
    vm.root(big);
    vm.age();
    let before = vm.host.committed;
    vm.shelf.roots.clear();
    vm.major();
    assert!(vm.host.committed < before / 2, "{} of {before}", vm.host.committed);
    assert_eq!(vm.host.committed as u64, vm.heap.committed_bytes());
    let list = vm.list(0..1000);
    let root = vm.root(list);
    vm.major();
    assert!(vm.list_values(vm.get(root)).into_iter().eq(0..1000));
}

#[test]
fn a_large_object_that_fits_nowhere_exhausts_the_heap() {
    // Pinned blocks, kept at every other place, leave no run for it however often is collected.
    let mut vm = Vm::with(2 << 20, TINY);
    let mut blocks = Vec::new();
    while let Some(at) = vm.heap.allocate_pinned(&mut vm.host, 3900, 16) {
        vm.mem.set_info(at, crate::entry::table::info::STG_ARR_WORDS);
        vm.mem.set_word(at + 8, 3900);
        blocks.push(at);
    }
    for at in blocks.iter().step_by(2) {
        vm.root((*at).into());
    }
    vm.major();
    let words = 100 * 512;
    assert!(vm.heap.used_bytes() + words as u64 * 8 < 2 << 20);
    assert!(vm.heap.allocate(&mut vm.host, words).is_none());
    assert!(vm.collect(Kind::Auto).heap_exhausted);
}
