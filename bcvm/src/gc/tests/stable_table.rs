//! Stable pointers are roots; stable names are not.

use super::mock::Vm;
use crate::abi::map::{PAGE, STABLE_END, STABLE_START};
use crate::entry::table::info;
use crate::gc::stable::FIRST;
use crate::mem::Mem;
use crate::word::Addr;

#[test]
fn stable_pointers_keep_and_follow() {
    let mut vm = Vm::new();
    let list = vm.list(0..10);
    let n = vm.shelf.stable.make(list);
    assert_eq!(n, FIRST);
    for i in 0..6 {
        let _ = if i % 3 == 2 { vm.major() } else { vm.minor() };
        let p = vm.shelf.stable.find(n).unwrap();
        assert!(vm.list_values(p).into_iter().eq(0..10));
    }
    assert!(vm.shelf.stable.free(n));
    assert!(!vm.shelf.stable.free(n), "freed twice");
    assert_eq!(vm.shelf.stable.find(n), None);
    assert_eq!(vm.major().live_words, 0);
    let again = vm.int(1);
    let other = vm.shelf.stable.make(again);
    assert_eq!(other, n | (1 << 32), "the place is used again, and the number is not");
    vm.minor();
    assert_eq!(vm.int_value(vm.shelf.stable.find(other).unwrap()), 1);
    assert_eq!((vm.shelf.stable.find(n), vm.shelf.stable.free(n)), (None, false));
}

#[test]
fn numbers_of_another_table_are_taken_over() {
    let mut vm = Vm::new();
    let (a, b) = (vm.int(1), vm.int(2));
    let stable = &mut vm.shelf.stable;
    let old = [FIRST + 3, FIRST | (2 << 32), FIRST + 1];
    for n in old {
        assert!(stable.refer(n, a));
    }
    let new = [stable.make(b), stable.make(b)];
    assert_eq!(stable.len(), 5);
    assert!(new.iter().all(|n| !old.contains(n)));
    assert!(stable.refer(old[0], b), "it points elsewhere from now on");
    assert!(!stable.refer(FIRST | (1 << 32), b), "an earlier number of a place in use");
    assert!(stable.refer((FIRST + 1) | (1 << 32), a), "a later one");
    assert_eq!((stable.find(old[2]), stable.free(old[2])), (None, false));
    let old = [old[0], old[1], (FIRST + 1) | (1 << 32)];
    assert!(!stable.refer(u64::MAX, b) && !stable.refer(0, b));
    vm.minor();
    let values = old.map(|n| vm.int_value(vm.shelf.stable.find(n).unwrap()));
    assert_eq!(values, [2, 1, 1]);
    assert!(old.iter().chain(&new).all(|n| vm.shelf.stable.free(*n)));
    assert!(vm.shelf.stable.is_empty());
}

#[test]
fn nonsense_numbers_find_nothing() {
    let mut vm = Vm::new();
    let p = vm.int(1);
    vm.shelf.stable.make(p);
    for n in [0, 1, FIRST - 1, FIRST + 1, u64::MAX, (1 << 32) | FIRST] {
        assert_eq!(vm.shelf.stable.find(n), None);
        assert!(!vm.shelf.stable.free(n));
    }
    assert_eq!(vm.shelf.stable.len(), 1);
}

/// What compiled code reads, kept in memory of its own here: everything after each change.
#[test]
fn the_copy_for_compiled_code_follows() {
    let mut vm = Vm::new();
    let mut copy = Mem::arena(STABLE_START + PAGE);
    let mut numbers = Vec::new();
    for round in 0..200u64 {
        let n = if round % 3 == 2 {
            let n = numbers.swap_remove(round as usize % numbers.len());
            assert!(vm.shelf.stable.free(n));
            n
        } else {
            let object = vm.int(round);
            let n = vm.shelf.stable.make(object);
            numbers.push(n);
            n
        };
        match round % 7 {
            1 => drop(vm.minor()),
            4 => drop(vm.major()),
            _ => {}
        }
        vm.shelf.stable.publish(&mut copy, &mut vm.host);
        for &n in numbers.iter().chain([&n]) {
            let expected = vm.shelf.stable.find(n).map_or(0, |p| p.word());
            assert_eq!(copy.word(Addr(STABLE_START).offset_w(n as u32)), expected, "number {n} in round {round}");
        }
    }
    assert_eq!(copy.fault(), None);
}

#[test]
fn what_compiled_code_cannot_read_is_known() {
    let vm = Vm::new();
    let end = u64::from(STABLE_END - STABLE_START) / 8;
    assert!(vm.shelf.stable.is_readable(end - 1));
    assert!(!vm.shelf.stable.is_readable(end));
}

#[test]
fn places_are_paid_for_and_each_want_of_room_may_collect() {
    let mut vm = Vm::new();
    let x = vm.int(1);
    let table = &mut vm.shelf.stable;
    assert!(table.price() > 0 && table.fail_to_pay(), "a collection may help");
    table.pay();
    let mut made = Vec::new();
    while table.price() == 0 {
        made.push(table.make(x));
    }
    assert!(made.len() > 1000);
    assert!(table.fail_to_pay(), "that the last time was paid in the end");
    assert!(!table.fail_to_pay(), "that did not help");
    assert!(table.free(made[7]));
    assert_eq!(table.price(), 0, "a place that was paid for is free");
}

#[test]
fn names_are_by_identity_and_die() {
    let mut vm = Vm::new();
    let (a, b) = (vm.int(1), vm.int(1));
    let (ra, rb) = (vm.root(a), vm.root(b));
    let name = vm.object(info::STG_STABLE_NAME, &[0]);
    let number = vm.shelf.stable.add_name(a, name.addr());
    let rname = vm.root(name);
    for i in 0..6 {
        let _ = if i % 3 == 2 { vm.major() } else { vm.minor() };
        let found = vm.shelf.stable.find_name(vm.get(ra));
        assert_eq!(found, Some(vm.get(rname).addr()));
        assert_eq!(vm.shelf.stable.find_name(vm.get(rb)), None);
    }
    // The object dies before its name.
    vm.shelf.roots[ra] = vm.nil;
    vm.major();
    assert_eq!(vm.shelf.stable.find_name(vm.get(rb)), None);
    // Then the name; its number is free again.
    vm.shelf.roots[rname] = vm.nil;
    vm.major();
    let name = vm.object(info::STG_STABLE_NAME, &[0]);
    let b = vm.get(rb);
    assert_eq!(vm.shelf.stable.add_name(b, name.addr()), number);
}
