//! Creates byte code objects from a CreateBCOs request (`GHCi.CreateBCO.createBCOs`).
//!
//! One pass over the bytes: each BCO is decoded, checked and written to the heap as it is met; references to BCOs
//! that come later are noted and filled in at the end. Objects are born old, because byte code lives long.
//! Nothing is evaluated, and a request that fails leaves nothing behind. See Note [Nested BCOs without recursion].
//
// Note [Nested BCOs without recursion]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A nested BCO lies in the middle of its parent's pointer list, and a long do block nests as deep as it has
// statements. So open BCOs are kept on a stack of our own. All four objects of a BCO can be made as soon as its
// pointer count is known, which precedes the pointers; what remains open is only where the next pointer goes.

use super::reader::{ReadError, Reader};
use super::resolved::tag;
use crate::bytecode::verify::{Translator, VerifyError};
use crate::bytecode::{cheap, code, fuse};
use crate::entry::closures::primop_at;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::{ap, arr_words, bco, mut_arr_ptrs};
use crate::word::{Addr, ClosurePtr, WORD, Word};
use alloc::vec::Vec;

/// Why BCOs were refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("BCO {top}{}: {reason}", Nesting(*.depth))]
pub struct CreateError {
    /// Index of the top-level BCO in the request.
    pub top: usize,
    /// How deep inside it the offending one is nested.
    pub depth: usize,
    /// What is wrong with it.
    pub reason: CreateReason,
}

struct Nesting(usize);

impl core::fmt::Display for Nesting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            0 => Ok(()),
            n => write!(f, " (a BCO nested {n} deep in it)"),
        }
    }
}

/// What is wrong with a BCO.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CreateReason {
    /// Its bytes are no encoding.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its code.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Its bitmap has too few words for the size it states.
    #[error("its bitmap of {words} words can't describe {size} stack words")]
    Bitmap {
        /// Words there are.
        words: u32,
        /// Bits it should have.
        size: u64,
    },
    /// Its arity is none.
    #[error("its arity is {0}")]
    Arity(i64),
    /// The list of pointers disagrees with the count before it.
    #[error("it has {0} pointers, but a list of {1}")]
    PointerCount(u64, u64),
    /// A pointer to a BCO that is not in the request.
    #[error("it refers to BCO {0} of {1}")]
    NoSuchBco(u64, usize),
    /// A pointer to a remote reference that there isn't.
    #[error("it refers to remote reference {0:#x}, which is not in use")]
    NoSuchRef(u64),
    /// A static pointer that is no 32-bit address.
    #[error("its static pointer {0:#x} is no address")]
    BadStaticPtr(u64),
    /// A case continuation that is not a nested BCO.
    #[error("its pointer {0} is a case continuation, but no nested BCO")]
    AltsNoBco(u32),
    /// The heap limit was reached.
    #[error("the heap is full")]
    HeapFull,
}

/// The fewest bytes a BCO takes: flag, arity, four arrays or lists with two words each.
const MIN_BCO_BYTES: usize = 1 + 8 + 4 * 16;
/// The most words of one BCO that are allocated in one piece.
const PIECE_W: u32 = 256;

/// Buffers kept from request to request.
#[derive(Debug, Default)]
pub struct Creator {
    translator: Translator,
    /// Case continuations of the BCOs that are open: pointer index, words above the bitmap's.
    alts: Vec<(u32, u32)>,
    open: Vec<Open>,
    /// BCOs with a cheap expression that are nested in those that are open.
    cheap: Vec<Addr>,
    /// Slots to be filled with the final value of a BCO of the request.
    forward: Vec<(Addr, u64)>,
}

/// A BCO whose pointers are being read.
#[derive(Clone, Copy, Debug)]
struct Open {
    ptrs: Addr,
    /// Pointers not yet read; they come last index first.
    left: u32,
    /// Where its own entries of `alts` begin.
    alts: usize,
    /// Where its own entries of `cheap` begin.
    cheap: usize,
    bco: Addr,
    /// A pointer is to a young object.
    young: bool,
    /// A pointer is to a primop's wrapper.
    primops: bool,
    /// A pointer is to a known function.
    known: bool,
    /// Words were reserved for a cheap expression.
    room: bool,
}

/// Creates the BCOs of all `chunks`, and answers a closure for each, in order: the BCO, or a thunk for arity 0.
pub fn create(m: &mut Machine, chunks: &[&[u8]]) -> Result<Vec<ClosurePtr>, CreateError> {
    let (mark, bcos) = (m.heap.mark(), m.counts.bcos);
    let mut creator = core::mem::take(&mut m.creator);
    creator.forward.clear();
    let result = creator.create_all(m, chunks);
    m.creator = creator;
    if result.is_err() {
        m.heap.rollback(&mut m.mem, mark);
        m.counts.bcos = bcos;
    }
    result
}

