//! Writes the built-in info tables and closures into the RTS region.

use super::closures::{self, CHARLIKE, INTLIKE, MAX_INTLIKE, MIN_INTLIKE};
use super::table::{ENTRIES, Entry, Layout};
use crate::abi::map;
use crate::layout::bitmap::{self, ARG_GEN};
use crate::layout::info_table::{self, NewInfoTable};
use crate::layout::{ClosureType, closure, regs};
use crate::libc::table as libc;
use crate::libc::{ctype, data};
use crate::mem::Mem;
use crate::primop::table::{PRIMOPS, Rep};
use crate::word::Addr;

/// Writes the whole image; the RTS region must be committed.
pub fn write(mem: &mut Mem) {
    let mut strings = closures::STRINGS;
    for row in ENTRIES {
        let info = row.entry.info();
        let (layout, srt, extra) = match row.layout {
            Layout::Heap(ptrs, nptrs) => (info_table::payload(ptrs, nptrs), 0, (0, 0)),
            Layout::Frame(pattern) => (bitmap::small(pattern), 0, (0, 0)),
            Layout::Selector(field) => (field as u64, 0, (0, 0)),
            Layout::Con(ptrs, nptrs, tag, desc) => {
                mem.write_bytes(strings, desc.as_bytes());
                let offset = strings.0.wrapping_sub(info.0);
                strings = strings + desc.len() as u32 + 1;
                (info_table::payload(ptrs, nptrs), tag, (0, offset))
            }
            Layout::Code() => (0, 0, (0, 0)),
        };
        NewInfoTable { closure_type: row.closure_type, layout, srt, extra, code_index: row.entry.slot() }
            .write(mem, info);
    }
    for (n, primop) in PRIMOPS.iter().enumerate() {
        let info = closures::wrapper_info(n as u32);
        let code_index = closures::wrapper_slot(n as u32);
        let extra = (primop.arity(), ARG_GEN);
        NewInfoTable { closure_type: ClosureType::FUN_STATIC, layout: 0, srt: 0, extra, code_index }.write(mem, info);
        let (mut bits, mut words) = (0u64, 0);
        for rep in primop.args().filter(|r| *r != Rep::V) {
            bits |= ((rep != Rep::P) as u64) << (6 + words);
            words += 1;
        }
        mem.set_word(Addr(info.0) - info_table::FUN_BITMAP, bits | words);
        mem.set_info(closures::wrapper(n as u32), info);
    }
    for n in 0..PRIMOPS.len() as u32 {
        mem.set_u32(closures::primop_code(n), closures::primop_slot(n));
    }
    // Also where there is no function of ours: hosts may fill the slots.
    for n in 0..map::C_SLOTS as usize {
        mem.set_u32(libc::address(n), libc::slot(n));
    }
    data::write(mem);
    ctype::write(mem);
    mem.set_word(Addr(map::THREAD + map::thread::SELF), map::THREAD.into());
    mem.set_word(Addr(map::THREAD + map::thread::CANARY), map::thread::CANARY_VALUE);
    write_function_pointers(mem);
    for (builtin, _, entry, _) in closures::ALL {
        mem.set_info(builtin.addr(), entry.info());
    }
    for n in MIN_INTLIKE..=MAX_INTLIKE {
        let at = INTLIKE.offset_w(2 * (n - MIN_INTLIKE) as u32);
        mem.set_info(at, Entry::I_HASH_CON.info());
        mem.set_word(at + closure::PAYLOAD, n as u64);
    }
    for c in 0..256 {
        let at = CHARLIKE.offset_w(2 * c);
        mem.set_info(at, Entry::C_HASH_CON.info());
        mem.set_word(at + closure::PAYLOAD, c as u64);
    }
}

/// The code pointers below the register table, which GHC's code uses instead of symbols (`StgFunTable`).
fn write_function_pointers(mem: &mut Mem) {
    mem.set_info(regs::BASE_REG - regs::GC_FUN_BELOW, Entry::STG_GC_FUN_CODE.info());
    mem.set_info(regs::BASE_REG - regs::GC_ENTER_1_BELOW, Entry::STG_GC_ENTER_1.info());
    mem.set_info(regs::BASE_REG - regs::EAGER_BLACKHOLE_BELOW, Entry::STG_EAGER_BLACKHOLE.info());
    mem.set_word(regs::BASE_REG + regs::CURRENT_NURSERY, map::NURSERY as u64);
}
