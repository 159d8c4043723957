//! Functions and what holds their arguments: FUN, PAP, AP, AP_STACK, BCO.

use super::mock::Vm;
use crate::entry::table::info;
use crate::layout::ClosureType;
use crate::layout::closure::bco;
use crate::word::ClosurePtr;

/// A word that would be a disaster as a pointer.
const RAW: u64 = 0xFFFF_FFFF_FFFF_FFF8;

fn check_bco(vm: &Vm, p: ClosurePtr) {
    assert_eq!(vm.mem.info(p.addr()), info::STG_BCO);
    let instrs = vm.mem.closure(p.addr() + bco::INSTRS).addr();
    assert_eq!(vm.mem.word(instrs + 16), 0x1111);
    assert_eq!(vm.mem.closure(vm.mem.closure(p.addr() + bco::PTRS).addr() + 24), vm.nil);
}

#[test]
fn a_pap_over_a_bco() {
    let mut vm = Vm::new();
    let f = vm.bco(4, "pnpp");
    let (a, b) = (vm.int(1), vm.int(2));
    let pap = vm.object(info::STG_PAP, &[1 | 3 << 32, f.word(), a.word(), RAW, b.word()]);
    let root = vm.root(pap);
    for _ in 0..3 {
        vm.minor();
        let pap = vm.get(root);
        check_bco(&vm, vm.field(pap, 1));
        assert_eq!(vm.int_value(vm.field(pap, 2)), 1);
        assert_eq!(vm.mem.word(pap.addr() + 32), RAW);
        assert_eq!(vm.int_value(vm.field(pap, 4)), 2);
    }
    vm.major();
    check_bco(&vm, vm.field(vm.get(root), 1));
}

#[test]
fn a_pap_over_compiled_code() {
    // fun_type 22 is PPN: pointer, pointer, word.
    let mut vm = Vm::new();
    let f = vm.info(ClosureType::FUN_1_0, 1, 0, (3, 22));
    let fv = vm.int(9);
    let f = vm.object(f, &[fv.word()]).with_tag(3);
    let a = vm.int(1);
    let pap = vm.object(info::STG_PAP, &[1 | 2 << 32, f.word(), a.word(), a.word()]);
    let root = vm.root(pap);
    vm.minor();
    let pap = vm.get(root);
    assert_eq!(vm.field(pap, 1).tag(), 3);
    assert_eq!(vm.int_value(vm.field(vm.field(pap, 1), 0)), 9);
    assert_eq!(vm.field(pap, 2), vm.field(pap, 3));
}

#[test]
fn an_ap_with_a_large_bitmap() {
    let mut vm = Vm::new();
    let pattern: String = (0..100).map(|i| if i % 3 == 0 { 'p' } else { 'n' }).collect();
    let f = vm.bco(0, &pattern);
    let n = vm.int(4);
    let mut words = vec![0, 100 << 32, f.word()];
    words.extend(pattern.bytes().map(|c| if c == b'p' { n.word() } else { RAW }));
    let ap = vm.object(info::STG_AP, &words);
    let root = vm.root(ap);
    vm.age();
    let ap = vm.get(root).addr();
    check_bco(&vm, vm.mem.closure(ap + 24));
    for (i, c) in pattern.bytes().enumerate() {
        let at = (ap + 32).offset_w(i as u32);
        match c {
            b'p' => assert_eq!(vm.int_value(vm.mem.closure(at)), 4),
            _ => assert_eq!(vm.mem.word(at), RAW),
        }
    }
}

#[test]
fn an_ap_stack_is_scanned_by_its_frames() {
    let mut vm = Vm::new();
    let (a, b) = (vm.int(1), vm.int(2));
    let frames =
        [info::STG_AP_PP.word(), a.word(), b.word(), info::STG_RET_N.word(), RAW, info::STG_ENTER.word(), a.word()];
    let mut words = vec![0, frames.len() as u64, b.word()];
    words.extend(frames);
    let ap = vm.object(info::STG_AP_STACK, &words);
    let root = vm.root(ap);
    vm.age();
    let ap = vm.get(root).addr();
    let payload: Vec<u64> = (0..7).map(|i| vm.mem.word((ap + 32).offset_w(i))).collect();
    assert_eq!(vm.int_value(ClosurePtr::from_word(payload[1])), 1);
    assert_eq!(vm.int_value(ClosurePtr::from_word(payload[2])), 2);
    assert_eq!(payload[4], RAW);
    assert_eq!(payload[6], payload[1]);
    assert_eq!(vm.mem.word(ap + 24), payload[2]);
}

#[test]
fn every_shape_of_heap_closure_is_followed() {
    use ClosureType::*;
    let mut vm = Vm::new();
    let shapes: [(ClosureType, u32, u32, u32); 20] = [
        (CONSTR, 3, 2, 0),
        (CONSTR_1_0, 1, 0, 0),
        (CONSTR_0_1, 0, 1, 0),
        (CONSTR_2_0, 2, 0, 0),
        (CONSTR_1_1, 1, 1, 0),
        (CONSTR_0_2, 0, 2, 0),
        (FUN, 2, 3, 0),
        (FUN_1_0, 1, 0, 0),
        (FUN_0_1, 0, 1, 0),
        (FUN_2_0, 2, 0, 0),
        (FUN_1_1, 1, 1, 0),
        (FUN_0_2, 0, 2, 0),
        (THUNK, 4, 1, 1),
        (THUNK_1_0, 1, 0, 1),
        (THUNK_0_1, 0, 1, 1),
        (THUNK_2_0, 2, 0, 1),
        (THUNK_1_1, 1, 1, 1),
        (THUNK_0_2, 0, 2, 1),
        (PRIM, 2, 1, 0),
        (MUT_PRIM, 2, 1, 0),
    ];
    let n = vm.int(77);
    let mut roots = Vec::new();
    for (t, ptrs, nptrs, pad) in shapes {
        let info = vm.info(t, ptrs, nptrs, (1, 3));
        let mut words = vec![RAW; pad as usize];
        words.extend((0..ptrs).map(|_| n.word()));
        words.extend((0..nptrs).map(|i| RAW - i as u64));
        let p = vm.object(info, &words);
        roots.push(vm.root(p));
    }
    for i in 0..5 {
        let _ = if i == 3 { vm.major() } else { vm.minor() };
        for ((t, ptrs, nptrs, pad), root) in shapes.iter().zip(&roots) {
            let p = vm.get(*root);
            for j in 0..*ptrs {
                assert_eq!(vm.int_value(vm.field(p, pad + j)), 77, "{t:?}");
            }
            for j in 0..*nptrs {
                assert_eq!(vm.mem.word((p.addr() + 8).offset_w(pad + ptrs + j)), RAW - j as u64, "{t:?}");
            }
        }
    }
}
