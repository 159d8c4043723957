//! The block allocator against a host that counts.

use super::*;

#[derive(Debug, Default)]
struct Counting {
    committed: u32,
    refuse_above: u32,
}

impl Host for Counting {
    fn commit(&mut self, addr: u32, len: u32) -> bool {
        assert!(addr.is_multiple_of(PAGE) && len.is_multiple_of(PAGE) && len > 0);
        if self.committed + len > self.refuse_above {
            return false;
        }
        self.committed += len;
        true
    }

    fn decommit(&mut self, addr: u32, len: u32) {
        assert!(addr.is_multiple_of(PAGE) && len.is_multiple_of(PAGE) && len > 0);
        self.committed -= len;
    }

    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [crate::abi::host::FdWait], _: u64) {}

    fn log(&mut self, _: &str) {}
}

const MIB: u32 = 0x10_0000;

fn blocks() -> (Blocks, Counting, Mem) {
    let host = Counting { committed: 0, refuse_above: 64 * MIB };
    (Blocks::new(MIB + 1..16 * MIB), host, Mem::arena(16 * MIB))
}

#[test]
fn places_follow_groups() {
    let (mut b, mut host, mut mem) = blocks();
    assert!(b.commit(&mut host, 10, u32::MAX));
    let g = b.alloc(3, Place::OLD.large()).unwrap();
    assert!(g.start.0 > MIB && g.blocks() == 3);
    assert!(!b.place(g.start).is_inner() && b.place(g.start + BLOCK).is_inner());
    assert_eq!(b.group_at(g.start + 8).unwrap().end, g.end);
    assert!(b.group_at(g.start + BLOCK).is_none());
    assert_eq!(b.place(Addr(0)), Place::STATIC);
    assert_eq!(b.place(Addr(u32::MAX)), Place::STATIC);
    b.free(&mut mem, g);
    assert_eq!(b.place(g.start), Place::FREE);
    assert_eq!(b.in_use(), 0);
    assert!(b.is_free(g.start));
}

#[test]
fn fragments_join_again() {
    let (mut b, mut host, mut mem) = blocks();
    assert!(b.commit(&mut host, 256, u32::MAX));
    let groups: Vec<Group> = (0..32).map(|_| b.alloc(8, Place::AGED).unwrap()).collect();
    assert!(b.alloc(1, Place::AGED).is_none());
    for g in groups.iter().step_by(2) {
        b.free(&mut mem, *g);
    }
    assert!(b.alloc(9, Place::OLD).is_none());
    assert_eq!(b.alloc_up_to(16, Place::OLD).unwrap().blocks(), 8);
    for g in groups.iter().skip(1).step_by(2) {
        b.free(&mut mem, *g);
    }
    assert!(b.alloc(248, Place::OLD).is_some());
}

#[test]
fn a_refusing_host_changes_nothing() {
    let (mut b, mut host, _) = blocks();
    host.refuse_above = 2 * MIB;
    assert!(b.commit(&mut host, 512, u32::MAX));
    assert!(!b.commit(&mut host, 513, u32::MAX));
    assert_eq!(b.committed(), 512);
    assert!(b.alloc(512, Place::OLD).is_some());
}

#[test]
fn trimming_keeps_what_is_asked() {
    let (mut b, mut host, mut mem) = blocks();
    assert!(b.commit(&mut host, 1024, u32::MAX));
    let g = b.alloc(600, Place::OLD).unwrap();
    b.free(&mut mem, g);
    b.trim(&mut host, 300);
    assert!(b.committed() >= 300 && b.committed() < 320, "{}", b.committed());
    assert_eq!(host.committed, b.committed() * BLOCK);
    assert!(b.commit(&mut host, 1024, u32::MAX));
    assert!(b.alloc(1024, Place::OLD).is_some());
}
