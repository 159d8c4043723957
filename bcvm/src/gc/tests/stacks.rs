//! Stacks with each kind of frame.

use super::mock::Vm;
use crate::entry::table::info;
use crate::layout::ClosureType;
use crate::layout::bitmap;
use crate::layout::info_table::NewInfoTable;
use crate::layout::tso::stack;
use crate::word::{Addr, ClosurePtr, InfoPtr};

const RAW: u64 = 0xFFFF_FFFF_FFFF_FFF8;

/// A frame of type RET_BIG with a large bitmap for `pattern`.
fn ret_big(vm: &mut Vm, pattern: &str) -> InfoPtr {
    let info = vm.info(ClosureType::RET_BIG, 0, 0, (0, 0));
    let words = 1 + pattern.len().div_ceil(64) as u32;
    let map = vm.static_closure(info, words);
    vm.mem.set_word(map, pattern.len() as u64);
    for i in 1..words {
        let bits = pattern.bytes().skip((i as usize - 1) * 64).take(64).enumerate();
        let w = bits.fold(0, |w, (b, c)| w | ((c != b'p') as u64) << b);
        vm.mem.set_word(map.offset_w(i), w);
    }
    vm.mem.set_u32(Addr(info.0) - 16, map.0.wrapping_sub(info.0));
    info
}

#[test]
fn every_kind_of_frame() {
    let mut vm = Vm::new();
    let n = vm.int(11);
    let p = n.word();
    let cont = vm.bco(0, "npnp");
    let fun_bco = vm.bco(3, "pnp");
    let thunk_info = vm.info(ClosureType::THUNK_0_1, 0, 1, (0, 0));
    let thunk = vm.object(thunk_info, &[0, 5]);
    let fun_info = vm.info(ClosureType::FUN_0_1, 0, 1, (2, 13));
    let fun = vm.object(fun_info, &[RAW]).with_tag(2);
    let pattern: String = (0..70).map(|i| if i % 2 == 0 { 'p' } else { 'n' }).collect();
    let big = ret_big(&mut vm, &pattern);
    let below = vm.stack(30, &[info::STG_ENTER.word(), p, info::STG_STOP_THREAD.word()]);
    // Expected: what each word is. 'p' the Int, 'r' RAW, 'x' anything else.
    let mut frames: Vec<(u64, char)> = Vec::new();
    let mut push = |words: &[(u64, char)]| frames.extend_from_slice(words);
    push(&[(info::STG_ENTER.word(), 'x'), (p, 'p')]);
    push(&[(info::STG_RET_N.word(), 'x'), (RAW, 'r')]);
    push(&[(info::STG_CTOI_R1P.word(), 'x'), (cont.word(), 'b'), (RAW, 'r'), (p, 'p'), (RAW, 'r'), (p, 'p')]);
    push(&[(info::STG_APPLY_INTERP.word(), 'x'), (fun_bco.word(), 'b'), (p, 'p'), (RAW, 'r'), (p, 'p')]);
    push(&[(info::STG_AP_PPP.word(), 'x'), (p, 'p'), (p, 'p'), (p, 'p')]);
    push(&[(info::STG_UPD_FRAME.word(), 'x'), (thunk.word(), 't')]);
    push(&[(info::STG_CATCH_FRAME.word(), 'x'), (RAW, 'r'), (p, 'p')]);
    // fun_type 13: word, pointer.
    push(&[(info::STG_GC_FUN.word(), 'x'), (2, 'x'), (fun.word(), 'f'), (RAW, 'r'), (p, 'p')]);
    push(&[(info::STG_GC_FUN.word(), 'x'), (3, 'x'), (fun_bco.word(), 'b'), (p, 'p'), (RAW, 'r'), (p, 'p')]);
    push(&[(big.word(), 'x')]);
    let of_big: Vec<(u64, char)> = pattern.chars().map(|c| if c == 'p' { (p, 'p') } else { (RAW, 'r') }).collect();
    push(&of_big);
    push(&[(info::STG_STACK_UNDERFLOW_FRAME.word(), 'x'), (below.word(), 's')]);

    let words: Vec<u64> = frames.iter().map(|f| f.0).collect();
    let top = vm.stack(200, &words);
    let root = vm.root(top);
    for i in 0..5 {
        let _ = if i == 3 { vm.major() } else { vm.minor() };
        let now = vm.stack_words(vm.get(root));
        assert_eq!(now.len(), frames.len());
        for (w, (was, kind)) in now.iter().zip(&frames) {
            let q = ClosurePtr::from_word(*w);
            match kind {
                'p' => assert_eq!(vm.int_value(q), 11),
                'r' | 'x' => assert_eq!(w, was),
                'b' => assert_eq!(vm.mem.info(q.addr()), info::STG_BCO),
                't' => assert_eq!((vm.mem.info(q.addr()), vm.mem.word(q.addr() + 16)), (thunk_info, 5)),
                'f' => assert_eq!((q.tag(), vm.mem.info(q.addr())), (2, fun_info)),
                _ => {
                    let words = vm.stack_words(q);
                    assert_eq!(vm.int_value(ClosurePtr::from_word(words[1])), 11);
                }
            }
        }
    }
}

