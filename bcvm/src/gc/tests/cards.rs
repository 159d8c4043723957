//! Arrays of pointers: cards, freezing and thawing, the mutable list.

use super::mock::Vm;
use crate::entry::table::info;
use crate::heap::remember::card;
use crate::word::ClosurePtr;

const N: u32 = 300;

fn old_array(vm: &mut Vm) -> ClosurePtr {
    let n = vm.int(0);
    let array = vm.array(N, n);
    let root = vm.root(array);
    vm.age();
    vm.get(root)
}

#[test]
fn only_dirty_cards_are_scanned() {
    let mut vm = Vm::new();
    let array = old_array(&mut vm);
    vm.minor();
    assert_eq!(vm.mem.info(array.addr()), info::STG_MUT_ARR_PTRS_CLEAN);
    let cards = |vm: &Vm| (0..3).map(|i| vm.mem.u8(card(array.addr(), N, i * 128))).collect::<Vec<_>>();
    assert_eq!(cards(&vm), [0, 0, 0]);
    // As compiled code writes: header and card, and no list.
    for (i, value) in [(5, 50), (130, 60), (299, 70)] {
        let v = vm.int(value);
        vm.write_array(array, i, v);
    }
    assert_eq!(cards(&vm), [1, 1, 1]);
    let v = vm.int(80);
    vm.mem.set_u8(card(array.addr(), N, 130), 0);
    vm.set_field(array, 2 + 131, v);
    // The second card claims to be clean although it isn't, so what its elements point to isn't moved.
    let kind = crate::gc::Kind::Minor;
    let stats = crate::gc::collect(&mut vm.heap, &mut vm.mem, &mut vm.host, &mut vm.shelf, kind);
    // The sanity build sees that the array points to poisoned memory now.
    assert_eq!(stats.corrupt.is_some(), cfg!(feature = "sanity"));
    assert_eq!(cards(&vm), [1, 0, 1]);
    assert_eq!(vm.field(array, 2 + 131), v);
    assert_eq!(vm.int_value(vm.field(array, 2 + 5)), 50);
    assert_eq!(vm.int_value(vm.field(array, 2 + 299)), 70);
}

#[test]
fn a_card_is_clean_once_its_elements_are_old() {
    let mut vm = Vm::new();
    let array = old_array(&mut vm);
    let v = vm.int(1);
    vm.write_array(array, 200, v);
    vm.minor();
    assert_eq!(vm.mem.u8(card(array.addr(), N, 200)), 1);
    vm.minor();
    assert_eq!(vm.mem.u8(card(array.addr(), N, 200)), 0);
    assert_eq!(vm.mem.info(array.addr()), info::STG_MUT_ARR_PTRS_CLEAN);
    assert_eq!(vm.heap.remembered, [array.addr()], "mutable arrays stay on the list");
}

#[test]
fn ranges_of_cards() {
    let mut vm = Vm::new();
    let array = old_array(&mut vm);
    vm.minor();
    vm.heap.dirty_array_range(&mut vm.mem, array.addr(), N, 127, 2);
    let cards: Vec<u8> = (0..3).map(|i| vm.mem.u8(card(array.addr(), N, i * 128))).collect();
    assert_eq!(cards, [1, 1, 0]);
    vm.heap.dirty_array_range(&mut vm.mem, array.addr(), N, 299, 0);
    assert_eq!(vm.mem.u8(card(array.addr(), N, 299)), 0);
}

#[test]
fn frozen_arrays_leave_the_list_and_thawed_ones_return() {
    let mut vm = Vm::new();
    let array = old_array(&mut vm);
    let small = vm.small_array(4, array);
    let small = vm.root(small);
    vm.age();
    let small = vm.get(small);
    assert_eq!(vm.heap.remembered.len(), 2);
    vm.mem.set_info(array.addr(), info::STG_MUT_ARR_PTRS_FROZEN_DIRTY);
    vm.mem.set_info(small.addr(), info::STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY);
    vm.minor();
    assert_eq!(vm.mem.info(array.addr()), info::STG_MUT_ARR_PTRS_FROZEN_CLEAN);
    assert_eq!(vm.mem.info(small.addr()), info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN);
    assert!(vm.heap.remembered.is_empty());
    vm.heap.thaw_array(&mut vm.mem, array.addr());
    vm.heap.thaw_small_array(&mut vm.mem, small.addr());
    assert_eq!(vm.heap.remembered.len(), 2);
    let v = vm.int(42);
    vm.write_array(array, 299, v);
    vm.set_field(small, 1, v);
    vm.age();
    assert_eq!(vm.int_value(vm.field(array, 2 + 299)), 42);
    assert_eq!(vm.field(small, 1), vm.field(array, 2 + 299));
}

#[test]
fn a_young_small_array_is_followed() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    let small = vm.small_array(3, nil);
    let list = vm.list(0..10);
    vm.set_field(small, 1, list);
    let root = vm.root(small);
    for _ in 0..4 {
        vm.minor();
        assert!(vm.list_values(vm.field(vm.get(root), 1)).into_iter().eq(0..10));
    }
    assert_eq!(vm.mem.info(vm.get(root).addr()), info::STG_SMALL_MUT_ARR_PTRS_CLEAN);
}
