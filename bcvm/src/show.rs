//! Printing, for traces.

use crate::bytecode::code;
use crate::entry::symbol;
use crate::interp::regs::Regs;
use crate::mem::Mem;
use crate::word::{Addr, WORD};
use alloc::format;
use alloc::string::String;

/// One line for the instruction `w`, which is about to run: depth of the stack since the BCO was started, BCO and
/// offset, mnemonic, operands, and for a pointer operand what it points to if that has a name.
pub fn instruction(mem: &Mem, r: &Regs, w: u64) -> String {
    let depth = (r.base.0.wrapping_sub(r.sp.0) as i32) / WORD as i32;
    let offset = r.pc.0.wrapping_sub(r.code.0) / WORD;
    let Some(i) = code::unpack(w, mem.word(r.pc + WORD)) else {
        return format!("{:?}+{offset}: {w:#018x} is no instruction", r.bco);
    };
    let mut line = format!("{depth:4} {:?}+{offset:<3} {}", r.bco, i.op.name());
    for (operand, value) in i.op.operands().iter().zip(i.args) {
        line += &format!(" {}={value}", operand.name);
        if operand.class == crate::bytecode::table::Class::Ptr {
            let p = r.ptr(mem, value as u32);
            match symbol::name_of(p.addr()) {
                Some(name) => line += &format!(" ({name})"),
                None => line += &format!(" ({p:?})"),
            }
        }
    }
    line
}

/// The NUL-terminated text at `at`, if it is a short piece of UTF-8; what an info table's description is.
pub fn text(mem: &Mem, at: Addr) -> Option<String> {
    const MAX: u32 = 4096;
    let len = (0..MAX).find(|i| mem.u8(at + *i) == 0)?;
    let mut bytes = alloc::vec![0; len as usize];
    mem.read_bytes(at, &mut bytes);
    String::from_utf8(bytes).ok()
}
