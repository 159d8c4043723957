//! Aging, promotion and the mutable list.

use super::mock::Vm;
use crate::entry::table::info;
use crate::layout::ClosureType;

#[test]
fn objects_age_once_and_then_are_old() {
    let mut vm = Vm::new();
    let n = vm.int(1);
    let root = vm.root(n);
    vm.minor();
    assert!(!vm.is_old(root));
    vm.minor();
    assert!(vm.is_old(root));
    let at = vm.get(root);
    vm.minor();
    assert_eq!(vm.get(root), at, "a minor collection moved an old object");
    vm.major();
    assert_ne!(vm.get(root), at, "a major one did not");
}

#[test]
fn an_old_mut_var_keeps_its_young_contents() {
    let mut vm = Vm::new();
    let n = vm.int(1);
    let var = vm.mut_var(n);
    let root = vm.root(var);
    vm.age();
    let var = vm.get(root);
    assert_eq!(vm.mem.info(var.addr()), info::STG_MUT_VAR_CLEAN);
    let list = vm.list(0..50);
    vm.write_mut_var(var, list);
    assert_eq!(vm.mem.info(var.addr()), info::STG_MUT_VAR_DIRTY);
    vm.minor();
    assert!(!vm.heap.is_old(vm.field(var, 0).addr()), "mutable objects don't promote");
    assert_eq!(vm.mem.info(var.addr()), info::STG_MUT_VAR_DIRTY);
    vm.minor();
    assert!(vm.list_values(vm.field(var, 0)).into_iter().eq(0..50));
    assert_eq!(vm.mem.info(var.addr()), info::STG_MUT_VAR_CLEAN);
    assert!(vm.heap.remembered.is_empty());
}

#[test]
fn mvars_tvars_and_queues_are_remembered_while_they_are_dirty() {
    type Dirty = fn(&mut crate::heap::Heap, &mut crate::mem::Mem, crate::word::Addr);
    let kinds: [(_, _, &[u64], Dirty); 3] = [
        (info::STG_MVAR_DIRTY, info::STG_MVAR_CLEAN, &[0; 3], crate::heap::Heap::dirty_mvar),
        (info::STG_TVAR_DIRTY, info::STG_TVAR_CLEAN, &[0; 3], crate::heap::Heap::dirty_tvar),
        (
            info::STG_BLOCKING_QUEUE_DIRTY,
            info::STG_BLOCKING_QUEUE_CLEAN,
            &[0; 4],
            crate::heap::Heap::dirty_blocking_queue,
        ),
    ];
    for (dirty, clean, fields, touch) in kinds {
        let mut vm = Vm::new();
        let object = vm.object(dirty, fields);
        for i in 0..fields.len() as u32 {
            let nil = vm.nil;
            vm.set_field(object, i, nil);
        }
        let root = vm.root(object);
        vm.age();
        let object = vm.get(root);
        assert!(vm.heap.is_old(object.addr()) && vm.heap.remembered.is_empty());
        assert_eq!(vm.mem.info(object.addr()), clean);
        let n = vm.int(7);
        touch(&mut vm.heap, &mut vm.mem, object.addr());
        vm.set_field(object, 0, n);
        vm.minor();
        assert_eq!(vm.mem.info(object.addr()), dirty, "it points to something aged");
        vm.minor();
        assert_eq!(vm.int_value(vm.field(object, 0)), 7);
        assert_eq!(vm.mem.info(object.addr()), clean);
        assert!(vm.heap.remembered.is_empty());
    }
}

#[test]
fn an_unremembered_write_is_found_by_the_check() {
    let mut vm = Vm::new();
    let n = vm.int(1);
    let var = vm.mut_var(n);
    let root = vm.root(var);
    vm.age();
    let young = vm.int(2);
    let var = vm.get(root);
    vm.set_field(var, 0, young);
    assert_eq!(vm.check().unwrap_err().at, var.addr());
}

#[test]
fn an_updated_old_thunk_promotes_its_value() {
    let mut vm = Vm::new();
    let thunk_info = vm.info(ClosureType::THUNK_1_0, 1, 0, (0, 0));
    let n = vm.int(1);
    let thunk = vm.object(thunk_info, &[0, n.word()]);
    let root = vm.root(thunk);
    let holder = vm.pair(thunk, thunk);
    let holder = vm.root(holder);
    vm.age();
    let thunk = vm.get(root).addr();
    let list = vm.list(0..50);
    vm.heap.update_thunk(&mut vm.mem, thunk, list);
    vm.minor();
    assert!(vm.heap.is_old(vm.mem.closure(thunk + 8).addr()));
    assert!(vm.heap.remembered.is_empty());
    assert!(vm.list_values(vm.field(vm.get(holder), 0)).into_iter().eq(0..50));
    vm.major();
    assert!(vm.list_values(vm.field(vm.get(holder), 0)).into_iter().eq(0..50));
}

#[test]
fn an_old_object_stays_remembered_while_it_points_to_something_aged() {
    let mut vm = Vm::new();
    let shared = vm.int(3);
    let young = vm.root(shared);
    let at = vm.heap.allocate_old(&mut vm.host, 3).unwrap();
    vm.mem.set_info(at, info::PAIR_CON);
    let old = vm.root(crate::word::ClosurePtr::from(at).with_tag(1));
    vm.set_field(vm.get(old), 0, shared);
    vm.set_field(vm.get(old), 1, shared);
    vm.heap.remember(at);
    vm.minor();
    // The pair is immutable, so it promoted its fields, and the root follows.
    assert!(vm.is_old(young));
    assert!(vm.heap.remembered.is_empty());

    // What is aged already is not promoted, so whoever points there is remembered again.
    let aged = vm.int(4);
    let aged = vm.root(aged);
    vm.minor();
    let at = vm.heap.allocate_old(&mut vm.host, 3).unwrap();
    vm.mem.set_info(at, info::PAIR_CON);
    let mid = crate::word::ClosurePtr::from(at).with_tag(1);
    vm.set_field(mid, 0, vm.get(aged));
    vm.set_field(mid, 1, vm.get(aged));
    vm.heap.remember(at);
    vm.root(mid);
    vm.minor();
    assert!(vm.is_old(aged));
    assert_eq!(vm.int_value(vm.field(mid, 1)), 4);
}

#[test]
fn promotion_finds_what_was_evacuated_as_aged() {
    let mut vm = Vm::new();
    let n = vm.int(9);
    let first = vm.root(n);
    // Aged by the time the minor collection promotes the pair that shares it with a root.
    let pair = vm.pair(n, n);
    let root = vm.root(pair);
    vm.minor();
    let fresh = vm.int(10);
    vm.set_field(vm.get(root), 1, fresh);
    let fresh = vm.root(fresh);
    vm.shelf.roots.swap(first, fresh);
    vm.minor();
    assert!(vm.is_old(root));
    assert_eq!(vm.heap.remembered.len(), 1, "the pair points to an aged Int");
    vm.minor();
    assert!(vm.heap.remembered.is_empty());
    assert_eq!(vm.int_value(vm.field(vm.get(root), 1)), 10);
}

#[test]
fn auto_collects_everything_when_old_space_has_grown() {
    let mut vm = Vm::new();
    let mut majors = 0;
    for i in 0..400 {
        let list = vm.list(0..100);
        vm.root(list);
        if i % 20 == 19 {
            vm.shelf.roots.clear();
        }
        majors += vm.collect(crate::gc::Kind::Auto).major as u32;
    }
    assert!((1..200).contains(&majors), "{majors}");
}
