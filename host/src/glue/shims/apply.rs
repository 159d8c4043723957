//! Unknown calls: `stg_ap_*_fast`, with arguments in registers, and `stg_ap_*_info`, with arguments in a frame.
//!
//! Done here: a compiled function that takes just these arguments, which its tag says, and a function that is not
//! evaluated yet. Partial applications, byte code and everything else are the machine's (`bcvm::interp::apply`).
//!
//! Truth: `utils/genapply/Main.hs`.

use bcvm::entry::Entry;
use bcvm::interp::apply::{self, PATTERNS};
use bcvm::layout::ClosureType;
use bcvm::word::WORD as WORD_BYTES;
use wasm_encoder::Function;

use super::stg::{Code, INFO, R1, SP, WORD_REGS};

/// Every entry with its slot. Floats and doubles are left to the machine.
pub(super) fn entries() -> impl Iterator<Item = (u32, Function)> {
    let words = |pattern: &str| !pattern.contains(['f', 'd']);
    PATTERNS.iter().filter(move |(_, pattern)| words(pattern)).flat_map(|&(frame, pattern)| {
        let fast = apply::fast_of(frame);
        [(frame.slot(), from_frame(frame, pattern)), (fast.slot(), fast_call(frame, fast, pattern))]
    })
}

/// Words that the arguments take.
fn words_of(pattern: &str) -> u32 {
    pattern.bytes().filter(|letter| *letter != b'v').count() as u32
}

/// Jumps to the code of R1, a function whose tag has just been looked at.
fn jump_function(c: &mut Code, arity: usize) {
    c.w().local_get(R1).i64_const(arity as i64).i64_sub().i32_wrap_i64();
    c.w().i32_load(super::stg::at32(0)).local_set(INFO);
    c.jump_info();
}

/// Pushes whether R1 has the tag of a function of this arity.
fn has_arity(c: &mut Code, arity: usize) {
    c.tag();
    c.w().i64_const(arity as i64).i64_eq();
}

/// Enters R1 if it is a thunk; the arguments lie in a frame. Otherwise goes on.
fn enter_thunk(c: &mut Code) {
    c.tag();
    c.w().i64_eqz();
    c.when(|c| {
        c.load_info();
        c.load_type();
        c.is_type(ClosureType::THUNK, ClosureType::THUNK_SELECTOR);
        c.when(Code::jump_info);
    });
}

/// A function is returned to the frame of its arguments.
fn from_frame(entry: Entry, pattern: &str) -> Function {
    let mut c = Code::new();
    let words = words_of(pattern);
    let in_registers = words.min(WORD_REGS - 1);
    has_arity(&mut c, pattern.len());
    c.when(|c| {
        for i in 0..in_registers {
            c.load(SP, (1 + i) * WORD_BYTES);
            c.set_reg(2 + i);
        }
        c.add_sp(i64::from((1 + in_registers) * WORD_BYTES));
        jump_function(c, pattern.len());
    });
    enter_thunk(&mut c);
    c.stop(entry);
    c.finish()
}

/// A function is called with its arguments in registers, the sixth on the stack.
fn fast_call(frame: Entry, entry: Entry, pattern: &str) -> Function {
    let mut c = Code::new();
    has_arity(&mut c, pattern.len());
    c.when(|c| jump_function(c, pattern.len()));
    // Into the frame they go if the function is a thunk: words that only runtime frames may use are room enough.
    c.tag();
    c.w().i64_eqz();
    c.when(|c| {
        c.load_info();
        c.load_type();
        c.is_type(ClosureType::THUNK, ClosureType::THUNK_SELECTOR);
        c.when(|c| {
            let in_registers = words_of(pattern).min(WORD_REGS - 1);
            c.add_sp(-i64::from((1 + in_registers) * WORD_BYTES));
            for i in 0..in_registers {
                c.store_at_sp((1 + i) * WORD_BYTES, |c| c.get_reg(2 + i));
            }
            c.store_at_sp(0, |c| {
                c.w().i64_const(i64::from(frame.info().0));
            });
            c.enter();
        });
    });
    c.stop(entry);
    c.finish()
}
