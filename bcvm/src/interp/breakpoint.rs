//! BRK_FUN: stop at a breakpoint if it is enabled.
//!
//! Honours arrays in which no breakpoint is enabled; a hit leaves with [`Stop::Break`](super::control::Stop), and
//! the scheduler says that stopping is not supported yet.

use super::regs::Regs;
use crate::bytecode::code::{l, s};
use crate::layout::closure::arr_words;
use crate::mem::Mem;

/// Whether the breakpoint of this BRK_FUN is enabled: its byte is 1 (9.0.2).
#[inline(always)]
pub fn is_enabled(mem: &Mem, r: &Regs, w: u64) -> bool {
    let array = r.ptr(mem, l(w)).addr();
    let tick = s(w);
    tick < mem.u32(array + arr_words::BYTES) && mem.u8(array + arr_words::PAYLOAD + tick) == 1
}
