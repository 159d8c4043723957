//! What x86-64 instructions mean, in wasm: one file per family.
//!
//! | File | Family |
//! |---|---|
//! | `mov` | moves, extensions, exchanges, the stack, conditional moves and sets |
//! | `alu` | addition, subtraction, logic, comparison |
//! | `shift` | shifts and rotations |
//! | `muldiv` | multiplication and division |
//! | `bits` | bit tests, bit scans, counts, byte swaps |
//! | `atomic` | compare-exchange, exchange-add |
//! | `string` | `movs`, `stos`, `lods`, `scas`, `cmps` with and without repetition |
//! | `call` | calls of C functions |
//! | `sse_move` | moves of xmm registers |
//! | `sse_float` | floating arithmetic and comparison, bitwise logic |
//! | `sse_convert` | conversions |
//! | `sse_int` | integer vectors |
//! | `sse_shuffle` | rearrangements of vectors |
//!
//! Jumps and returns are `shape`'s. A handler either emits the whole instruction or answers why not
//! without having changed what is recorded about flags and registers in a way that matters: the code
//! after an unsupported instruction is never reached.

mod alu;
mod atomic;
mod bits;
mod call;
mod mov;
mod muldiv;
mod processor;
mod shift;
mod sse_convert;
mod sse_float;
mod sse_int;
mod sse_move;
mod sse_shuffle;
mod string;

use iced_x86::{Instruction, Mnemonic as M, Register};

use super::emit::Emitter;
use super::error::Reason;
use super::regs::Width;

pub use call::push_code_slot;

/// What a handler answers.
pub(super) type Emitted = Result<(), Reason>;

/// Emits one instruction that is no jump and no return.
pub fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    if i.is_invalid() {
        return Err(Reason::Undecodable);
    }
    // A repeat prefix means something only on string instructions, which check it themselves.
    if i.is_string_instruction() {
        if matches!(i.segment_prefix(), Register::FS | Register::GS) {
            return Err(Reason::Operand);
        }
        return string::emit(e, i);
    }
    match i.mnemonic() {
        M::Nop | M::Endbr64 | M::Mfence | M::Lfence | M::Sfence | M::Pause => Ok(()),
        M::Prefetchnta | M::Prefetcht0 | M::Prefetcht1 | M::Prefetcht2 | M::Prefetchw => Ok(()),
        M::Mov | M::Movnti => mov::mov(e, i),
        M::Movzx => mov::extend(e, i, false),
        M::Movsx | M::Movsxd => mov::extend(e, i, true),
        M::Lea => mov::lea(e, i),
        M::Xchg => mov::xchg(e, i),
        M::Push => mov::push(e, i),
        M::Pop => mov::pop(e, i),
        M::Leave => mov::leave(e),
        M::Cbw | M::Cwde | M::Cdqe | M::Cwd | M::Cdq | M::Cqo => mov::convert(e, i),
        M::Add => alu::add_sub(e, i, false),
        M::Sub => alu::add_sub(e, i, true),
        M::Cmp => alu::cmp(e, i),
        M::And => alu::logic(e, i, alu::Logic::And),
        M::Or => alu::logic(e, i, alu::Logic::Or),
        M::Xor => alu::logic(e, i, alu::Logic::Xor),
        M::Test => alu::test(e, i),
        M::Inc => alu::inc_dec(e, i, false),
        M::Dec => alu::inc_dec(e, i, true),
        M::Neg => alu::neg(e, i),
        M::Not => alu::not(e, i),
        M::Adc => alu::adc_sbb(e, i, false),
        M::Sbb => alu::adc_sbb(e, i, true),
        M::Stc => alu::carry(e, true),
        M::Clc => alu::carry(e, false),
        M::Cmc => alu::complement_carry(e),
        M::Shl | M::Sal => shift::shift(e, i, shift::Shift::Left),
        M::Shr => shift::shift(e, i, shift::Shift::Right),
        M::Sar => shift::shift(e, i, shift::Shift::Arithmetic),
        M::Rol => shift::rotate(e, i, true),
        M::Ror => shift::rotate(e, i, false),
        M::Rcl => shift::rotate_carry(e, i, true),
        M::Rcr => shift::rotate_carry(e, i, false),
        M::Shld => shift::double(e, i, true),
        M::Shrd => shift::double(e, i, false),
        M::Mul => muldiv::mul(e, i, false),
        M::Imul if i.op_count() == 1 => muldiv::mul(e, i, true),
        M::Imul => muldiv::imul(e, i),
        M::Div => muldiv::div(e, i, false),
        M::Idiv => muldiv::div(e, i, true),
        M::Bt => bits::test(e, i, bits::Change::None),
        M::Bts => bits::test(e, i, bits::Change::Set),
        M::Btr => bits::test(e, i, bits::Change::Reset),
        M::Btc => bits::test(e, i, bits::Change::Complement),
        M::Bsf => bits::scan(e, i, false),
        M::Bsr => bits::scan(e, i, true),
        M::Tzcnt => bits::count(e, i, bits::Count::TrailingZeros),
        M::Lzcnt => bits::count(e, i, bits::Count::LeadingZeros),
        M::Popcnt => bits::count(e, i, bits::Count::Ones),
        M::Bswap => bits::bswap(e, i),
        M::Cmpxchg => atomic::cmpxchg(e, i),
        M::Xadd => atomic::xadd(e, i),
        M::Cpuid => processor::cpuid(e),
        M::Call => call::call(e, i),
        mnemonic if mov::is_setcc(mnemonic) => mov::setcc(e, i),
        mnemonic if mov::is_cmov(mnemonic) => mov::cmov(e, i),
        _ => {
            for family in [sse_move::emit, sse_float::emit, sse_convert::emit, sse_int::emit, sse_shuffle::emit] {
                if let Some(result) = family(e, i) {
                    return result;
                }
            }
            Err(Reason::Instruction)
        }
    }
}

/// Emits an addition that suits `width`.
fn add(e: &mut Emitter<'_>, width: Width) {
    if width.is_long() {
        e.w().i64_add()
    } else {
        e.w().i32_add()
    };
}

/// Emits a subtraction that suits `width`.
fn sub(e: &mut Emitter<'_>, width: Width) {
    if width.is_long() {
        e.w().i64_sub()
    } else {
        e.w().i32_sub()
    };
}

/// Pushes a constant that suits `width`.
fn constant(e: &mut Emitter<'_>, width: Width, value: i64) {
    if width.is_long() {
        e.w().i64_const(value)
    } else {
        e.w().i32_const(value as i32)
    };
}

/// Whether both operands are the same register.
fn same_register(i: &Instruction) -> bool {
    i.op0_register() != Register::None && i.op0_register() == i.op1_register() && i.op_count() == 2
}
