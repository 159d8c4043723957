//! Memory for what never moves and is never freed: MallocData, strings, info tables made at run time.

use crate::abi::PAGE;
use crate::abi::host::Host;
use crate::layout::ClosureType;
use crate::layout::info_table::{self, NewInfoTable};
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr, WORD};
use core::ops::Range;

/// A bump allocator over a range of addresses.
#[derive(Debug)]
pub struct Statics {
    next: u32,
    committed: u32,
    end: u32,
}

/// A constructor's info table to be made (`MkConInfoTable`).
#[derive(Clone, Copy, Debug)]
pub struct ConInfo<'a> {
    /// Pointer words of the payload.
    pub ptrs: u32,
    /// Non-pointer words of the payload.
    pub nptrs: u32,
    /// Zero-based constructor number.
    pub con_tag: u32,
    /// The tag that pointers to it carry, 1..=7.
    pub ptr_tag: u32,
    /// `pkg:Module.Con`.
    pub desc: &'a [u8],
}

impl Statics {
    /// An allocator over `range`.
    pub fn new(range: Range<u32>) -> Statics {
        Statics { next: range.start, committed: range.start, end: range.end }
    }

    /// Allocates `bytes` bytes at a multiple of 16; none when the range or the host's limit is used up.
    pub fn allocate(&mut self, host: &mut dyn Host, bytes: u32) -> Option<Addr> {
        let at = self.next.checked_next_multiple_of(2 * WORD)?;
        let end = at.checked_add(bytes).filter(|end| *end <= self.end)?;
        if end > self.committed {
            // Sixteen units at a time once a session shows that it wants many.
            let step = if self.committed > at { 16 * PAGE } else { PAGE };
            let want = (end - self.committed).checked_next_multiple_of(step)?.min(self.end - self.committed);
            if !host.commit(self.committed, want) {
                return None;
            }
            self.committed += want;
        }
        self.next = end;
        Some(Addr(at))
    }

    /// Makes an info table for a constructor, and answers its info pointer.
    pub fn con_info(&mut self, mem: &mut Mem, host: &mut dyn Host, con: ConInfo<'_>) -> Option<InfoPtr> {
        // [table, padded to whole words][code word][description]
        const CODE: u32 = info_table::MAX_BYTES;
        const DESC: u32 = CODE + WORD;
        let len = u32::try_from(con.desc.len()).ok()?;
        let at = self.allocate(host, DESC.checked_add(len)?.checked_add(1)?)?;
        let info = InfoPtr((at + CODE).0);
        NewInfoTable {
            closure_type: ClosureType::CONSTR,
            // GHC counts the padding word of a nullary constructor as a field; here it is known to be none.
            layout: info_table::payload(con.ptrs, con.nptrs),
            srt: con.con_tag,
            extra: (0, WORD),
            code_index: crate::entry::table::interp_constr_slot(con.ptr_tag),
        }
        .write(mem, info);
        mem.write_bytes(at + DESC, con.desc);
        mem.set_u8(at + DESC + len, 0);
        Some(info)
    }
}
