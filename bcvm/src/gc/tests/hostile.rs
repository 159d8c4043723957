//! Heaps that no program makes: a collection of one ends, with an error and not with a panic.

use super::mock::Vm;
use crate::entry::table::info;
use crate::gc::{self, Kind};
use crate::layout::ClosureType;
use crate::word::{Addr, ClosurePtr};
use proptest::prelude::*;

fn collect(vm: &mut Vm) -> Option<&'static str> {
    let mut found = None;
    for kind in [Kind::Minor, Kind::Major, Kind::Auto] {
        let stats = gc::collect(&mut vm.heap, &mut vm.mem, &mut vm.host, &mut vm.shelf, kind);
        found = found.or(stats.corrupt.map(|c| c.what));
    }
    found
}

#[test]
fn circles_of_indirections() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    let a = vm.object(info::STG_IND, &[nil.word()]);
    let b = vm.object(info::STG_BLACKHOLE, &[a.word()]);
    vm.set_field(a, 0, b);
    vm.root(a);
    assert!(collect(&mut vm).is_some());
}

#[test]
fn many_pointers_to_a_circle_cost_no_more_than_one() {
    let mut vm = Vm::new();
    let nil = vm.nil;
    let a = vm.object(info::STG_IND, &[nil.word()]);
    vm.set_field(a, 0, a);
    let array = vm.array(50_000, a);
    vm.root(array);
    for _ in 0..2000 {
        let pair = vm.pair(a, a);
        let sel = vm.object(info::STG_SEL_0_UPD, &[0, pair.word()]);
        vm.root(sel);
        let w = vm.object(info::STG_WEAK, &[nil.word(), a.word(), nil.word(), nil.word(), 0]);
        vm.heap.weaks.add(w.addr());
    }
    let started = std::time::Instant::now();
    assert!(collect(&mut vm).is_some());
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn absurd_sizes() {
    for (word, value) in [(1, u64::MAX), (1, 1 << 31), (2, u32::MAX as u64)] {
        for info in [info::STG_ARR_WORDS, info::STG_MUT_ARR_PTRS_DIRTY, info::STG_PAP, info::STG_AP, info::STG_STACK] {
            let mut vm = Vm::new();
            let p = vm.object(info, &[0, 0, 0, 0]);
            vm.mem.set_word(p.addr().offset_w(word), value);
            vm.root(p);
            collect(&mut vm);
        }
    }
}

#[test]
fn absurd_info_tables() {
    let mut vm = Vm::new();
    let info = vm.info(ClosureType::CONSTR, u32::MAX, 0, (0, 0));
    let p = vm.object(info, &[0, 0]);
    vm.root(p);
    assert!(collect(&mut vm).is_some());
}

#[test]
fn pointers_into_large_objects() {
    for offset in [8, 4096, 8192] {
        let mut vm = Vm::new();
        let large = vm.array(2000, ClosurePtr::NULL);
        vm.mem.fill_words(large.addr() + 24, 2000, 0);
        vm.root((large.addr() + offset).into());
        collect(&mut vm);
    }
}

#[test]
fn the_mutable_list_may_hold_anything_old() {
    let mut vm = Vm::new();
    let n = vm.int(1);
    let root = vm.root(n);
    vm.age();
    let old = vm.get(root).addr();
    vm.heap.remember(old + 8);
    vm.heap.remember(Addr(old.0 | 0xFF8));
    collect(&mut vm);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 200 }, ..ProptestConfig::default() })]
    #[test]
    fn a_scribbled_heap_ends(
        scribbles in prop::collection::vec((0u32..0x8000, any::<u64>(), 0u8..4), 1..60),
        kinds in prop::collection::vec(any::<bool>(), 1..4),
    ) {
        let mut vm = Vm::new();
        let list = vm.list(0..50);
        let array = vm.array(140, list);
        let bco = vm.bco(2, "ppnp");
        let pap = vm.object(info::STG_PAP, &[1 | 1 << 32, bco.word(), array.word()]);
        let stack = vm.stack(60, &[info::STG_CTOI_R1P.word(), bco.word(), pap.word(), pap.word(), 0, list.word(),
            info::STG_STOP_THREAD.word()]);
        let thread = vm.thread(stack);
        let large = vm.array(1000, thread);
        vm.root(large);
        let old = vm.mut_var(pap);
        let old = vm.root(old);
        vm.age();
        let fresh = vm.list(0..30);
        vm.write_mut_var(vm.get(old), fresh);
        let (base, span) = (super::mock::HEAP.start, 0x2_0000);
        for (at, value, how) in scribbles {
            let target = Addr(base + at * 8 % span);
            let value = match how {
                0 => value,
                1 => (base + value as u32 % span) as u64,
                2 => crate::entry::table::ENTRIES[value as usize % crate::entry::table::ENTRIES.len()].entry.info().word(),
                _ => value % 64,
            };
            vm.mem.set_word(target, value);
        }
        for major in kinds {
            let kind = if major { Kind::Major } else { Kind::Minor };
            gc::collect(&mut vm.heap, &mut vm.mem, &mut vm.host, &mut vm.shelf, kind);
            let _ = vm.heap.allocate(&mut vm.host, 100);
        }
    }
}
