//! Lazy blackholing: what a paused thread was evaluating is marked, so that others wait for it, it finds its own
//! loops, and its free variables can be collected (`threadPaused` of `rts/ThreadPaused.c`).

use super::thread::is_update_frame;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::interp::update::blackhole;
use crate::layout::closure::frame;
use crate::layout::tso;
use crate::word::WORD;

impl Machine {
    /// Blackholes the thunks under evaluation by the running thread, whose registers are saved.
    ///
    /// The walk ends at the first frame marked by an earlier pause: all beneath it are marked too.
    pub fn pause_thread(&mut self) {
        let Some(t) = self.threads.current() else { return };
        let mut s = self.mem.closure(t + tso::STACKOBJ).addr();
        let mut sp = self.mem.closure(s + tso::stack::SP).addr();
        loop {
            let table = self.mem.info(sp);
            match table {
                info::STG_MARKED_UPD_FRAME | info::STG_STOP_THREAD => return,
                info::STG_STACK_UNDERFLOW_FRAME => {
                    s = self.mem.closure(sp + WORD).addr();
                    sp = self.mem.closure(s + tso::stack::SP).addr();
                    if self.mem.fault().is_some() {
                        return;
                    }
                    continue;
                }
                _ if is_update_frame(table) => {
                    let updatee = self.mem.closure(sp + WORD).addr();
                    // A thunk somebody else has blackholed or updated meanwhile is left to them.
                    if self.mem.info(updatee) != info::STG_BLACKHOLE {
                        blackhole(self, updatee, t);
                    }
                    self.mem.set_info(sp, info::STG_MARKED_UPD_FRAME);
                }
                _ => {}
            }
            match frame(&self.mem, sp) {
                Some((size, _)) => sp = sp.offset_w(size),
                None => return,
            }
        }
    }
}
