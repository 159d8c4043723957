//! Primops that compiled code calls: arguments in registers from R1 on, results too, and then back to the frame on top.

use super::leave::Left;
use crate::entry::closures;
use crate::entry::table::info;
use crate::interp::call;
use crate::interp::control::Stop;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;
use crate::primop::effect::Answer;
use crate::primop::table::{MAX_ARGS, PRIMOPS, Primop, Rep};
use crate::word::{ClosurePtr, Word};
use alloc::format;
use alloc::string::String;

impl Machine {
    /// Carries out primop number `n`.
    pub(super) fn call_primop(&mut self, n: u32) -> Result<Left, String> {
        let primop = &PRIMOPS[n as usize];
        let before = self.regs;
        let (args, count) = self.take_args(primop.args(), 0);
        if !self.regs.has_stack(call::MAX_PUSH) {
            self.regs = before;
            return Ok(self.retry_primop(n, Stop::StackFull(call::MAX_PUSH)));
        }
        let (mut words, mut len) = ([0; MAX_ARGS], 0);
        for (_, w) in args[..count].iter().filter(|(rep, _)| *rep != Rep::V) {
            words[len] = *w;
            len += 1;
        }
        let answer = call::carry_out(self, primop, &words);
        Ok(match answer {
            Answer::Word(w) => self.return_words(primop, &[w]),
            Answer::Words(all) => self.return_words(primop, &all),
            Answer::Enter(x) => Left::Eval(x),
            Answer::Run(io) => {
                self.regs.push_info(&mut self.mem, info::STG_AP_V);
                Left::Eval(io)
            }
            Answer::Raise(e) => Left::Stopped(Stop::Raise(e)),
            Answer::NeedHeap(wanted) => {
                // What it has allocated so far may be in use.
                self.regs = Regs { hp: self.regs.hp, hp_lim: self.regs.hp_lim, ..before };
                self.retry_primop(n, Stop::HeapFull(wanted))
            }
            Answer::Yield => {
                self.regs.push_info(&mut self.mem, info::STG_RET_V);
                Left::Stopped(Stop::Yield)
            }
            Answer::Leave(why) => Left::Stopped(why),
            Answer::Block => Left::Stopped(Stop::Blocked),
            Answer::Crash(why) => return Err(format!("{}: {why}", primop.name)),
        })
    }

    /// Leaves the call on the stack, as a call of the primop's wrapper, to be made again after `stop`.
    fn retry_primop(&mut self, n: u32, stop: Stop) -> Left {
        self.gather_args(PRIMOPS[n as usize].args(), 0);
        self.push_pair(info::STG_ENTER.word(), ClosurePtr::from(closures::wrapper(n)).word());
        Left::Stopped(stop)
    }

    /// Loads results into registers, and goes to the frame on top.
    fn return_words(&mut self, primop: &Primop, words: &[Word]) -> Left {
        self.load_results(primop, words);
        Left::ToCode(self.code_of_frame())
    }

    /// Loads results into the registers in which compiled code expects them. No primop has more of them than there are
    /// registers.
    pub(crate) fn load_results(&mut self, primop: &Primop, words: &[Word]) {
        let (mut n, mut vectors) = (0, 0);
        for (rep, w) in primop.results().zip(words) {
            match rep {
                Rep::F | Rep::D => {
                    self.set_vector(vectors, *w);
                    vectors += 1;
                }
                _ => {
                    self.set_reg(n, *w);
                    n += 1;
                }
            }
        }
    }
}
