//! The short way into compiled code and back, which the interpreter takes without leaving its loop.
//!
//! It is the way of `run_native` without the scheduler: the thread's objects are not written, since nothing looks at them
//! before the thread stops, and the runtime is not marked as at work, since nothing here leaves the heap half changed. What
//! has to do with stopping goes the long way.

use super::enter::Refused;
use super::leave::Left;
use crate::interp::control::{Into, Next, Stop};
use crate::interp::eval::enter_later;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;

impl Machine {
    /// Has compiled code run for `what`, until it reaches an entry that is the interpreter's business.
    pub(crate) fn pass_through(&mut self, what: Into) -> Next {
        let mut index = match self.enter_for(what) {
            Ok(index) => index,
            Err(Refused::Crash(why)) => return self.crash(why),
            Err(Refused::Stack(words)) => return self.refused(what, words),
        };
        loop {
            if let Err(why) = self.run_code(index) {
                return self.crash(why);
            }
            if Regs::stop_wanted(&self.mem) {
                return self.stop(Stop::NativeLeft);
            }
            match self.leave_native() {
                Ok(Left::Eval(x)) => return Next::Eval(x),
                Ok(Left::ReturnUnlifted) => return Next::ReturnUnlifted,
                Ok(Left::Top) => return Next::Top,
                Ok(Left::ToCode(next)) => index = next,
                Ok(Left::Stopped(stop)) => return self.stop(stop),
                Err(why) => return self.crash(why),
            }
        }
    }

    /// There is no room on the stack for what the call of a partial application needs.
    #[cold]
    fn refused(&mut self, what: Into, words: u32) -> Next {
        let Into::Call(f) = what else { return self.stop(Stop::StackFull(words)) };
        let mut r = self.regs;
        let next = enter_later(self, &mut r, f, Stop::StackFull(words));
        self.regs = r;
        next
    }
}
