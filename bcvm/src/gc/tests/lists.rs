//! Lists, sharing and cycles survive; garbage doesn't.

use super::mock::Vm;
use crate::entry::table::info;

#[test]
fn a_list_survives_every_kind_of_collection() {
    let mut vm = Vm::new();
    let list = vm.list(0..3000);
    let root = vm.root(list);
    for major in [false, false, true, false, true] {
        let _garbage = vm.list(0..500);
        let stats = if major { vm.major() } else { vm.minor() };
        assert_eq!(stats.major, major);
        assert!(vm.list_values(vm.get(root)).into_iter().eq(0..3000));
    }
    assert!(vm.is_old(root));
}

#[test]
fn live_words_are_exact() {
    let mut vm = Vm::new();
    let list = vm.list(0..100);
    vm.list(0..1000);
    vm.root(list);
    for _ in 0..3 {
        assert_eq!(vm.minor().live_words, 100 * (3 + 2));
    }
    assert_eq!(vm.major().live_words, 500);
    vm.shelf.roots.clear();
    assert_eq!(vm.minor().live_words, 500);
    assert_eq!(vm.major().live_words, 0);
}

#[test]
fn sharing_is_kept() {
    let mut vm = Vm::new();
    let shared = vm.int(7);
    let a = vm.pair(shared, shared);
    let b = vm.pair(shared, a);
    let (a, b) = (vm.root(a), vm.root(b));
    for _ in 0..3 {
        vm.minor();
        let (a, b) = (vm.get(a), vm.get(b));
        assert_eq!(vm.field(b, 1), a);
        assert_eq!(vm.field(a, 0), vm.field(a, 1));
        assert_eq!(vm.field(a, 0), vm.field(b, 0));
        assert_eq!(vm.int_value(vm.field(a, 0)), 7);
    }
}

#[test]
fn cycles_survive_and_die() {
    let mut vm = Vm::new();
    let one = vm.int(1);
    let nil = vm.nil;
    let ones = vm.cons(one, nil);
    vm.set_field(ones, 1, ones);
    let root = vm.root(ones);
    for _ in 0..3 {
        vm.minor();
        let ones = vm.get(root);
        assert_eq!(vm.field(ones, 1), ones);
    }
    vm.shelf.roots.clear();
    assert_eq!(vm.major().live_words, 0);
}

#[test]
fn tags_are_kept() {
    let mut vm = Vm::new();
    let list = vm.list(1..2);
    let (tagged, bare) = (vm.root(list), vm.root(list.untagged()));
    vm.minor();
    assert_eq!(vm.get(tagged).tag(), 2);
    assert_eq!(vm.get(bare).tag(), 0);
    assert_eq!(vm.get(tagged).addr(), vm.get(bare).addr());
}

#[test]
fn indirections_and_evaluated_blackholes_vanish() {
    let mut vm = Vm::new();
    let five = vm.int(5);
    let ind = vm.object(info::STG_IND, &[five.word()]);
    let hole = vm.object(info::STG_BLACKHOLE, &[ind.word()]);
    let chain = (0..10_000).fold(hole, |p, _| vm.object(info::STG_IND, &[p.word()]));
    let root = vm.root(chain);
    assert_eq!(vm.minor().live_words, 2);
    assert_eq!(vm.get(root).tag(), 1);
    assert_eq!(vm.int_value(vm.get(root)), 5);
}

#[test]
fn allocated_words_do_not_depend_on_collections() {
    let count = |every: usize| {
        let mut vm = Vm::new();
        for i in 0..200 {
            let list = vm.list(0..20);
            vm.bytes(5000, 0);
            vm.root(list);
            if i % every == 0 {
                vm.minor();
            }
        }
        vm.heap.allocated_words()
    };
    assert_eq!(count(1), count(50));
    assert_eq!(count(3), 200 * (20 * 5 + 2 + 625));
}

#[test]
fn an_open_nursery_is_filled_by_bumping() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    let (mut hp, mut lim) = vm.heap.open_nursery();
    let mut list = nil;
    for _ in 0..5000 {
        let at = if lim.0 - hp.0 >= 24 {
            let at = hp;
            hp = hp + 24;
            at
        } else {
            let (at, new_hp, new_lim) = vm.heap.extend_nursery(&mut vm.host, hp, 3).unwrap();
            (hp, lim) = (new_hp, new_lim);
            at
        };
        vm.mem.set_info(at, info::CONS_CON);
        vm.mem.set_closure(at + 8, nil);
        vm.mem.set_closure(at + 16, list);
        list = crate::word::ClosurePtr::from(at).with_tag(2);
    }
    vm.heap.close_nursery(hp);
    assert_eq!(vm.heap.allocated_words(), 15_000);
    assert!(vm.heap.gc_wanted());
    vm.root(list);
    assert_eq!(vm.minor().live_words, 15_000);
    assert!(!vm.heap.gc_wanted());
}

#[test]
fn a_retired_nursery_keeps_what_was_allocated() {
    let mut vm = Vm::new();
    let list = vm.list(0..10);
    let root = vm.root(list);
    let (hp, lim) = vm.heap.open_nursery();
    vm.mem.fill_words(hp, 20, 0xBAD);
    vm.heap.retire_nursery();
    let next = vm.room(2);
    assert!(next < hp || next >= lim);
    vm.mem.set_info(next, info::I_HASH_CON);
    vm.minor();
    assert!(vm.list_values(vm.get(root)).into_iter().eq(0..10));
}
