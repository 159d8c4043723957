//! C functions: those of ours that compiled code calls, and those of loaded objects that we call.
//!
//! While a C function of ours runs, compiled code has Hp in a register of its own: nothing here may allocate in the
//! nursery, and nothing may collect. See Note [C functions between two pieces of compiled code].
//
// Note [C functions between two pieces of compiled code]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Compiled Haskell code calls C in two ways. An *unsafe* call leaves everything in registers: Hp and the nursery are the
// caller's, a pointer argument is as good as dead after a collection, so the C function allocates from old space at most
// (`newCAF` does). A *safe* call is framed by `suspendThread` and `resumeThread`; the caller has closed the nursery
// (written Hp to its descriptor) and kept nothing in registers. Around both, all state of the machine is as it was when
// the code was entered, but for the nursery, so a C function may look at anything and must not touch that.
//
// After a safe call the caller computes HpLim from the descriptor again, which would take back a stop that was asked for
// meanwhile. `resumeThread` therefore makes the nursery look full if there is such a wish. What a C function may do that
// was called safely and calls back is in Note [Calls back into Haskell] in `callback`.

use super::callback::Outside;
use crate::abi::map::{self, c_call};
use crate::interp::machine::{Compiled, Machine};
use crate::libc::table::{self, CFunction, FIRST_CALLING, FUNCTIONS, MAX_ARGS, dots};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, WORD, Word};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Words that C passes in registers.
const WORD_REGS: u32 = 6;
/// Doubles that C passes in registers.
const VECTOR_REGS: u32 = 8;
/// Bytes of a vector register.
const VECTOR: u32 = 16;
const AREA: Addr = Addr(map::C_CALL);
/// Why a function of a loaded object is not called.
const NO_COMPILED_CODE: &str = "called compiled code, which this backend cannot run";

impl Machine {
    /// Carries out built-in C function number `n` for compiled code, with arguments and results at `C_CALL`. False when
    /// the program must end: `crash_report` says why.
    pub fn c_call(&mut self, n: u32) -> bool {
        let Some(f) = FUNCTIONS.get(n as usize) else { return false };
        // The return address's slot lies between the stack pointer and the arguments.
        let stack = Addr::from_word(self.mem.word(AREA + c_call::RSP)) + WORD;
        let args = if f.is_variadic { self.registers(stack) } else { self.arguments_of(f, stack) };
        let result = if n < FIRST_CALLING { (f.run)(self, args) } else { self.call_deeper(f, args) };
        self.stable.publish(&mut self.mem, &mut *self.host);
        match f.result() {
            Rep::F | Rep::D => self.mem.set_word(AREA + c_call::XMM0, result),
            _ => self.mem.set_word(AREA + c_call::RAX, result),
        }
        self.crash_report.is_empty()
    }

    /// What a variadic function is given.
    fn registers(&self, stack: Addr) -> [Word; MAX_ARGS] {
        let mut args = [0; MAX_ARGS];
        for (i, word) in (0..).zip(&mut args[..dots::WORDS]) {
            *word = self.mem.word(AREA + c_call::WORDS + i * WORD);
        }
        for (i, double) in (0..).zip(&mut args[dots::WORDS..dots::STACK]) {
            *double = self.mem.word(AREA + c_call::VECTORS + i * VECTOR);
        }
        args[dots::STACK] = stack.word();
        args
    }

    /// The arguments that a function declares.
    fn arguments_of(&self, f: &CFunction, mut stack: Addr) -> [Word; MAX_ARGS] {
        let mut args = [0; MAX_ARGS];
        let (mut words, mut vectors) = (0, 0);
        for (arg, rep) in args.iter_mut().zip(f.args()) {
            let from = match rep {
                Rep::F | Rep::D if vectors < VECTOR_REGS => {
                    vectors += 1;
                    AREA + c_call::VECTORS + (vectors - 1) * VECTOR
                }
                Rep::P | Rep::N if words < WORD_REGS => {
                    words += 1;
                    AREA + c_call::WORDS + (words - 1) * WORD
                }
                _ => {
                    stack = stack + WORD;
                    stack - WORD
                }
            };
            *arg = self.mem.word(from);
        }
        args
    }

    /// Carries out a function that may run compiled code, on the C stack beneath its caller's.
    fn call_deeper(&mut self, f: &CFunction, args: [Word; MAX_ARGS]) -> Word {
        let before = self.mem.word(Addr(map::C_SP));
        // The caller's points at the slot of the return address; it is 8 more than a multiple of 16, as it has to be.
        let callers = self.mem.word(AREA + c_call::RSP);
        if callers > before || callers < map::C_STACK_START as u64 + 2 * WORD as u64 {
            self.end_program(format!("compiled code called {} with its stack pointer at {callers:#x}", f.symbol));
            return 0;
        }
        self.mem.set_word(Addr(map::C_SP), (callers & !15) - WORD as u64);
        let result = (f.run)(self, args);
        self.mem.set_word(Addr(map::C_SP), before);
        result
    }

