//! How much each thread has allocated, and its limit (`setAllocationCounter`, `enableAllocationLimit`).
//!
//! A thread's counter goes down as it allocates. The heap counts for all threads together, so the running one is charged
//! whenever somebody asks, and when another becomes the running one.

use crate::interp::machine::Machine;
use crate::layout::tso::{self, flags};
use crate::word::{Addr, WORD};

/// What a thread may allocate beyond its limit while it handles the exception (`-xq`).
const GRACE_BYTES: i64 = 100 << 10;

impl Machine {
    /// Charges the running thread for what was allocated since this was last done.
    pub(crate) fn count_allocation(&mut self) {
        let now_w = self.allocated_words();
        let bytes = now_w.wrapping_sub(self.threads.counted_w) * WORD as u64;
        self.threads.counted_w = now_w;
        if let Some(t) = self.threads.current() {
            let counter = self.mem.word(t + tso::ALLOC_LIMIT);
            self.mem.set_word(t + tso::ALLOC_LIMIT, counter.wrapping_sub(bytes));
        }
    }

    /// The counter of the running thread.
    pub(crate) fn allocation_counter(&mut self) -> u64 {
        self.count_allocation();
        self.threads.current().map_or(0, |t| self.mem.word(t + tso::ALLOC_LIMIT))
    }

    /// Sets it.
    pub(crate) fn set_allocation_counter(&mut self, bytes: u64) {
        self.count_allocation();
        if let Some(t) = self.threads.current() {
            self.mem.set_word(t + tso::ALLOC_LIMIT, bytes);
        }
    }

    /// Has the thread `t` get AllocationLimitExceeded when its counter is below 0, or not
    /// (`rts_enableThreadAllocationLimit`, `rts_disableThreadAllocationLimit`).
    pub fn limit_allocation(&mut self, t: Addr, limited: bool) {
        let state = self.mem.u32(t + tso::FLAGS);
        let state = if limited { state | flags::ALLOC_LIMIT } else { state & !flags::ALLOC_LIMIT };
        self.mem.set_u32(t + tso::FLAGS, state);
    }

    /// Whether the running thread has passed its limit; it then gets some more for its handler.
    pub(super) fn allocation_limit_reached(&mut self) -> bool {
        if self.current_flags() & flags::ALLOC_LIMIT == 0 || self.allocation_counter() as i64 >= 0 {
            return false;
        }
        self.set_allocation_counter(GRACE_BYTES as u64);
        true
    }
}
