//! Functions of every lifted module that come from no code: the division that wasm has no instruction for, and jumps
//! that are many and cold.

// Note [Jumps through the register table]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Below the register table GHC keeps the addresses of the runtime's `stg_gc_enter_1` and `stg_gc_fun`, where
// failing heap and stack checks go: every third function has such a jump and hardly ever takes it. A jump through
// the table is some sixty bytes of machine code, a direct one twenty, so these have one function each.

use wasm_encoder::{BlockType, Function, MemArg, ValType};

use super::convention::{BASE_REG, STG_PARAMS};
use super::emit::index;

/// A function that comes from no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    /// See [`divide_function`].
    Divide,
    /// `jmp [r13-16]`
    GcEnter1,
    /// `jmp [r13-8]`
    GcFun,
}

impl Helper {
    /// All of them, as they follow the functions that come from code.
    pub const ALL: [Helper; 3] = [Helper::Divide, Helper::GcEnter1, Helper::GcFun];

    /// The helper for a jump to what lies at this displacement from BaseReg.
    pub fn jump(displacement: i64) -> Option<Helper> {
        match displacement {
            -16 => Some(Helper::GcEnter1),
            -8 => Some(Helper::GcFun),
            _ => None,
        }
    }

    /// Its type.
    pub fn ty(self) -> u32 {
        match self {
            Helper::Divide => index::DIVIDE_TYPE,
            Helper::GcEnter1 | Helper::GcFun => index::STG_TYPE,
        }
    }

    /// Its code.
    pub fn function(self) -> Function {
        match self {
            Helper::Divide => divide_function(),
            Helper::GcEnter1 => jump_function(BASE_REG - 16),
            Helper::GcFun => jump_function(BASE_REG - 8),
        }
    }
}

/// Enters the code whose address lies at `address`.
fn jump_function(address: u32) -> Function {
    let mut function = Function::new([]);
    let mut w = function.instructions();
    for param in 0..STG_PARAMS.len() as u32 {
        w.local_get(param);
    }
    let mem = |offset: u32| MemArg { offset: offset.into(), align: 0, memory_index: 0 };
    w.i32_const(0).i32_load(mem(address)).i32_load(mem(0));
    w.return_call_indirect(index::STG_TABLE, index::STG_TYPE).end();
    function
}

/// `(high, low, divisor: i64) -> (quotient, remainder: i64)`, unsigned. Traps when the quotient does not
/// fit, which includes division by zero.
///
/// Bit by bit: the remainder is shifted left with the dividend's next bit, and the divisor taken away
/// where it fits. A bit that is shifted out of the remainder says that it certainly fits. Sixty-four short rounds:
/// nothing that is called often divides numbers this wide.
fn divide_function() -> Function {
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