    /// Calls the C function at `function`, be it of the machine or of a loaded object.
    pub fn call_c(&mut self, function: Word, args: &[(Rep, Word)], result: Rep) -> Result<Word, String> {
        let Some(f) = table::at(function) else { return self.call_loaded(Addr::from_word(function), args, result) };
        let mut words = [0; MAX_ARGS];
        for (to, (_, w)) in words.iter_mut().zip(args) {
            *to = *w;
        }
        Ok((f.run)(self, words))
    }

    /// Runs a C finalizer of a weak pointer, whatever the runtime is doing: it is C, and may do damage.
    pub fn call_finalizer(&mut self, function: Word, args: &[(Rep, Word)]) {
        let busy = self.mem.volatile_u32(Addr(map::RUNTIME_BUSY)) != 0;
        let before = core::mem::replace(&mut self.outside, Outside::Finalizer);
        self.leave_runtime();
        let called = self.call_c(function, args, Rep::V);
        if busy {
            self.enter_runtime();
        }
        self.outside = before;
        if let Err(why) = called {
            self.end_program(format!("the C finalizer at {function:#x}: {why}"));
        }
    }

    /// Calls the C function of a loaded object at `function`, and answers its result.
    pub fn call_loaded(&mut self, function: Addr, args: &[(Rep, Word)], result: Rep) -> Result<Word, String> {
        if !self.prepare_c_stack() {
            return Err(NO_COMPILED_CODE.into());
        }
        let (mut words, mut vectors) = (0, 0);
        let mut on_stack = Vec::new();
        for (rep, w) in args {
            match rep {
                Rep::V => {}
                Rep::F | Rep::D if vectors < VECTOR_REGS => {
                    self.mem.set_word(AREA + c_call::VECTORS + vectors * VECTOR, *w);
                    self.mem.set_word(AREA + c_call::VECTORS + vectors * VECTOR + WORD, 0);
                    vectors += 1;
                }
                Rep::P | Rep::N if words < WORD_REGS => {
                    self.mem.set_word(AREA + c_call::WORDS + words * WORD, *w);
                    words += 1;
                }
                _ => on_stack.push(*w),
            }
        }
        let before = Addr::from_word(self.mem.word(Addr(map::C_SP)));
        // An even number of words keeps the stack aligned.
        let sp = before - on_stack.len().next_multiple_of(2) as u32 * WORD;
        for (i, w) in on_stack.iter().enumerate() {
            self.mem.set_word(sp.offset_w(1 + i as u32), *w);
        }
        self.mem.set_word(Addr(map::C_SP), sp.word());
        let slot = self.mem.u32(function);
        let ran = self.run_compiled(Compiled::C(slot));
        self.mem.set_word(Addr(map::C_SP), before.word());
        if !ran {
            return Err(NO_COMPILED_CODE.into());
        }
        Ok(match result {
            Rep::F | Rep::D => self.mem.word(AREA + c_call::XMM0),
            _ => self.mem.word(AREA + c_call::RAX),
        })
    }

    /// Runs compiled code, on a C stack that is there. False where there is none.
    #[inline(always)]
    pub(super) fn run_compiled(&mut self, what: Compiled) -> bool {
        let Some(run) = self.compiled else { return false };
        if !self.prepare_c_stack() {
            return false;
        }
        self.stable.publish(&mut self.mem, &mut *self.host);
        run(self, what);
        true
    }

    /// Makes the C stack accessible; false where there is no room, or no compiled code that would want it.
    #[inline(always)]
    fn prepare_c_stack(&mut self) -> bool {
        self.has_c_stack() || self.make_c_stack()
    }

    #[cold]
    #[inline(never)]
    fn make_c_stack(&mut self) -> bool {
        let size = map::C_STACK_END - map::C_STACK_START;
        let ready = self.compiled.is_some() && self.host.commit(map::C_STACK_START, size);
        if ready {
            self.reset_c_stack();
        }
        ready
    }

    /// Whether the C stack is committed.
    pub fn has_c_stack(&self) -> bool {
        self.mem.word(Addr(map::C_SP)) != 0
    }

    /// Nobody is on the C stack (any more).
    pub fn reset_c_stack(&mut self) {
        self.mem.set_word(Addr(map::C_SP), (map::C_STACK_END - map::RESERVED_C_STACK_BYTES - WORD) as u64);
    }
}

impl Machine {
    /// Updates the thunk at `p` with `value`, for compiled code that may not do it itself: it is old, or somebody waits
    /// for it.
    pub fn update_for_compiled(&mut self, p: Addr, value: ClosurePtr) {
        self.enter_runtime();
        crate::interp::update::update(self, p, value);
        self.leave_runtime();
    }
}

/// `newCAF`: see `interp::caf`.
pub fn new_caf(m: &mut Machine, [_, caf, ..]: [Word; MAX_ARGS]) -> Word {
    m.enter_runtime();
    let blackhole = m.new_caf(Addr::from_word(caf));
    m.leave_runtime();
    blackhole.map_or_else(
        || {
            m.crash_report = "the heap is full: there is no room to evaluate a top-level value".into();
            0
        },
        |blackhole| blackhole.0 as u64,
    )
}
