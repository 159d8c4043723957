//! The division that wasm has no instruction for: 128 bits by 64.

use wasm_encoder::{BlockType, Function, ValType};

/// `(high, low, divisor: i64) -> (quotient, remainder: i64)`, unsigned. Traps when the quotient does not
/// fit, which includes division by zero.
///
/// Bit by bit: the remainder is shifted left with the dividend's next bit, and the divisor taken away
/// where it fits. A bit that is shifted out of the remainder says that it certainly fits. Sixty-four short rounds:
/// nothing that is called often divides numbers this wide.
pub fn divide_function() -> Function {
    const HIGH: u32 = 0;
    const LOW: u32 = 1;
    const DIVISOR: u32 = 2;
    const COUNT: u32 = 3;
    const CARRY: u32 = 4;
    let mut function = Function::new([(1, ValType::I32), (1, ValType::I64)]);
    let mut w = function.instructions();
    w.local_get(HIGH).local_get(DIVISOR).i64_ge_u().if_(BlockType::Empty).unreachable().end();
    w.i32_const(64).local_set(COUNT);
    w.loop_(BlockType::Empty);
    // The remainder is in HIGH; LOW loses a bit of the dividend at the top and gains one of the quotient below.
    w.local_get(HIGH).i64_const(63).i64_shr_u().local_set(CARRY);
    w.local_get(HIGH).i64_const(1).i64_shl();
    w.local_get(LOW).i64_const(63).i64_shr_u().i64_or().local_set(HIGH);
    w.local_get(LOW).i64_const(1).i64_shl().local_set(LOW);
    w.local_get(CARRY).i32_wrap_i64();
    w.local_get(HIGH).local_get(DIVISOR).i64_ge_u().i32_or().if_(BlockType::Empty);
    w.local_get(HIGH).local_get(DIVISOR).i64_sub().local_set(HIGH);
    w.local_get(LOW).i64_const(1).i64_or().local_set(LOW);
    w.end();
    w.local_get(COUNT).i32_const(1).i32_sub().local_tee(COUNT).br_if(0);
    w.end();
    w.local_get(LOW).local_get(HIGH).end();
    function
}
