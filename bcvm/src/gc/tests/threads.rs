//! Threads: reachable, ended, and resurrected ones.

use super::mock::Vm;
use crate::entry::table::info;
use crate::layout::tso::{self, what_next};
use crate::word::ClosurePtr;

fn thread(vm: &mut Vm, n: u64) -> ClosurePtr {
    let n = vm.int(n);
    let s = vm.stack(40, &[info::STG_ENTER.word(), n.word(), info::STG_STOP_THREAD.word()]);
    vm.thread(s)
}

fn number(vm: &Vm, t: ClosurePtr) -> u64 {
    let s = vm.mem.closure(t.addr() + tso::STACKOBJ);
    vm.int_value(ClosurePtr::from_word(vm.stack_words(s)[1]))
}

#[test]
fn a_reachable_thread_is_kept() {
    let mut vm = Vm::new();
    let t = thread(&mut vm, 1);
    let root = vm.root(t);
    for i in 0..5 {
        let stats = if i == 3 { vm.major() } else { vm.minor() };
        assert!(stats.resurrected.is_empty());
        assert_eq!(number(&vm, vm.get(root)), 1);
        assert_eq!(vm.heap.threads.iter().collect::<Vec<_>>(), [vm.get(root).addr()]);
    }
}

#[test]
fn an_unreachable_thread_is_resurrected_unless_it_has_ended() {
    let mut vm = Vm::new();
    thread(&mut vm, 1);
    let ended = thread(&mut vm, 2);
    vm.mem.set_u16(ended.addr() + tso::WHAT_NEXT, what_next::COMPLETE);
    let killed = thread(&mut vm, 3);
    vm.mem.set_u16(killed.addr() + tso::WHAT_NEXT, what_next::KILLED);
    let stats = vm.minor();
    assert_eq!(stats.resurrected.len(), 1);
    assert_eq!(number(&vm, stats.resurrected[0].into()), 1);
    assert_eq!(vm.heap.threads.iter().count(), 1);
}

#[test]
fn a_resurrected_thread_keeps_weak_pointers_alive() {
    let mut vm = Vm::new();
    let t = thread(&mut vm, 1);
    let s = vm.mem.closure(t.addr() + tso::STACKOBJ);
    let key = ClosurePtr::from_word(vm.stack_words(s)[1]);
    let nil = vm.nil.word();
    let w = vm.object(info::STG_WEAK, &[nil, key.word(), nil, nil, 0]);
    vm.heap.weaks.add(w.addr());
    let stats = vm.major();
    assert_eq!((stats.resurrected.len(), stats.dead_weaks.len()), (1, 0));
}

#[test]
fn a_thread_blocked_on_a_blackhole_that_it_owns() {
    let mut vm = Vm::new();
    let t = thread(&mut vm, 1);
    let hole = vm.object(info::STG_BLACKHOLE, &[t.word()]);
    vm.mem.set_closure(t.addr() + tso::BLOCK_INFO, hole);
    vm.mem.set_u16(t.addr() + tso::WHY_BLOCKED, tso::why_blocked::BLACK_HOLE);
    let root = vm.root(hole);
    for _ in 0..3 {
        assert!(vm.minor().resurrected.is_empty());
        let hole = vm.get(root);
        assert_eq!(vm.mem.info(hole.addr()), info::STG_BLACKHOLE);
        let t = vm.field(hole, 0);
        assert_eq!(vm.mem.closure(t.addr() + tso::BLOCK_INFO), hole);
    }
    vm.shelf.roots.clear();
    assert_eq!(vm.major().resurrected.len(), 1);
}

#[test]
fn a_deadline_is_no_pointer() {
    let mut vm = Vm::new();
    let t = thread(&mut vm, 1);
    vm.mem.set_word(t.addr() + tso::BLOCK_INFO, 0x30_0008);
    vm.mem.set_u16(t.addr() + tso::WHY_BLOCKED, 5);
    let root = vm.root(t);
    vm.minor();
    assert_eq!(vm.mem.word(vm.get(root).addr() + tso::BLOCK_INFO), 0x30_0008);
}
