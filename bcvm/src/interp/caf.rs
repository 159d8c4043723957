//! Constant applicative forms: static thunks, their first entry, and taking that back (`rts/sm/Storage.c`).
//!
//! Byte code has none of its own (its top-level thunks are heap objects); compiled code's are entered through
//! `newCAF`. An interpreter retains every CAF that was entered, because later byte code may refer to it again, and
//! reverts them all when GHC reloads (`newRetainedCAF`, `revertCAFs`).

use super::machine::Machine;
use crate::entry::table::info;
use crate::layout::closure::{INDIRECTEE, ind_static};
use crate::word::Addr;

/// Words of a CAF_BLACKHOLE.
const BLACKHOLE_W: u32 = 2;

impl Machine {
    /// The CAF at `caf` is entered by the running thread: makes it an indirection to a black hole of the thread, which
    /// is answered; its evaluation updates that. None when the heap is exhausted, and then nothing has changed.
    pub fn new_caf(&mut self, caf: Addr) -> Option<Addr> {
        // Compiled code has the nursery while it enters a CAF.
        let blackhole = self.heap.allocate_old(&mut *self.host, BLACKHOLE_W)?;
        let owner = self.threads.current().unwrap_or_default();
        self.mem.set_info(blackhole, info::STG_CAF_BLACKHOLE);
        self.mem.set_closure(blackhole + INDIRECTEE, owner.into());
        self.heap.remember(blackhole);
        let thunk = self.mem.info(caf);
        self.mem.set_info(caf + ind_static::SAVED_INFO, thunk);
        self.mem.set_closure(caf + ind_static::INDIRECTEE, blackhole.into());
        self.mem.set_info(caf, info::STG_IND_STATIC);
        self.cafs.push(caf);
        Some(blackhole)
    }

    /// Makes every CAF that was entered the thunk it was.
    pub fn revert_cafs(&mut self) {
        for caf in core::mem::take(&mut self.cafs) {
            let thunk = self.mem.info(caf + ind_static::SAVED_INFO);
            self.mem.set_info(caf, thunk);
            self.mem.set_word(caf + ind_static::SAVED_INFO, 0);
            self.mem.set_word(caf + ind_static::STATIC_LINK, 0);
        }
    }
}
