//! BCOs shaped like those of a real session: 150 bytes each, 3.5 nested in each top-level one, two and a half pointers,
//! one and a half literals, most without arguments, referring to each other anywhere in the batch.

use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};
use bcvm::bytecode::Bci::{self, *};
use bcvm::bytecode::raw::Instr;

/// GHC with more than one processor sends chunks of so many.
const CHUNK: usize = 100;

/// A batch, encoded.
pub struct Batch {
    /// The chunks of one request.
    pub chunks: Vec<Vec<u8>>,
    /// BCOs in it, nested ones counted.
    pub bcos: u64,
}

/// `n` top-level BCOs; `con` is the info table of a constructor with two fields.
pub fn batch(n: usize, con: u64) -> Batch {
    let mut random = Random(n as u64);
    let bcos: Vec<ResolvedBco> = (0..n).map(|i| top_level(&mut random, n, i, con)).collect();
    Batch { bcos: bcos.iter().map(count).sum(), chunks: bcos.chunks(CHUNK).map(encode_chunk).collect() }
}

fn count(bco: &ResolvedBco) -> u64 {
    1 + bco.ptrs.iter().map(|p| if let ResolvedBcoPtr::Bco(nested) = p { count(nested) } else { 0 }).sum::<u64>()
}

/// Numbers without order (Steele, Lea and Flood's splitmix), the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn reference(&mut self, n: usize) -> ResolvedBcoPtr {
        ResolvedBcoPtr::Ref(self.next() % n as u64)
    }
}

fn bco(arity: u32, words: u64, code: &[(Bci, &[u64])], lits: &[u64], ptrs: Vec<ResolvedBcoPtr>) -> ResolvedBco {
    let mut instrs = Vec::new();
    for (op, operands) in code {
        Instr::new(*op, operands).encode(false, &mut instrs);
    }
    ResolvedBco { arity, instrs, bitmap: vec![words, 0], lits: lits.to_vec(), ptrs }
}

/// A function or thunk that allocates a thunk and looks at its value; what the value is makes a constructor.
fn top_level(random: &mut Random, n: usize, i: usize, con: u64) -> ResolvedBco {
    let make: &[(Bci, &[u64])] = &[
        (TESTEQ_P, &[0, 10]),
        (UNPACK, &[2]),
        (PUSH_LL, &[0, 1]),
        (JMP, &[16]),
        (PUSH_G, &[0]),
        (SLIDE, &[1, 4]),
        (ENTER, &[]),
        (PUSH_L, &[1]),
        (PACK, &[0, 2]),
        (SLIDE, &[1, 5]),
        (ENTER, &[]),
    ];
    let make = bco(0, 3, make, &[con], vec![random.reference(n), random.reference(n)]);
    let look: &[(Bci, &[u64])] = &[
        (PUSH_UBX, &[0, 1]),
        (TESTLT_I, &[1, 12]),
        (PUSH_G, &[0]),
        (PUSH_APPLY_P, &[]),
        (PUSH_G, &[1]),
        (ENTER, &[]),
        (PUSH_ALTS_P, &[2]),
        (PUSH_L, &[2]),
        (ENTER, &[]),
    ];
    let ptrs = vec![random.reference(n), random.reference(n), ResolvedBcoPtr::Bco(make)];
    let look = bco(0, 2, look, &[random.next() >> 2, 7], ptrs);
    let call: &[(Bci, &[u64])] = &[
        (PUSH_L, &[0]),
        (PUSH_G, &[0]),
        (PUSH_APPLY_PP, &[]),
        (PUSH_L, &[2]),
        (PUSH_G, &[1]),
        (SLIDE, &[2, 3]),
        (ENTER, &[]),
    ];
    let call = bco(0, 2, call, &[], vec![random.reference(n), random.reference(n)]);
    let top: &[(Bci, &[u64])] = &[
        (STKCHECK, &[12]),
        (ALLOC_AP, &[2]),
        (PUSH_LL, &[0, 0]),
        (PUSH_G, &[0]),
        (MKAP, &[3, 2]),
        (PUSH_ALTS_P, &[1]),
        (PUSH_L, &[2]),
        (ENTER, &[]),
    ];
    let arity = if random.next() % 10 < 7 { 0 } else { 1 + (random.next() % 3) as u32 };
    let mut ptrs = vec![ResolvedBcoPtr::Bco(call.clone()), ResolvedBcoPtr::Bco(look)];
    ptrs.extend([random.reference(n), random.reference(n)]);
    if i % 2 == 1 {
        ptrs.push(ResolvedBcoPtr::Bco(call));
    }
    let lits = if i.is_multiple_of(3) { vec![] } else { vec![con] };
    bco(arity, arity.into(), top, &lits, ptrs)
}
