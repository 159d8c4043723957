//! Instructions that build and open heap objects.

use super::machine::Machine;
use super::regs::{Regs, alloc};
use crate::bytecode::code::{l, s, s2};
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, ap, pap};
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr};

/// ALLOC_AP and ALLOC_AP_NOUPD. The payload is MKAP's to fill; until then the object is on the stack only, and
/// nothing looks at it before the BCO leaves.
#[inline(always)]
pub fn alloc_ap(m: &mut Machine, r: &mut Regs, w: u64, table: InfoPtr) -> Option<()> {
    let n = s(w);
    let object = alloc(m, r, ap::SIZE_W + n)?;
    m.mem.set_info(object, table);
    m.mem.set_word(object + ap::ARITY, (n as u64) << 32);
    r.push(&mut m.mem, object.0 as u64);
    Some(())
}

/// ALLOC_PAP.
#[inline(always)]
pub fn alloc_pap(m: &mut Machine, r: &mut Regs, w: u64) -> Option<()> {
    let (arity, n) = (s(w), s2(w));
    let object = alloc(m, r, pap::SIZE_W + n)?;
    m.mem.set_info(object, info::STG_PAP);
    m.mem.set_word(object + pap::ARITY, arity as u64 | (n as u64) << 32);
    r.push(&mut m.mem, object.0 as u64);
    Some(())
}

/// MKAP.
#[inline(always)]
pub fn mkap(mem: &mut Mem, r: &mut Regs, w: u64) {
    let (object, n) = (mem.closure(r.at(s(w))).addr(), s2(w));
    fill(mem, r, object + ap::FUN, n);
}

/// MKPAP. False if what is to be the function is no BCO.
#[inline(always)]
pub fn mkpap(mem: &mut Mem, r: &mut Regs, w: u64) -> bool {
    let fun = mem.closure(r.sp).addr();
    if mem.info(fun) != info::STG_BCO {
        return false;
    }
    let (object, n) = (mem.closure(r.at(s(w))).addr(), s2(w));
    fill(mem, r, object + pap::FUN, n);
    true
}

/// Pops a function and `n` arguments into an application, whose payload follows its function field.
#[inline(always)]
fn fill(mem: &mut Mem, r: &mut Regs, fun_field: Addr, n: u32) {
    mem.copy_words(fun_field, r.sp, n + 1);
    r.pop(n + 1);
}

/// UNPACK: field 0 ends on top.
#[inline(always)]
pub fn unpack(mem: &mut Mem, r: &mut Regs, w: u64) {
    let (con, n) = (mem.closure(r.sp).addr(), s(w));
    r.sp = Addr(r.sp.0.wrapping_sub(n * 8));
    mem.copy_words(r.sp, con + PAYLOAD, n);
}

/// PACK. The constructor is as large as its info table says, or as the words given if those are more.
#[inline(always)]
pub fn pack(m: &mut Machine, r: &mut Regs, w: u64) -> Option<()> {
    let (con, n) = (InfoPtr::from_word(r.lit(&m.mem, l(w))), s(w));
    let table = InfoTable::at(&m.mem, con);
    let fields = table.ptrs().wrapping_add(table.nptrs()).max(1);
    let size = fields.max(n);
    let object = alloc(m, r, size.checked_add(1)?)?;
    m.mem.set_info(object, con);
    m.mem.copy_words(object + PAYLOAD, r.sp, n);
    if n < size {
        m.mem.fill_words((object + PAYLOAD).offset_w(n), size - n, 0);
    }
    r.pop(n);
    // GHC 9.0.2 leaves it untagged; see `ret::return_lifted`.
    let tag = InfoTable::at(&m.mem, con).con_tag().min(6) + 1;
    r.push(&mut m.mem, (object.0 | tag) as u64);
    Some(())
}

/// The zero-based tag of the constructor at `c`; for anything else, whatever its info table holds there.
#[inline(always)]
pub fn con_tag(mem: &Mem, c: Addr) -> u32 {
    InfoTable::at(mem, mem.info(c)).con_tag()
}
