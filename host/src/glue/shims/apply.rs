//! Unknown calls: `stg_ap_*_fast`, with arguments in registers, and `stg_ap_*_info`, with arguments in a frame.
//!
//! Done here: a compiled function that takes just these arguments, a partial application of one of which registers hold all
//! arguments, and a function that is not evaluated yet. The tag of a function says its arity, but byte code passes static
//! functions on without a tag, as GHC names them. Byte code and everything else are the machine's (`bcvm::interp::apply`).
//!
//! Truth: `utils/genapply/Main.hs`.

use bcvm::entry::Entry;
use bcvm::entry::table::info;
use bcvm::interp::apply::{self, PATTERNS};
use bcvm::layout::closure::pap;
use bcvm::layout::{ClosureType, bitmap, info_table};
use bcvm::word::WORD as WORD_BYTES;
use wasm_encoder::Function;

use super::stg::{Code, INFO, R1, SP, TYPE, WORD, WORD_REGS, at32};

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

/// For a closure without a tag: has `call` end in a jump if R1 is a compiled function of this arity, which is given its
/// tag, and `enter` if it is to be evaluated first. Otherwise goes on.
fn untagged(c: &mut Code, arity: usize, call: impl FnOnce(&mut Code), enter: impl FnOnce(&mut Code)) {
    c.tag();
    c.w().i64_eqz();
    c.when(|c| {
        c.load_info();
        c.load_type();
        c.is_type(ClosureType::FUN, ClosureType::FUN_STATIC);
        c.when(|c| {
            c.load_arity();
            c.w().i32_const(arity as i32).i32_eq();
            c.when(|c| {
                c.w().local_get(R1).i64_const(arity as i64).i64_or().local_set(R1);
                call(c);
            });
        });
        c.is_type(ClosureType::THUNK, ClosureType::THUNK_SELECTOR);
        c.is_type(ClosureType::IND, ClosureType::IND_STATIC);
        c.w().i32_or();
        c.is_type(ClosureType::BLACKHOLE, ClosureType::BLACKHOLE);
        c.w().i32_or();
        c.when(enter);
    });
}

/// Has `args` load the arguments into registers and jumps, if R1 is a partial application that lacks just `arity` of them, and
/// registers hold all words of its compiled function, `words` of which are missing. `args` is told from which register on.
/// Otherwise goes on.
fn partial_application(c: &mut Code, arity: usize, words: u32, args: impl Fn(&mut Code, u32)) {
    c.tag();
    c.w().i64_eqz();
    c.when(|c| {
        c.load_info();
        c.w().local_get(INFO).i32_const(info::STG_PAP.0.cast_signed()).i32_eq();
        c.w().local_get(R1).i32_wrap_i64().i32_load(at32(pap::ARITY)).i32_const(arity as i32).i32_eq().i32_and();
        // Only a compiled function has a tag.
        c.load(R1, pap::FUN);
        c.w().local_tee(WORD).i64_const(7).i64_and().i64_eqz().i32_eqz().i32_and();
        c.when(|c| {
            c.w().local_get(WORD).i32_wrap_i64().i32_const(!7).i32_and().i32_load(at32(0)).local_set(INFO);
            let back = info_table::FUN_TYPE.cast_signed();
            c.w().local_get(INFO).i32_const(back).i32_sub().i32_load(at32(0)).local_tee(TYPE);
            c.w().i32_const(bitmap::FUN_WORDS.len() as i32).i32_lt_u();
            c.w().i32_const(WORD_FUNCTIONS.cast_signed()).local_get(TYPE).i32_shr_u().i32_const(1).i32_and().i32_and();
            c.when(|c| {
                for held in 1..=(WORD_REGS - 1).saturating_sub(words) {
                    c.w()
                        .local_get(R1)
                        .i32_wrap_i64()
                        .i32_load(at32(pap::N_ARGS))
                        .i32_const(held.cast_signed())
                        .i32_eq();
                    c.when(|c| {
                        args(c, 2 + held);
                        for i in 0..held {
                            c.load(R1, pap::PAYLOAD + i * WORD_BYTES);
                            c.set_reg(2 + i);
                        }
                        c.w().local_get(WORD).local_set(R1);
                        c.jump_info();
                    });
                }
            });
        });
    });
}

/// The `fun_type`s of functions of words, as a set of bits.
const WORD_FUNCTIONS: u32 = {
    let (mut set, mut i) = (0, 0);
    while i < bitmap::FUN_WORDS.len() {
        if bitmap::FUN_WORDS[i] != bitmap::NOT_WORDS {
            set |= 1 << i;
        }
        i += 1;
    }
    set
};

/// A function is returned to the frame of its arguments.
fn from_frame(entry: Entry, pattern: &str) -> Function {
    let mut c = Code::new();
    let words = words_of(pattern);
    let in_registers = words.min(WORD_REGS - 1);
    let call = |c: &mut Code| {
        for i in 0..in_registers {
            c.load(SP, (1 + i) * WORD_BYTES);
            c.set_reg(2 + i);
        }
        c.add_sp(i64::from((1 + in_registers) * WORD_BYTES));
        jump_function(c, pattern.len());
    };
    has_arity(&mut c, pattern.len());
    c.when(call);
    untagged(&mut c, pattern.len(), call, Code::jump_info);
    partial_application(&mut c, pattern.len(), words, |c, first| {
        for i in 0..in_registers {
            c.load(SP, (1 + i) * WORD_BYTES);
            c.set_reg(first + i);
        }
        c.add_sp(i64::from((1 + in_registers) * WORD_BYTES));
    });
    c.stop(entry);
    c.finish()
}

/// A function is called with its arguments in registers, the sixth on the stack.
fn fast_call(frame: Entry, entry: Entry, pattern: &str) -> Function {
    let mut c = Code::new();
    has_arity(&mut c, pattern.len());
    c.when(|c| jump_function(c, pattern.len()));
    // Into the frame they go if it is to be evaluated: words that only runtime frames may use are room enough.
    let enter = |c: &mut Code| {
        let in_registers = words_of(pattern).min(WORD_REGS - 1);
        c.add_sp(-i64::from((1 + in_registers) * WORD_BYTES));
        for i in 0..in_registers {
            c.store_at_sp((1 + i) * WORD_BYTES, |c| c.get_reg(2 + i));
        }
        c.store_at_sp(0, |c| {
            c.w().i64_const(i64::from(frame.info().0));
        });
        c.jump_info();
    };
    untagged(&mut c, pattern.len(), |c| jump_function(c, pattern.len()), enter);
    partial_application(&mut c, pattern.len(), words_of(pattern), |c, first| {
        for i in (0..words_of(pattern)).rev() {
            c.get_reg(2 + i);
            c.set_reg(first + i);
        }
    });
    c.stop(entry);
    c.finish()
}