#[test]
fn an_update_frame_keeps_its_blackhole() {
    // Shortcutting it would make the update overwrite the value itself.
    let mut vm = Vm::new();
    let n = vm.int(1);
    let hole = vm.object(info::STG_BLACKHOLE, &[n.word()]);
    let s = vm.stack(40, &[info::STG_UPD_FRAME.word(), hole.word(), info::STG_STOP_THREAD.word()]);
    let (s, other) = (vm.root(s), vm.root(hole));
    vm.minor();
    let updatee = ClosurePtr::from_word(vm.stack_words(vm.get(s))[1]);
    assert_eq!(vm.mem.info(updatee.addr()), info::STG_BLACKHOLE);
    assert_eq!(vm.int_value(vm.get(other)), 1);
}

#[test]
fn an_old_stack_is_scanned_when_dirty() {
    let mut vm = Vm::new();
    let n = vm.int(1);
    let s = vm.stack(40, &[info::STG_ENTER.word(), n.word(), info::STG_STOP_THREAD.word()]);
    let root = vm.root(s);
    vm.age();
    vm.minor();
    let s = vm.get(root);
    assert!(vm.heap.is_old(s.addr()));
    assert_eq!(vm.mem.u8(s.addr() + stack::DIRTY), 0);
    vm.heap.dirty_stack(&mut vm.mem, s.addr());
    vm.heap.dirty_stack(&mut vm.mem, s.addr());
    assert_eq!(vm.heap.remembered.len(), 1);
    let young = vm.int(2);
    let sp = Addr::from_word(vm.mem.word(s.addr() + stack::SP));
    vm.mem.set_closure(sp + 8, young);
    vm.minor();
    assert_eq!(vm.mem.u8(s.addr() + stack::DIRTY), 1);
    vm.minor();
    assert_eq!(vm.mem.u8(s.addr() + stack::DIRTY), 0);
    assert_eq!(vm.int_value(ClosurePtr::from_word(vm.stack_words(s)[1])), 2);
}

#[test]
fn a_frame_without_pointers_costs_nothing() {
    let mut vm = Vm::new();
    let frame = vm.info(ClosureType::RET_SMALL, 0, 0, (0, 0));
    let layout = bitmap::small("nnnnn");
    NewInfoTable { closure_type: ClosureType::RET_SMALL, layout, srt: 0, extra: (0, 0), code_index: 1 }
        .write(&mut vm.mem, frame);
    let s = vm.stack(40, &[frame.word(), RAW, RAW, RAW, RAW, RAW, info::STG_STOP_THREAD.word()]);
    let root = vm.root(s);
    vm.minor();
    assert_eq!(vm.stack_words(vm.get(root)).len(), 7);
}
