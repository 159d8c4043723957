//! Weak pointers: the fixpoint, death, finalizers.

use super::mock::Vm;
use crate::entry::table::info;
use crate::word::ClosurePtr;

/// A WEAK; without a finalizer if `finalizer` is none.
fn weak(vm: &mut Vm, key: ClosurePtr, value: ClosurePtr, finalizer: Option<ClosurePtr>) -> ClosurePtr {
    let none = vm.no_finalizer;
    let finalizer = finalizer.unwrap_or(none);
    let w = vm.object(info::STG_WEAK, &[none.word(), key.word(), value.word(), finalizer.word(), 0]);
    vm.heap.weaks.add(w.addr());
    w
}

#[test]
fn a_living_key_keeps_value_and_finalizer() {
    let mut vm = Vm::new();
    let (key, value, fin) = (vm.int(1), vm.int(2), vm.int(3));
    let w = weak(&mut vm, key, value, Some(fin));
    let (w, _key) = (vm.root(w), vm.root(key));
    for i in 0..5 {
        let stats = if i == 3 { vm.major() } else { vm.minor() };
        assert!(stats.dead_weaks.is_empty());
        let w = vm.get(w);
        assert_eq!(vm.mem.info(w.addr()), info::STG_WEAK);
        assert_eq!([1, 2, 3].map(|i| vm.int_value(vm.field(w, i))), [1, 2, 3]);
    }
    assert_eq!((vm.heap.weaks.young.len(), vm.heap.weaks.old.len()), (0, 1));
}

#[test]
fn a_dead_key_kills_but_the_finalizer_lives() {
    let mut vm = Vm::new();
    let (key, value, fin) = (vm.int(1), vm.int(2), vm.int(3));
    let w = weak(&mut vm, key, value, Some(fin));
    let root = vm.root(w);
    let unreachable = vm.int(4);
    let fin2 = vm.int(5);
    weak(&mut vm, unreachable, value, Some(fin2));
    let stats = vm.minor();
    let mut run: Vec<u64> = stats.dead_weaks.iter().map(|d| vm.int_value(d.finalizer)).collect();
    run.sort_unstable();
    assert_eq!(run, [3, 5]);
    assert_eq!(vm.mem.info(vm.get(root).addr()), info::STG_DEAD_WEAK);
    assert!(vm.minor().dead_weaks.is_empty(), "a weak pointer dies once");
    assert_eq!(vm.heap.weaks.iter().count(), 0);
}

#[test]
fn chains_of_weak_pointers_reach_a_fixpoint() {
    // weak n: key n, value key n+1. The last ones come first in the list.
    let mut vm = Vm::new();
    let keys: Vec<ClosurePtr> = (0..50).map(|i| vm.int(i)).collect();
    for i in (0..49).rev() {
        let nil = vm.nil;
        weak(&mut vm, keys[i], keys[i + 1], Some(nil));
    }
    let root = vm.root(keys[0]);
    assert!(vm.minor().dead_weaks.is_empty());
    assert_eq!(vm.heap.weaks.iter().count(), 49);
    assert!(vm.minor().dead_weaks.is_empty());
    vm.shelf.roots.remove(root);
    assert!(vm.minor().dead_weaks.is_empty(), "all is old");
    assert_eq!(vm.major().dead_weaks.len(), 49);
}

#[test]
fn a_value_that_reaches_its_key_does_not_keep_it() {
    let mut vm = Vm::new();
    let key = vm.int(1);
    let value = vm.pair(key, key);
    let w = weak(&mut vm, key, value, None);
    let w = vm.root(w);
    assert!(vm.major().dead_weaks.is_empty(), "there is no finalizer to run");
    assert_eq!(vm.mem.info(vm.get(w).addr()), info::STG_DEAD_WEAK);
}

#[test]
fn a_static_key_never_dies() {
    let mut vm = Vm::new();
    let (key, value) = (vm.nil, vm.int(1));
    weak(&mut vm, key, value, None);
    vm.age();
    assert!(vm.major().dead_weaks.is_empty());
}

#[test]
fn a_finalized_weak_leaves_the_list() {
    let mut vm = Vm::new();
    let key = vm.int(1);
    let w = weak(&mut vm, key, key, None);
    vm.root(w);
    vm.mem.set_info(w.addr(), info::STG_DEAD_WEAK);
    assert!(vm.minor().dead_weaks.is_empty());
    assert_eq!(vm.heap.weaks.iter().count(), 0);
}

#[test]
fn a_weak_can_be_promoted_before_its_key() {
    let mut vm = Vm::new();
    let value = vm.int(2);
    let var = vm.mut_var(value);
    let holder = vm.root(var);
    let w = weak(&mut vm, value, value, None);
    let root = vm.root(w);
    vm.minor();
    // The aged weak becomes old while its key is fresh.
    let key = vm.int(1);
    let w = vm.get(root);
    vm.set_field(w, 1, key);
    vm.write_mut_var(vm.get(holder), key);
    for _ in 0..3 {
        assert!(vm.minor().dead_weaks.is_empty());
        assert_eq!(vm.int_value(vm.field(vm.get(root), 1)), 1);
    }
}
