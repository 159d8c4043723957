//! Memory for what never moves and is never freed: MallocData, strings, info tables made at run time.

use crate::abi::PAGE;
use crate::abi::host::Host;
use crate::layout::ClosureType;
use crate::layout::info_table::{self, NewInfoTable};
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr, WORD};
use core::ops::Range;

// Note [Addresses that GHC keeps]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// GHC writes the addresses of strings, info tables and call interfaces into byte code for as long as its session lasts, and
// they must be the same in a machine that takes the place of one that was lost (`engine/src/interp/restore.rs`). C's `malloc` lives
// in the same range of addresses, and what it has taken depends on the program. So what GHC asks for is taken from the
// range's end downwards, and where it lies depends on nothing but what GHC has asked for before.

/// A bump allocator over a range of addresses, from both ends.
#[derive(Debug)]
pub struct Statics {
    next: u32,
    /// Up to here the lower part is committed.
    committed: u32,
    /// From here on the upper part is committed.
    committed_high: u32,
    /// Where the upper part begins.
    end: u32,
}

/// What is allocated begins at a multiple of this.
const ALIGN: u32 = 2 * WORD;

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
        Statics { next: range.start, committed: range.start, committed_high: range.end, end: range.end }
    }

    /// Allocates `bytes` bytes at a multiple of 16; none when the range or the host's limit is used up.
    pub fn allocate(&mut self, host: &mut dyn Host, bytes: u32) -> Option<Addr> {
        let at = self.next.checked_next_multiple_of(ALIGN)?;
        let end = at.checked_add(bytes).filter(|end| *end <= self.committed_high)?;
        if end > self.committed {
            // Sixteen units at a time once a session shows that it wants many.
            let step = if self.committed > at { 16 * PAGE } else { PAGE };
            let want = (end - self.committed).checked_next_multiple_of(step)?.min(self.committed_high - self.committed);
            if !host.commit(self.committed, want) {
                return None;
            }
            self.committed += want;
        }
        self.next = end;
        Some(Addr(at))
    }

    /// As [`Statics::allocate`], for what must have the same address in another machine: see Note [Addresses that GHC
    /// keeps].
    pub fn keep(&mut self, host: &mut dyn Host, bytes: u32) -> Option<Addr> {
        let at = self.end.checked_sub(bytes)? / ALIGN * ALIGN;
        if at < self.committed {
            return None;
        }
        if at < self.committed_high {
            let want = (self.committed_high - at).checked_next_multiple_of(PAGE)?;
            let from = self.committed_high.checked_sub(want).filter(|from| *from >= self.committed)?;
            if !host.commit(from, want) {
                return None;
            }
            self.committed_high = from;
        }
        self.end = at;
        Some(Addr(at))
    }

    /// Makes an info table for a constructor, and answers its info pointer.
    pub fn con_info(&mut self, mem: &mut Mem, host: &mut dyn Host, con: ConInfo<'_>) -> Option<InfoPtr> {
        // [table, padded to whole words][code word][description]
        const CODE: u32 = info_table::MAX_BYTES;
        const DESC: u32 = CODE + WORD;
        let len = u32::try_from(con.desc.len()).ok()?;
        let at = self.keep(host, DESC.checked_add(len)?.checked_add(1)?)?;
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
