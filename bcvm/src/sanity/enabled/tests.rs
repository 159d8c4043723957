//! The hostile build's own machinery.

use super::*;
use crate::abi::host::Host;
use crate::heap::Config;

#[derive(Debug)]
struct Yes;

impl Host for Yes {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }

    fn decommit(&mut self, _: u32, _: u32) {}

    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [crate::abi::host::FdWait], _: u64) {}

    fn log(&mut self, _: &str) {}
}

#[test]
fn every_nth_allocation_asks_for_a_collection() {
    for every in [1, 3] {
        let config = Config { gc_every_n_allocations: every, ..Config::default() };
        let mut heap = Heap::with_config(0x10_0000..0x80_0000, 4 << 20, config);
        let (mut hp, mut lim) = heap.open_nursery();
        for i in 1..=12 {
            assert_eq!(hp, lim, "an allocation could go uncounted");
            let (object, new_hp, new_lim) = heap.extend_nursery(&mut Yes, hp, 3).unwrap();
            assert!(new_hp == object + 24);
            (hp, lim) = (new_hp, new_lim);
            assert_eq!(heap.gc_wanted(), i % every == 0);
            heap.set_gc_wanted(false);
        }
        heap.close_nursery(hp);
        assert_eq!(heap.allocated_words(), 36);
    }
}

#[test]
fn freed_blocks_are_poisoned() {
    let mut mem = Mem::arena(0x80_0000);
    let mut heap = Heap::with_config(0x10_0000..0x80_0000, 4 << 20, Config::default());
    let mark = heap.mark();
    let at = heap.allocate_old(&mut Yes, 2000).unwrap();
    mem.fill_words(at, 2000, 7);
    heap.rollback(&mut mem, mark);
    assert_eq!((mem.word(at), mem.word(at.offset_w(1999))), (POISON, POISON));
}
