//! Selector thunks are evaluated while they are moved.

use super::mock::Vm;
use crate::entry::table::info;
use crate::layout::ClosureType;
use crate::word::{ClosurePtr, InfoPtr};

fn selector(vm: &mut Vm, info: InfoPtr, of: ClosurePtr) -> ClosurePtr {
    vm.object(info, &[0, of.word()])
}

#[test]
fn a_selector_of_a_constructor_becomes_the_field() {
    let mut vm = Vm::new();
    let big = vm.list(0..1000);
    let small = vm.int(7);
    let pair = vm.pair(big, small);
    let sel = selector(&mut vm, info::STG_SEL_1_UPD, pair);
    let root = vm.root(sel);
    assert_eq!(vm.minor().live_words, 2, "the pair and its other field are gone");
    assert_eq!((vm.int_value(vm.get(root)), vm.get(root).tag()), (7, 1));
}

#[test]
fn through_indirections_blackholes_and_statics() {
    let mut vm = Vm::new();
    let n = vm.int(7);
    let pair = vm.pair(n, n);
    let ind = vm.object(info::STG_IND, &[pair.word()]);
    let hole = vm.object(info::STG_BLACKHOLE, &[ind.word()]);
    let caf = vm.static_closure(info::STG_IND_STATIC, 4);
    vm.mem.set_closure(caf + 8, hole);
    vm.shelf.cafs.push(caf);
    let sel = selector(&mut vm, info::STG_SEL_0_UPD, caf.into());
    let root = vm.root(sel);
    vm.minor();
    assert_eq!(vm.int_value(vm.get(root)), 7);
    assert_eq!(vm.get(root).tag(), 1);
}

#[test]
fn a_selector_of_a_thunk_waits() {
    let mut vm = Vm::new();
    let thunk_info = vm.info(ClosureType::THUNK_0_1, 0, 1, (0, 0));
    let thunk = vm.object(thunk_info, &[0, 99]);
    let sel = selector(&mut vm, info::STG_SEL_0_UPD, thunk);
    let root = vm.root(sel);
    vm.minor();
    let sel = vm.get(root);
    assert_eq!(vm.mem.info(sel.addr()), info::STG_SEL_0_UPD);
    let thunk = vm.mem.closure(sel.addr() + 16);
    assert_eq!(vm.mem.word(thunk.addr() + 16), 99);
    let n = vm.int(3);
    let pair = vm.pair(n, n);
    vm.heap.update_thunk(&mut vm.mem, thunk.addr(), pair);
    vm.minor();
    assert_eq!(vm.int_value(vm.get(root)), 3);
}

#[test]
fn long_chains_need_no_stack() {
    // Each selector's field is the next selector.
    let mut vm = Vm::new();
    let mut p = vm.int(5);
    for _ in 0..20_000 {
        let pair = vm.pair(p, p);
        p = selector(&mut vm, info::STG_SEL_0_UPD, pair);
    }
    let root = vm.root(p);
    assert_eq!(vm.minor().live_words, 2);
    assert_eq!(vm.int_value(vm.get(root)), 5);
}

#[test]
fn selectors_of_selectors_go_as_deep_as_the_bound() {
    for depth in [3, 15, 40, 5000] {
        let mut vm = Vm::new();
        let mut p = vm.int(5);
        for _ in 0..depth {
            p = vm.pair(p, p);
        }
        for _ in 0..depth {
            p = selector(&mut vm, info::STG_SEL_0_UPD, p);
        }
        let root = vm.root(p);
        let mut collections = 0;
        while vm.mem.info(vm.get(root).addr()) != info::I_HASH_CON {
            vm.major();
            collections += 1;
            assert!(collections < 1000, "no progress at depth {depth}");
        }
        assert_eq!(vm.int_value(vm.get(root)), 5);
        assert!(depth > 16 || collections == 1);
    }
}

#[test]
fn loops_stay_loops() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    // let (a, b) = (b, a)
    let a = selector(&mut vm, info::STG_SEL_0_UPD, nil);
    let b = selector(&mut vm, info::STG_SEL_1_UPD, nil);
    let pair = vm.pair(b, a);
    vm.mem.set_closure(a.addr() + 16, pair);
    vm.mem.set_closure(b.addr() + 16, pair);
    // let x = fst x
    let x = selector(&mut vm, info::STG_SEL_0_UPD, nil);
    vm.mem.set_closure(x.addr() + 16, x);
    // let y = fst (y, y)
    let y = selector(&mut vm, info::STG_SEL_0_UPD, nil);
    let ys = vm.pair(y, y);
    vm.mem.set_closure(y.addr() + 16, ys);
    let roots = [vm.root(a), vm.root(x), vm.root(y)];
    for _ in 0..3 {
        vm.minor();
        for r in roots {
            let c = vm.get(r).addr();
            assert!([info::STG_SEL_0_UPD, info::STG_SEL_1_UPD].contains(&vm.mem.info(c)));
        }
    }
}
