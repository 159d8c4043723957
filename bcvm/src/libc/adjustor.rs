//! C functions made of Haskell functions at run time: `foreign import "wrapper"` (`rts/Adjustor.c`).
//!
//! An adjustor calls the stub that GHC has compiled for the type, with a stable pointer in front of its own arguments. Its
//! code is generated (`host/src/glue/adjustors.rs`), a batch at a time; this file owns the records that say what each
//! calls.

use super::state::CState;
use super::table::functions;
use crate::abi::map::{self, adjustor};
use crate::interp::machine::Machine;
use crate::libc::memory::c_string;
use crate::word::{Addr, Word};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

/// The adjustors of one machine.
#[derive(Debug, Default)]
pub struct Adjustors {
    /// How many there are.
    made: u32,
    /// Records that are not in use, and their slots.
    free: Vec<(Addr, u32)>,
    /// Those in use.
    used: BTreeMap<Addr, u32>,
}

/// Words in registers that the stub has room for beside the stable pointer.
const WORDS: usize = 5;

/// `createAdjustor`: the address of a C function that calls `stub` with `stable` in front of its arguments. `types` has a
/// letter for each: f or d for those that travel in vector registers.
fn create(m: &mut Machine, [stable, stub, types]: [Word; 3]) -> Word {
    let words = c_string(&m.mem, types).iter().filter(|&&letter| letter != b'f' && letter != b'd').count();
    if m.c.adjustors.free.is_empty() && !make_more(m) {
        m.end_program(format!("no more than {} Haskell functions can be C functions at a time", m.c.adjustors.made));
        return 0;
    }
    let Adjustors { free, used, .. } = &mut m.c.adjustors;
    let Some((record, slot)) = free.pop() else { return 0 };
    used.insert(record, slot);
    m.mem.set_u32(record + adjustor::SLOT, slot);
    m.mem.set_u8(record + adjustor::SPILLS, (words > WORDS) as u8);
    m.mem.set_word(record + adjustor::STABLE, stable);
    m.mem.set_word(record + adjustor::STUB, stub);
    record.word()
}

/// Has the host make a batch; false if there is no room for it.
fn make_more(m: &mut Machine) -> bool {
    let first = map::C_SLOTS + 1 + m.c.adjustors.made;
    if m.c.adjustors.made >= map::ADJUSTORS {
        return false;
    }
    let Some(records) = m.c_allocate((adjustor::BATCH * adjustor::BYTES) as u64) else { return false };
    if !m.host.adjustors(first, records.0) {
        m.c_free(records.word());
        return false;
    }
    m.c.adjustors.made += adjustor::BATCH;
    // The lowest is handed out first.
    m.c.adjustors.free.extend((0..adjustor::BATCH).rev().map(|i| (records + i * adjustor::BYTES, first + i)));
    true
}

/// `freeHaskellFunctionPtr`: what calls it from now on jumps to what is no code. Whatever else is freed is no business of
/// ours, since hs_free_fun_ptr may be given any function.
fn free(m: &mut Machine, function: Word) -> Word {
    let record = Addr::from_word(function);
    let CState { adjustors, .. } = &mut m.c;
    if let Some(slot) = adjustors.used.remove(&record).filter(|_| function == record.word()) {
        adjustors.free.push((record, slot));
        m.mem.set_u32(record + adjustor::SLOT, 0);
        let stable = m.mem.word(record + adjustor::STABLE);
        m.stable.free_for_program(stable);
    }
    0
}

functions! {
    "createAdjustor" "nnnn" b'n' = |m, [_, stable, stub, types, ..]| create(m, [stable, stub, types]);
    "freeHaskellFunctionPtr" "n" b'v' = |m, [function, ..]| free(m, function);
    "hs_free_fun_ptr" "n" b'v' = |m, [function, ..]| free(m, function);
}