impl Creator {
    fn create_all(&mut self, m: &mut Machine, chunks: &[&[u8]]) -> Result<Vec<ClosurePtr>, CreateError> {
        let mut values: Vec<ClosurePtr> = Vec::new();
        for chunk in chunks {
            let at = |top: usize| move |reason: CreateReason| CreateError { top, depth: 0, reason };
            let mut reader = Reader::new(chunk);
            let n = reader.count(MIN_BCO_BYTES, "the list of BCOs").map_err(|e| at(values.len())(e.into()))?;
            values.reserve(n as usize);
            for _ in 0..n {
                let top = values.len();
                let (object, arity) = self.create_one(m, &mut reader).map_err(|reason| CreateError {
                    top,
                    depth: self.open.len(),
                    reason,
                })?;
                let value = if arity > 0 { object } else { thunk(m, object).ok_or(at(top)(CreateReason::HeapFull))? };
                values.push(value.into());
            }
            if reader.remaining() > 0 {
                return Err(at(values.len())(ReadError::TrailingBytes(reader.remaining()).into()));
            }
        }
        for &(slot, to) in &self.forward {
            let Some(value) = usize::try_from(to).ok().and_then(|i| values.get(i)) else {
                let reason = CreateReason::NoSuchBco(to, values.len());
                return Err(CreateError { top: 0, depth: 0, reason });
            };
            m.mem.set_closure(slot, *value);
        }
        Ok(values)
    }

    /// Creates a top-level BCO with all that is nested in it.
    fn create_one(&mut self, m: &mut Machine, reader: &mut Reader<'_>) -> Result<(Addr, u32), CreateReason> {
        self.alts.clear();
        self.open.clear();
        self.cheap.clear();
        let (top, arity) = self.open_bco(m, reader, 0)?;
        while let Some(open) = self.open.last_mut() {
            if open.left == 0 {
                let open = *open;
                self.close_bco(m, open);
                continue;
            }
            open.left -= 1;
            let (index, ptrs) = (open.left, open.ptrs);
            let slot = (ptrs + mut_arr_ptrs::PAYLOAD).offset_w(index);
            let alts = &self.alts[open.alts..];
            let extra = alts.binary_search_by_key(&index, |(p, _)| *p).ok().map(|i| alts[i].1);
            let kind = reader.tag("a pointer")?;
            if kind == tag::BCO {
                let (nested, _) = self.open_bco(m, reader, extra.unwrap_or(0))?;
                m.mem.set_closure(slot, nested.into());
                continue;
            }
            if extra.is_some() {
                return Err(CreateReason::AltsNoBco(index));
            }
            let n = reader.word("a pointer")?;
            match kind {
                tag::REF => self.forward.push((slot, n)),
                tag::STATIC_PTR if n <= u32::MAX as u64 => {
                    m.mem.set_word(slot, n);
                    open.primops |= primop_at(Addr::from_word(n)).is_some();
                    open.known |= m.bound.known.find(Addr::from_word(n)).is_some();
                }
                tag::STATIC_PTR => return Err(CreateReason::BadStaticPtr(n)),
                tag::PTR | tag::BREAK_ARRAY => {
                    let value = m.stable.find(n).ok_or(CreateReason::NoSuchRef(n))?;
                    m.mem.set_closure(slot, value);
                    if let Some(open) = self.open.last_mut() {
                        open.young |= !m.heap.is_old(value.addr());
                    }
                }
                other => return Err(ReadError::BadTag("the tag of a pointer", other).into()),
            }
        }
        Ok((top, arity))
    }

