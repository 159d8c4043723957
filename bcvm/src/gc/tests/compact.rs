//! Compact regions: they never move, live as long as anything in them, and go back whole.

use super::mock::Vm;
use crate::entry::table::info;
use crate::heap::block::BLOCK;
use crate::layout::closure::compact::SIZE_W;
use crate::word::{Addr, ClosurePtr};

/// A region with a list of so many numbers in it: its handle and the list.
fn region(vm: &mut Vm, cells: u32) -> (Addr, ClosurePtr) {
    let handle = vm.heap.new_region(&mut vm.host, 10_000).unwrap();
    vm.mem.fill_words(handle, SIZE_W, 0);
    vm.mem.set_info(handle, info::STG_COMPACT_NFDATA);
    let number = vm.heap.region_of(handle).unwrap();
    let mut list = vm.nil;
    for i in 0..cells {
        let int = vm.heap.allocate_in_region(&mut vm.host, number, 2).unwrap();
        vm.mem.set_info(int, info::I_HASH_CON);
        vm.mem.set_word(int + 8, i as u64);
        let cell = vm.heap.allocate_in_region(&mut vm.host, number, 3).unwrap();
        vm.mem.set_info(cell, info::CONS_CON);
        vm.mem.set_closure(cell + 8, ClosurePtr::from(int).with_tag(1));
        vm.mem.set_closure(cell + 16, list);
        list = ClosurePtr::from(cell).with_tag(2);
    }
    (handle, list)
}

/// The sum of a list of boxed numbers.
fn sum(vm: &Vm, list: ClosurePtr) -> u64 {
    let (mut sum, mut at) = (0, list);
    while at.addr() != vm.nil.addr() {
        sum += vm.mem.word(vm.mem.closure(at.addr() + 8).addr() + 8);
        at = vm.mem.closure(at.addr() + 16);
    }
    sum
}

#[test]
fn a_pointer_into_any_block_keeps_the_whole_region() {
    let mut vm = Vm::new();
    let (handle, list) = region(&mut vm, 1000);
    let (other, _) = region(&mut vm, 10);
    assert_ne!(handle.0 / BLOCK, list.addr().0 / BLOCK);
    vm.root(list);
    for _ in 0..2 {
        vm.minor();
        vm.major();
    }
    assert_eq!(vm.shelf.roots, [list]);
    assert_eq!(sum(&vm, list), 999 * 1000 / 2);
    assert!(vm.heap.region_of(handle).is_some() && vm.heap.region_of(other).is_none());
    assert!(vm.heap.blocks.is_free(other));

    vm.shelf.roots.clear();
    vm.minor();
    assert!(vm.heap.region_of(handle).is_some());
    vm.major();
    assert!(vm.heap.blocks.is_free(handle) && vm.heap.blocks.is_free(list.addr()));
    assert_eq!((vm.heap.large.blocks, vm.heap.large.old_blocks), (0, 0));
}

#[test]
fn what_was_put_in_can_be_taken_back() {
    let mut vm = Vm::new();
    let (handle, list) = region(&mut vm, 10);
    let number = vm.heap.region_of(handle).unwrap();
    let (filled, blocks) = (vm.heap.regions[number].filled(), vm.heap.large.blocks);
    let big = vm.heap.allocate_in_region(&mut vm.host, number, 5000).unwrap();
    vm.heap.unfill_region(&mut vm.mem, number, filled);
    assert!(vm.heap.blocks.is_free(big));
    assert_eq!(vm.heap.large.blocks, blocks);
    vm.root(list);
    vm.major();
    assert_eq!(sum(&vm, list), 45);
}

#[test]
fn absurd_sizes_are_refused() {
    let mut vm = Vm::new();
    for bytes in [u32::MAX, u32::MAX - 200, 1 << 31] {
        assert!(vm.heap.new_region(&mut vm.host, bytes).is_none());
    }
    let (handle, _) = region(&mut vm, 1);
    let number = vm.heap.region_of(handle).unwrap();
    for words in [u32::MAX, u32::MAX / 8, 1 << 28] {
        assert!(vm.heap.allocate_in_region(&mut vm.host, number, words).is_none());
    }
    vm.root(handle.into());
    vm.major();
    assert!(vm.heap.region_of(handle).is_some());
}
