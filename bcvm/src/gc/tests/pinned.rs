//! Pinned byte arrays: aligned, never moved, kept while any of their block lives.

use super::mock::Vm;
use crate::entry::table::info;
use crate::word::{Addr, ClosurePtr};

fn pinned(vm: &mut Vm, bytes: u32, align: u32) -> Addr {
    let at = vm.heap.allocate_pinned(&mut vm.host, bytes, align).unwrap();
    vm.mem.set_info(at, info::STG_ARR_WORDS);
    vm.mem.set_word(at + 8, bytes as u64);
    vm.mem.fill_words(at + 16, bytes.div_ceil(8), bytes as u64);
    assert_eq!((at.0 + 16) % align, 0);
    assert!(vm.heap.is_pinned(at));
    at
}

#[test]
fn alignment_and_neighbours() {
    let mut vm = Vm::new();
    let mut all = Vec::new();
    for align in [8, 16, 64, 256, 1024, 4096] {
        for bytes in [0, 1, 24, 100, 3000, 5000] {
            let at = pinned(&mut vm, bytes, align);
            all.push((at, bytes));
            vm.root(at.into());
        }
    }
    for _ in 0..2 {
        vm.minor();
    }
    vm.major();
    for (at, bytes) in all {
        assert!(vm.shelf.roots.contains(&at.into()));
        assert_eq!(vm.mem.word(at + 8), bytes as u64);
        for i in 0..bytes.div_ceil(8) {
            assert_eq!(vm.mem.word((at + 16).offset_w(i)), bytes as u64);
        }
    }
}

#[test]
fn a_block_lives_as_long_as_one_of_its_arrays() {
    let mut vm = Vm::new();
    let a = pinned(&mut vm, 100, 16);
    let b = pinned(&mut vm, 100, 16);
    assert_eq!(a.0 / 4096, b.0 / 4096);
    vm.root(b.into());
    vm.age();
    vm.major();
    assert!(!vm.heap.blocks.is_free(a));
    vm.shelf.roots.clear();
    vm.major();
    assert!(vm.heap.blocks.is_free(b));
}

#[test]
fn words_are_counted_without_padding() {
    let mut vm = Vm::new();
    pinned(&mut vm, 10, 1024);
    pinned(&mut vm, 9000, 64);
    assert_eq!(vm.heap.allocated_words(), (2 + 2) + (2 + 1125));
}

#[test]
fn absurd_sizes_are_refused() {
    let mut vm = Vm::new();
    for bytes in [u32::MAX, u32::MAX - 8, 1 << 31] {
        assert!(vm.heap.allocate_pinned(&mut vm.host, bytes, 4096).is_none());
        assert!(vm.heap.allocate(&mut vm.host, bytes).is_none());
        assert!(vm.heap.allocate_old(&mut vm.host, bytes).is_none());
    }
    let stats = vm.collect(crate::gc::Kind::Auto);
    assert!(stats.major && stats.heap_exhausted);
    let list = vm.list(0..10);
    let p: ClosurePtr = list;
    vm.root(p);
    assert!(!vm.major().heap_exhausted);
}