    /// Reads a BCO up to its pointers and writes its objects; it is then the one on top of `open`. Answers its
    /// address and arity.
    fn open_bco(&mut self, m: &mut Machine, reader: &mut Reader<'_>, extra: u32) -> Result<(Addr, u32), CreateReason> {
        reader.endian()?;
        let arity = reader.word("the arity")? as i64;
        let arity = u16::try_from(arity).map_err(|_| CreateReason::Arity(arity))? as u32;
        let instrs = reader.array(2, "the instructions")?;
        let bitmap = reader.array(8, "the bitmap")?;
        let lits = reader.array(8, "the literals")?;
        let (count, listed) = (reader.word("the pointer count")?, reader.count(9, "the pointer list")?);
        if count != listed as u64 {
            return Err(CreateReason::PointerCount(count, listed as u64));
        }
        let n_lits = (lits.len() / 8) as u32;
        let bitmap_words = (bitmap.len() / 8) as u32;
        let size = bitmap.first_chunk().map_or(0, |w| u64::from_le_bytes(*w));
        if bitmap_words == 0 || size > (bitmap_words as u64 - 1) * 64 {
            return Err(CreateReason::Bitmap { words: bitmap_words, size });
        }
        let translated = self.translator.translate(instrs.as_chunks::<2>().0, size as u32 + extra)?;
        translated.check_arrays(listed, n_lits)?;
        fuse::fuse_words(&mut self.translator.words);

        let room_w = cheap::room_w(&self.translator.words);
        let instructions_w = self.translator.words.len() as u32;
        let code_w = code::HEADER_W + instructions_w + room_w;
        let sizes = [
            bco::SIZE_W + bitmap_words,
            arr_words::SIZE_W + code_w,
            arr_words::SIZE_W + n_lits,
            mut_arr_ptrs::SIZE_W + listed + mut_arr_ptrs::card_words(listed),
        ];
        let [object, code, literals, ptrs] = allocate(m, sizes).ok_or(CreateReason::HeapFull)?;
        let mem = &mut m.mem;
        mem.set_info(object, info::STG_BCO);
        mem.set_closure(object + bco::INSTRS, code.into());
        mem.set_closure(object + bco::LITERALS, literals.into());
        mem.set_closure(object + bco::PTRS, ptrs.into());
        mem.set_word(object + bco::ARITY, arity as Word | (sizes[0] as Word) << 32);
        mem.write_bytes(object + bco::BITMAP, bitmap);

        mem.set_info(code, info::STG_ARR_WORDS);
        mem.set_word(code + arr_words::BYTES, (code_w * WORD) as Word);
        let mut at = code + arr_words::PAYLOAD;
        mem.set_word(at, code::header(translated.max_growth_w, instructions_w));
        for w in &self.translator.words {
            at = at + WORD;
            mem.set_word(at, *w);
        }
        mem.fill_words(at + WORD, room_w, 0);

        mem.set_info(literals, info::STG_ARR_WORDS);
        mem.set_word(literals + arr_words::BYTES, (n_lits * WORD) as Word);
        mem.write_bytes(literals + arr_words::PAYLOAD, lits);

        mem.set_info(ptrs, info::STG_MUT_ARR_PTRS_FROZEN_CLEAN);
        mem.set_word(ptrs + mut_arr_ptrs::PTRS, listed as Word);
        mem.set_word(ptrs + mut_arr_ptrs::SIZE, (listed + mut_arr_ptrs::card_words(listed)) as Word);
        // Pointers are filled in as they are read; until then, and in the card table, there is nothing.
        mem.fill_words(ptrs + mut_arr_ptrs::PAYLOAD, sizes[3] - mut_arr_ptrs::SIZE_W, 0);

        let alts = self.alts.len();
        self.alts.append(&mut self.translator.alts);
        let own = &mut self.alts[alts..];
        if own.len() > 1 {
            own.sort_unstable();
        }
        self.open.push(Open {
            ptrs,
            left: listed,
            alts,
            cheap: self.cheap.len(),
            bco: object,
            young: false,
            primops: false,
            known: false,
            room: room_w > 0,
        });
        m.counts.bcos += 1;
        Ok((object, arity))
    }

    /// All pointers of the BCO on top of `open` are there.
    fn close_bco(&mut self, m: &mut Machine, open: Open) {
        self.open.pop();
        self.alts.truncate(open.alts);
        if open.young {
            m.mem.set_info(open.ptrs, info::STG_MUT_ARR_PTRS_FROZEN_DIRTY);
            m.heap.remember(open.ptrs);
        }
        if open.primops {
            fuse::fuse_primops(&mut m.mem, open.bco);
        }
        let cheap = &self.cheap[open.cheap..];
        let is_cheap = if open.known || !cheap.is_empty() {
            fuse::fuse_known(&mut m.mem, &m.bound, cheap, open.bco);
            open.room && cheap::find(&mut m.mem, &m.bound, cheap, open.bco)
        } else {
            false
        };
        self.cheap.truncate(open.cheap);
        if is_cheap {
            self.cheap.push(open.bco);
        }
    }
}

/// Allocates the objects of a BCO, in one piece if they are small.
#[inline(always)]
fn allocate(m: &mut Machine, sizes: [u32; 4]) -> Option<[Addr; 4]> {
    let total = sizes.iter().sum();
    if total <= PIECE_W {
        let first = m.heap.allocate_old(&mut *m.host, total)?;
        let second = first.offset_w(sizes[0]);
        let third = second.offset_w(sizes[1]);
        return Some([first, second, third, third.offset_w(sizes[2])]);
    }
    let mut objects = [Addr::NULL; 4];
    for (object, size) in objects.iter_mut().zip(sizes) {
        *object = m.heap.allocate_old(&mut *m.host, size)?;
    }
    Some(objects)
}

/// The updatable thunk of a BCO without arguments.
fn thunk(m: &mut Machine, object: Addr) -> Option<Addr> {
    let thunk = m.heap.allocate_old(&mut *m.host, ap::SIZE_W)?;
    m.mem.set_info(thunk, info::STG_AP);
    m.mem.set_word(thunk + WORD, 0);
    m.mem.set_word(thunk + ap::ARITY, 0);
    m.mem.set_closure(thunk + ap::FUN, object.into());
    Some(thunk)
}
