//! Large objects: marked, never moved, scanned, freed.

use super::mock::Vm;
use crate::heap::config::LARGE_W;

#[test]
fn a_large_array_stays_and_keeps_its_elements() {
    let mut vm = Vm::new();
    let list = vm.list(0..20);
    let array = vm.array(5000, list);
    let root = vm.root(array);
    for i in 0..5 {
        let _ = if i == 3 { vm.major() } else { vm.minor() };
        assert_eq!(vm.get(root), array);
        assert!(vm.list_values(vm.field(array, 2 + 4999)).into_iter().eq(0..20));
    }
    assert!(vm.is_old(root));
    let young = vm.list(0..30);
    vm.write_array(array, 2500, young);
    vm.age();
    assert!(vm.list_values(vm.field(array, 2 + 2500)).into_iter().eq(0..30));
}

#[test]
fn dead_large_objects_are_freed() {
    let mut vm = Vm::new();
    let keep = vm.bytes(100_000, 1);
    vm.root(keep);
    for _ in 0..20 {
        vm.bytes(100_000, 2);
    }
    let before = vm.heap.used_bytes();
    vm.minor();
    assert!(vm.heap.used_bytes() + 20 * 100_000 <= before);
    vm.minor();
    vm.shelf.roots.clear();
    vm.minor();
    assert!(vm.heap.is_old(keep.addr()));
    vm.major();
    assert!(!vm.heap.is_old(keep.addr()));
}

#[test]
fn the_threshold_is_exact() {
    let mut vm = Vm::new();
    let small = vm.room(LARGE_W - 1);
    let large = vm.room(LARGE_W);
    assert!(!vm.heap.is_pinned(small));
    assert!(vm.heap.is_pinned(large));
    assert_eq!(large.0 % 4096, 0);
}

#[test]
fn large_objects_hasten_the_next_collection() {
    let mut vm = Vm::new();
    assert!(!vm.heap.gc_wanted());
    vm.bytes(3 * 4096, 0);
    assert!(!vm.heap.gc_wanted());
    vm.bytes(4096, 0);
    assert!(vm.heap.gc_wanted());
}

#[test]
fn a_cycle_through_large_objects_dies() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    let a = vm.array(1000, nil);
    let b = vm.array(1000, a);
    vm.set_field(a, 2, b);
    vm.root(a);
    vm.age();
    vm.shelf.roots.clear();
    assert_eq!(vm.major().live_words, 0);
}
