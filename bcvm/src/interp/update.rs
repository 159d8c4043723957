//! Updating thunks and blackholing them (`rts/Updates.h`, `rts/ThreadPaused.c`).

use super::machine::Machine;
use super::regs::Regs;
use crate::entry::table::info;
use crate::layout::closure::INDIRECTEE;
use crate::word::{Addr, ClosurePtr, WORD};

/// Pops the update frame on top and overwrites its updatee with an indirection to `x`.
#[inline(always)]
pub fn update_frame(m: &mut Machine, r: &mut Regs, x: ClosurePtr) {
    let updatee = m.mem.closure(r.sp + WORD).addr();
    r.pop(2);
    update(m, updatee, x);
}

/// Overwrites the thunk at `p` with an indirection to `x` (`updateWithIndirection`).
#[inline(always)]
pub fn update(m: &mut Machine, p: Addr, x: ClosurePtr) {
    m.mem.set_closure(p + INDIRECTEE, x);
    m.mem.set_info(p, info::STG_BLACKHOLE);
    if m.heap.is_old(p) || m.threads.any_blocked() {
        update_rare(m, p);
    }
}

/// The thunk is old, or somebody waits for it.
#[cold]
#[inline(never)]
fn update_rare(m: &mut Machine, p: Addr) {
    if m.heap.is_old(p) {
        m.heap.remember(p);
    }
    m.threads.wake_blocked_on(&mut m.mem, p);
}

/// Marks the thunk at `p` as under evaluation by `owner`.
pub fn blackhole(m: &mut Machine, p: Addr, owner: Addr) {
    m.mem.set_closure(p + INDIRECTEE, owner.into());
    m.mem.set_info(p, info::STG_BLACKHOLE);
    if m.heap.is_old(p) {
        m.heap.remember(p);
    }
}
