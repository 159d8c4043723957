//! From a stack that says what compiled code is to do, to registers and the slot of that code.

use super::{VECTOR_REGS, WORD_REGS};
use crate::abi::map;
use crate::entry::Entry;
use crate::entry::table::info;
use crate::interp::apply;
use crate::interp::control::Into;
use crate::interp::machine::Machine;
use crate::interp::pack::con_tag;
use crate::layout::closure::pap;
use crate::layout::info_table::InfoTable;
use crate::layout::{ClosureType, bitmap};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, TAG_MASK, WORD};
use alloc::format;
use alloc::string::String;

/// The register of the first argument: R1 is the function itself.
const FIRST_ARG: u32 = 1;

impl Machine {
    /// Takes from the stack what compiled code wants in registers, and answers the slot of that code.
    pub(super) fn enter_native(&mut self) -> Result<u32, Refused> {
        match self.mem.info(self.regs.sp) {
            info::STG_ENTER => {
                let x = self.mem.closure(self.regs.at(1));
                let t = InfoTable::at(&self.mem, self.mem.info(x.addr())).closure_type();
                let is_applied = Entry::from_info(self.mem.info(self.regs.at(2))).and_then(apply::pattern).is_some();
                let is_value = t.is_fun() || t.is_constr() || matches!(t, ClosureType::PAP | ClosureType::BCO);
                let what = match is_value {
                    true if is_applied => Into::Call(x),
                    true => Into::Return(x),
                    false => Into::Enter(x),
                };
                let before = self.regs.sp;
                self.regs.pop(2);
                self.enter_for(what).inspect_err(|_| self.regs.sp = before)
            }
            info::STG_RET_P
            | info::STG_RET_N
            | info::STG_RET_L
            | info::STG_RET_F
            | info::STG_RET_D
            | info::STG_RET_V => self.enter_for(Into::ReturnUnlifted),
            table @ (info::STG_RET_PP | info::STG_RET_PPP | info::STG_RET_PPPP) => {
                let n = InfoTable::at(&self.mem, table).layout_word() as u32 & bitmap::SMALL_SIZE_MASK;
                for i in 0..n {
                    self.set_reg(i, self.mem.word(self.regs.at(1 + i)));
                }
                self.regs.pop(1 + n);
                Ok(self.code_of_frame())
            }
            info::STG_GC_FUN => {
                let fun = self.mem.closure(self.regs.at(2));
                self.regs.pop(3);
                self.enter_function(fun)
            }
            _ => Ok(self.code_of_frame()),
        }
    }

    /// The same for what the interpreter has in hand.
    #[inline]
    pub(super) fn enter_for(&mut self, what: Into) -> Result<u32, Refused> {
        match what {
            Into::Enter(x) => {
                let table = InfoTable::at(&self.mem, self.mem.info(x.addr()));
                let index = table.code_index();
                if index <= map::STOP_SLOTS {
                    // It would only come back to be evaluated again.
                    let name = table.closure_type().name();
                    return Err(Refused::Crash(format!("evaluated {x:?}, a {name}, which has no code")));
                }
                self.set_reg(0, x.word());
                return Ok(index);
            }
            Into::Return(x) => {
                let x = self.tagged(x);
                self.set_reg(0, x.word());
            }
            Into::ReturnUnlifted => {
                let value = self.mem.word(self.regs.at(1));
                match self.mem.info(self.regs.sp) {
                    info::STG_RET_V => self.regs.pop(1),
                    info::STG_RET_F | info::STG_RET_D => {
                        self.set_vector(0, value);
                        self.regs.pop(2);
                    }
                    _ => {
                        self.set_reg(0, value);
                        self.regs.pop(2);
                    }
                }
            }
            Into::Results => {}
            Into::Call(f) => return self.call_native(f),
            Into::CallBare(f) => {
                let fun = self.push_held(f);
                return self.enter_function(fun);
            }
        }
        Ok(self.code_of_frame())
    }

    /// The slot of the code of the frame on top.
    pub(super) fn code_of_frame(&self) -> u32 {
        InfoTable::at(&self.mem, self.mem.info(self.regs.sp)).code_index()
    }

    /// `x`, a value, with the tag that compiled code relies on if it is a constructor.
    fn tagged(&self, x: ClosurePtr) -> ClosurePtr {
        if x.tag() != 0 || !InfoTable::at(&self.mem, self.mem.info(x.addr())).closure_type().is_constr() {
            return x;
        }
        x.with_tag(con_tag(&self.mem, x.addr()).saturating_add(1).min(TAG_MASK))
    }

