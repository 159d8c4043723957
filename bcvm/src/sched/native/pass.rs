//! The short way into compiled code and back, which the interpreter takes without leaving its loop.
//!
//! It is the way of `run_native` without the scheduler: the thread's objects are not written, since nothing looks at them
//! before the thread stops, and the runtime is not marked as at work, since nothing here leaves the heap half changed. What
//! has to do with stopping goes the long way.

use super::enter::Refused;
use super::leave::Left;
use crate::interp::control::{Into, Next, Packed, Stop};
use crate::interp::eval::enter_later;
use crate::interp::machine::Machine;
use crate::interp::regs::{Regs, on_copy};

impl Machine {
    /// Has compiled code run for `what`, until it reaches an entry that is the interpreter's business.
    #[inline(never)]
    pub(crate) fn pass_through(&mut self, what: Into) -> Packed {
        let mut index = match self.enter_for(what) {
            Ok(index) => index,
            Err(Refused::Crash(why)) => return self.crash(why).into(),
            Err(Refused::Stack(words)) => return self.refused(what, words),
        };
        loop {
            if let Err(why) = self.run_code(index) {
                return self.crash(why).into();
            }
            if Regs::stop_wanted(&self.mem) {
                return self.stop(Stop::NativeLeft).into();
            }
            let next = match self.leave_native() {
                Ok(Left::ToCode(next)) => {
                    index = next;
                    continue;
                }
                Ok(Left::Eval(x)) => Next::Eval(x),
                Ok(Left::ReturnUnlifted) => Next::ReturnUnlifted,
                Ok(Left::Top) => Next::Top,
                Ok(Left::Stopped(stop)) => self.stop(stop),
                Err(why) => self.crash(why),
            };
            return next.into();
        }
    }

    /// There is no room on the stack for what the call of a partial application needs.
    #[cold]
    fn refused(&mut self, what: Into, words: u32) -> Packed {
        let Into::Call(f) = what else { return self.stop(Stop::StackFull(words)).into() };
        on_copy(self, |m, r| enter_later(m, r, f, Stop::StackFull(words)))
    }
}
