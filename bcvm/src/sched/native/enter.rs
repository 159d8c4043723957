//! From a stack that says what compiled code is to do, to registers and the slot of that code.

use super::{VECTOR_REGS, WORD_REGS};
use crate::abi::map;
use crate::entry::Entry;
use crate::entry::table::info;
use crate::interp::apply;
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
                let table = InfoTable::at(&self.mem, self.mem.info(x.addr()));
                let t = table.closure_type();
                let pattern = Entry::from_info(self.mem.info(self.regs.at(2))).and_then(apply::pattern);
                let is_value = t.is_fun() || t.is_constr() || matches!(t, ClosureType::PAP | ClosureType::BCO);
                match pattern {
                    Some(pattern) if is_value => self.call_native(x, pattern),
                    None if is_value => {
                        self.regs.pop(2);
                        let x = if t.is_constr() { self.tagged(x) } else { x };
                        self.set_reg(0, x.word());
                        Ok(self.code_of_frame())
                    }
                    _ => {
                        let index = table.code_index();
                        if index <= map::STOP_SLOTS {
                            // It would only come back to be evaluated again.
                            return Err(Refused::Crash(format!("evaluated {x:?}, a {}, which has no code", t.name())));
                        }
                        self.regs.pop(2);
                        self.set_reg(0, x.word());
                        Ok(index)
                    }
                }
            }
            table @ (info::STG_RET_P | info::STG_RET_N | info::STG_RET_L | info::STG_RET_F | info::STG_RET_D) => {
                let value = self.mem.word(self.regs.at(1));
                self.regs.pop(2);
                match table {
                    info::STG_RET_F | info::STG_RET_D => self.set_vector(0, value),
                    _ => self.set_reg(0, value),
                }
                Ok(self.code_of_frame())
            }
            info::STG_RET_V => {
                self.regs.pop(1);
                Ok(self.code_of_frame())
            }
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

    /// The slot of the code of the frame on top.
    pub(super) fn code_of_frame(&self) -> u32 {
        InfoTable::at(&self.mem, self.mem.info(self.regs.sp)).code_index()
    }

    /// `x`, an evaluated constructor, with the tag that compiled code relies on.
    fn tagged(&self, x: ClosurePtr) -> ClosurePtr {
        if x.tag() != 0 { x } else { x.with_tag(con_tag(&self.mem, x.addr()).saturating_add(1).min(TAG_MASK)) }
    }

    /// Calls `f`, a compiled function or a partial application of one, with exactly the arguments of the `stg_ap_*`
    /// frame under [stg_enter, f] (the saturated cases of `rts/Apply.cmm`).
    fn call_native(&mut self, f: ClosurePtr, pattern: &str) -> Result<u32, Refused> {
        let is_pap = self.mem.info(f.addr()) == info::STG_PAP;
        let held = if is_pap { self.mem.u32(f.addr() + pap::N_ARGS) } else { 0 };
        // [stg_enter, f, stg_ap_x] make room for three of them.
        if held > 3 && !self.regs.has_stack(held - 3) {
            return Err(Refused::Stack(held - 3));
        }
        let fun = if is_pap { self.mem.closure(f.addr() + pap::FUN) } else { f }.untagged();
        self.regs.pop(3);
        if !is_pap {
            let table = InfoTable::at(&self.mem, self.mem.info(fun.addr()));
            let own = table.code_index();
            self.set_node(fun);
            self.load_args(pattern.bytes().map(Rep::from_letter));
            return Ok(own);
        }
        self.regs.sp = Addr(self.regs.sp.0 - held * WORD);
        self.mem.copy_words(self.regs.sp, f.addr() + pap::PAYLOAD, held);
        self.enter_function(fun)
    }

    /// Puts the function into R1, with the tag that says its arity.
    fn set_node(&mut self, fun: ClosurePtr) {
        let arity = InfoTable::at(&self.mem, self.mem.info(fun.addr())).arity();
        let node = if arity <= TAG_MASK { fun.untagged().with_tag(arity) } else { fun.untagged() };
        self.set_reg(0, node.word());
    }

    /// Calls the compiled function `fun` with all its arguments on the stack.
    fn enter_function(&mut self, fun: ClosurePtr) -> Result<u32, Refused> {
        let table = InfoTable::at(&self.mem, self.mem.info(fun.addr()));
        let (fun_type, own) = (table.fun_type(), table.code_index());
        self.set_node(fun);
        match fun_type {
            // Only these have a slow entry: where it would be, there may be no memory before the first of an object.
            bitmap::ARG_GEN | bitmap::ARG_GEN_BIG => {
                Ok(self.mem.u32(InfoTable::at(&self.mem, self.mem.info(fun.addr())).slow_entry()))
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