    /// Calls `f`, a compiled function or a partial application of one, with exactly the arguments of the `stg_ap_*`
    /// frame on top (the saturated cases of `rts/Apply.cmm`).
    fn call_native(&mut self, f: ClosurePtr) -> Result<u32, Refused> {
        if self.mem.info(f.addr()) != info::STG_PAP {
            let frame = self.mem.info(self.regs.sp);
            let index = self.set_node(f);
            self.regs.pop(1);
            match apply::plain_words(frame) {
                Some(words) => self.load_words(words),
                None => {
                    let pattern = Entry::from_info(frame).and_then(apply::pattern).unwrap_or_default();
                    self.load_args(pattern.bytes().map(Rep::from_letter));
                }
            }
            return Ok(index);
        }
        let held = self.mem.u32(f.addr() + pap::N_ARGS);
        // The frame's own word makes room for one of them.
        if held > 1 && !self.regs.has_stack(held - 1) {
            return Err(Refused::Stack(held - 1));
        }
        self.regs.pop(1);
        let fun = self.push_held(f);
        self.enter_function(fun)
    }

    /// The function that is called if `f` is; the arguments that it holds, if it is a partial application, go to the stack.
    fn push_held(&mut self, f: ClosurePtr) -> ClosurePtr {
        if self.mem.info(f.addr()) != info::STG_PAP {
            return f;
        }
        let held = self.mem.u32(f.addr() + pap::N_ARGS);
        self.regs.sp = Addr(self.regs.sp.0 - held * WORD);
        self.mem.copy_words(self.regs.sp, f.addr() + pap::PAYLOAD, held);
        self.mem.closure(f.addr() + pap::FUN)
    }

    /// Puts the function into R1, with the tag that says its arity, and answers the slot of its code.
    fn set_node(&mut self, fun: ClosurePtr) -> u32 {
        let table = InfoTable::at(&self.mem, self.mem.info(fun.addr()));
        let (arity, index) = (table.arity(), table.code_index());
        let node = if arity <= TAG_MASK { fun.untagged().with_tag(arity) } else { fun.untagged() };
        self.set_reg(0, node.word());
        index
    }

    /// Calls the compiled function `fun` with all its arguments on the stack.
    fn enter_function(&mut self, fun: ClosurePtr) -> Result<u32, Refused> {
        let own = self.set_node(fun);
        let fun_type = InfoTable::at(&self.mem, self.mem.info(fun.addr())).fun_type();
        if let Some(words) = bitmap::FUN_WORDS.get(fun_type as usize)
            && *words != bitmap::NOT_WORDS
        {
            self.load_words((*words).into());
            return Ok(own);
        }
        match fun_type {
            // Only these have a slow entry: where it would be, there may be no memory before the first of an object.
            bitmap::ARG_GEN | bitmap::ARG_GEN_BIG => {
                let slow = InfoTable::at(&self.mem, self.mem.info(fun.addr())).slow_entry();
                Ok(self.mem.u32(slow))
            }
            bitmap::ARG_V16..=bitmap::ARG_V64 => Err(Refused::Crash(format!("{fun:?} takes a vector, which none can"))),
            n => match bitmap::FUN_PATTERNS.get(n as usize) {
                Some(reps) => {
                    self.load_args(reps.bytes().map(Rep::from_letter));
                    Ok(own)
                }
                None => Err(Refused::Crash(format!("the function at {fun:?} has no argument pattern {n}"))),
            },
        }
    }

    /// Loads words from the stack into registers, as many as there are registers for.
    #[inline(always)]
    fn load_words(&mut self, words: u32) {
        let n = words.min(WORD_REGS - FIRST_ARG);
        for i in 0..n {
            self.set_reg(FIRST_ARG + i, self.mem.word(self.regs.at(i)));
        }
        self.regs.pop(n);
    }

    /// Loads arguments from the stack into registers, left to right, up to the first for which there is none: that
    /// one and all behind it stay on the stack.
    fn load_args(&mut self, reps: impl Iterator<Item = Rep>) {
        let (mut words, mut vectors) = (FIRST_ARG, 0);
        for rep in reps.filter(|rep| *rep != Rep::V) {
            let w = self.mem.word(self.regs.sp);
            match rep {
                Rep::F | Rep::D if vectors < VECTOR_REGS => {
                    self.set_vector(vectors, w);
                    vectors += 1;
                }
                Rep::P | Rep::N if words < WORD_REGS => {
                    self.set_reg(words, w);
                    words += 1;
                }
                _ => return,
            }
            self.regs.pop(1);
        }
    }
}

/// Why compiled code is not entered.
pub(super) enum Refused {
    /// The stack has no room for so many words.
    Stack(u32),
    /// What the stack says makes no sense.
    Crash(String),
}
