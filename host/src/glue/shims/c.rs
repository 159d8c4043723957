//! The machine's C functions as entries of the C table: a shim puts the arguments that its function has where the machine
//! looks for them, calls the machine, and answers what that has put there.

use bcvm::abi::{C_CALL, c_call};
use bcvm::libc::table::{CFunction, FIRST_CALLING};
use bcvm::primop::table::Rep;
use wasm_encoder::{Function, InstructionSink, MemArg};

use super::{CALL_FUNCTION, RSP_INDEX};
use crate::glue::convention::{C_PARAMS, C_WORD_PARAMS};

/// Vectors that are passed in registers.
const VECTOR_PARAMS: u32 = C_PARAMS.len() as u32 - 1 - C_WORD_PARAMS;

/// The shim of function number `n`.
pub(super) fn shim(n: u32, f: &CFunction) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let (mut words, mut vectors, mut on_stack) = (0, 0, false);
    if f.is_variadic {
        (words, vectors, on_stack) = (C_WORD_PARAMS, VECTOR_PARAMS, true);
    } else {
        for rep in f.args() {
            match rep {
                Rep::F | Rep::D if vectors < VECTOR_PARAMS => vectors += 1,
                Rep::P | Rep::N if words < C_WORD_PARAMS => words += 1,
                _ => on_stack = true,
            }
        }
    }
    for i in 0..words {
        code.i32_const(0).local_get(i).i64_store(at(C_CALL + c_call::WORDS + 8 * i));
    }
    for i in 0..vectors {
        code.i32_const(0).local_get(C_WORD_PARAMS + i).v128_store(at(C_CALL + c_call::VECTORS + 16 * i));
    }
    if on_stack || n >= FIRST_CALLING {
        code.i32_const(0).global_get(RSP_INDEX).i64_store(at(C_CALL + c_call::RSP));
    }
    code.i32_const(n.cast_signed()).call(CALL_FUNCTION);
    let word = |code: &mut InstructionSink<'_>, offset, is_set| {
        if is_set {
            code.i32_const(0).i64_load(at(C_CALL + offset))
        } else {
            code.i64_const(0)
        };
    };
    let vector = |code: &mut InstructionSink<'_>, offset, is_set| {
        if is_set {
            code.i32_const(0).v128_load(at(C_CALL + offset))
        } else {
            code.v128_const(0)
        };
    };
    let in_vectors = matches!(f.result(), Rep::F | Rep::D);
    word(&mut code, c_call::RAX, !in_vectors);
    word(&mut code, c_call::RDX, !in_vectors && f.is_pair());
    vector(&mut code, c_call::XMM0, in_vectors);
    vector(&mut code, c_call::XMM0 + 16, in_vectors && f.is_pair());
    code.end();
    function
}

/// An absolute address, as the offset from a constant 0.
fn at(address: u32) -> MemArg {
    MemArg { offset: u64::from(address), align: 3, memory_index: 0 }
}
