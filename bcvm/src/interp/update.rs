//! Updating thunks and blackholing them (`rts/Updates.h`, `rts/ThreadPaused.c`).

use super::machine::Machine;
use super::regs::Regs;
use crate::word::{Addr, ClosurePtr, WORD};

/// Pops the update frame on top and overwrites its updatee with an indirection to `x`.
#[inline(always)]
pub fn update_frame(m: &mut Machine, r: &mut Regs, x: ClosurePtr) {
    let updatee = m.mem.closure(r.sp + WORD).addr();
    r.pop(2);
    update(m, updatee, x);
}

/// Overwrites the thunk at `p` with an indirection to `x`, and wakes who waits for it (`updateWithIndirection`).
#[inline(always)]
pub fn update(m: &mut Machine, p: Addr, x: ClosurePtr) {
    if m.threads.any_blocked() {
        m.wake_black_hole(p);
    }
    m.heap.update_thunk(&mut m.mem, p, x);
}

/// Marks the thunk at `p` as under evaluation by `owner`.
pub fn blackhole(m: &mut Machine, p: Addr, owner: Addr) {
    m.heap.blackhole_thunk(&mut m.mem, p, owner);
}
