//! Objects born old, and taking them back.

use super::mock::Vm;
use crate::entry::table::info;

#[test]
fn rollback_leaves_no_trace() {
    let mut vm = Vm::new();
    for warm_up in [0, 1, 400, 2000] {
        for _ in 0..warm_up {
            let at = vm.heap.allocate_old(&mut vm.host, 5).unwrap();
            vm.mem.set_info(at, info::STG_ARR_WORDS);
        }
        let (used, bytes, words) = (vm.heap.used_bytes(), vm.heap.old.bytes(), vm.heap.allocated_words());
        let remembered = vm.heap.remembered.clone();
        let mark = vm.heap.mark();
        let first = vm.heap.allocate_old(&mut vm.host, 3).unwrap();
        for i in 0..600 {
            let at = vm.heap.allocate_old(&mut vm.host, 2 + i % 500).unwrap();
            vm.heap.remember(at);
        }
        vm.heap.rollback(&mut vm.mem, mark);
        assert_eq!((vm.heap.old.bytes(), vm.heap.allocated_words()), (bytes, words));
        assert!(vm.heap.used_bytes() <= used.max(vm.heap.config.chunk as u64 * 4096));
        assert_eq!(vm.heap.remembered, remembered);
        // A rolled back chunk may be the very first one, which is kept or not; the next object is as good.
        let again = vm.heap.allocate_old(&mut vm.host, 3).unwrap();
        assert!(again == first || warm_up == 0);
    }
}

#[test]
fn rollback_after_a_collection_does_nothing() {
    let mut vm = Vm::new();
    let mark = vm.heap.mark();
    let at = vm.heap.allocate_old(&mut vm.host, 2).unwrap();
    vm.mem.set_info(at, info::I_HASH_CON);
    vm.mem.set_word(at + 8, 5);
    let root = vm.root(crate::word::ClosurePtr::from(at).with_tag(1));
    vm.major();
    vm.heap.rollback(&mut vm.mem, mark);
    assert_eq!(vm.int_value(vm.get(root)), 5);
    vm.check().unwrap();
}

#[test]
fn born_old_is_old() {
    let mut vm = Vm::new();
    let small = vm.heap.allocate_old(&mut vm.host, 2).unwrap();
    let large = vm.heap.allocate_old(&mut vm.host, 2000).unwrap();
    assert!(vm.heap.is_old(small) && vm.heap.is_old(large));
    assert_eq!(vm.heap.allocated_words(), 0);
}
