//! Random byte code that the verifier accepts, made from random bytes: the same bytes make the same code, and fewer
//! bytes less code, so that what finds a failure can also shrink it.
//!
//! Invariant: the code is well-formed in everything that can be decided before it runs. What its words are is as random
//! as the rest: running it may crash in any way that Haskell code cannot.

use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use bcvm::bytecode::Bci::{self, *};
use bcvm::bytecode::raw::Instr;
use bcvm::bytecode::verify::alts_extra_words;
use bcvm::entry::symbol;
use bcvm::primop::table::PRIMOPS;

/// The most instructions of one BCO, and how deep BCOs are nested.
const MAX_INSTRS: u32 = 40;
const MAX_DEPTH: u32 = 4;

/// Random bytes to decide by; when they are used up, everything is decided in the simplest way.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `n`; 0 when there is no choice left.
    fn below(&mut self, n: u64) -> u64 {
        let high = if n > 256 { u64::from(self.byte()) << 8 } else { 0 };
        (high | u64::from(self.byte())) % n.max(1)
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Random BCOs, which may refer to each other: at least one.
pub fn bcos(bytes: &[u8]) -> Vec<ResolvedBco> {
    let mut choices = Choices(bytes);
    let top = 1 + choices.below(3);
    (0..top)
        .map(|_| {
            let arity = choices.below(4) as u32;
            let entry = if arity == 0 { 0 } else { choices.below(u64::from(arity) + 1) as u32 };
            Builder::new(&mut choices, top, 0).build(arity, entry, 0)
        })
        .collect()
}

/// An instruction stream of its own, with operands that need no arrays: up to the largest there can be.
pub fn stream(bytes: &[u8], entry_w: u32) -> Vec<u16> {
    let mut choices = Choices(bytes);
    let mut builder = Builder::new(&mut choices, 1, MAX_DEPTH);
    builder.far = true;
    builder.build(0, entry_w, 0).instrs
}

/// A BCO in the making.
struct Builder<'c, 'b> {
    choices: &'c mut Choices<'b>,
    /// Top-level BCOs there are.
    top: u64,
    nesting: u32,
    bco: ResolvedBco,
    code: Vec<Instr>,
    /// Bytes on the stack.
    depth: u64,
    /// Jumps not placed yet: the instruction, and the depth where it lands.
    jumps: Vec<(usize, u64)>,
    /// Where the others land: instruction, target.
    landed: Vec<(usize, usize)>,
    /// Whether operands may lie beyond the arrays.
    far: bool,
}

impl<'c, 'b> Builder<'c, 'b> {
    fn new(choices: &'c mut Choices<'b>, top: u64, nesting: u32) -> Builder<'c, 'b> {
        Builder {
            choices,
            top,
            nesting,
            bco: ResolvedBco::default(),
            code: Vec::new(),
            depth: 0,
            jumps: Vec::new(),
            landed: Vec::new(),
            far: false,
        }
    }

    /// A BCO that finds `entry` words of its own and `extra` above them.
    fn build(mut self, arity: u32, entry: u32, extra: u32) -> ResolvedBco {
        self.depth = u64::from(entry + extra) * 8;
        for _ in 0..MAX_INSTRS {
            if self.choices.is_empty() || self.depth > 8 * 64 {
                break;
            }
            self.step();
            self.land();
        }
        self.end();
        // Every jump that is left lands at an end of its own.
        while let Some((jump, depth)) = self.jumps.pop() {
            self.landed.push((jump, self.code.len()));
            self.depth = depth;
            self.end();
        }
        let bits = self.choices.below(256);
        self.bco.arity = arity;
        self.bco.bitmap = if entry == 0 { vec![0] } else { vec![u64::from(entry), bits] };
        self.bco.instrs = self.encode();
        self.bco
    }

    /// Lays the code out; jumps then know where they go.
    fn encode(&mut self) -> Vec<u16> {
        let offsets = |code: &[Instr]| -> Vec<u64> {
            let ends = code.iter().scan(0, |at, i| {
                *at += i.encoded_len(false) as u64;
                Some(*at)
            });
            std::iter::once(0).chain(ends).collect()
        };
        let at = offsets(&self.code);
        for (jump, target) in &self.landed {
            let label = self.code[*jump].op.operands().len() - 1;
            self.code[*jump].args[label] = at[*target];
        }
        let mut out = Vec::new();
        self.code.iter().for_each(|i| i.encode(false, &mut out));
        out
    }

    fn op(&mut self, op: Bci, operands: &[u64]) {
        self.code.push(Instr::new(op, operands));
    }

    /// Places what can be placed here, some of the time.
    fn land(&mut self) {
        if self.choices.below(3) == 0 {
            return;
        }
        let (here, depth) = (self.code.len(), self.depth);
        self.jumps.retain(|&(jump, d)| {
            if d == depth {
                self.landed.push((jump, here));
            }
            d != depth
        });
    }

    /// An index into an array that `len` elements are of, or a larger one.
    fn index(&mut self, len: usize) -> u64 {
        match self.far {
            true => self.choices.of(&[0, 1, 255, 0xffff, 0x1_0000, 0xff_ffff]),
            false => len as u64 - 1,
        }
    }

    fn lit(&mut self) -> u64 {
        let n = self.choices.below(16);
        let word = match n {
            0..6 => n,
            6 => u64::MAX,
            7 => 1 << 63,
            8 => self.choices.below(1 << 16),
            9 => 1.5f64.to_bits(),
            // Somewhere in the heap.
            10 => u64::from(bcvm::abi::RTS_END) + (1 << 24) + 8 * self.choices.below(4096),
            _ => info(self.choices.of(&["ghczmprim_GHCziTypes_Izh_con_info", "stg_enter_info", "stg_upd_frame_info"])),
        };
        self.bco.lits.push(word);
        self.index(self.bco.lits.len())
    }

    /// A constructor's info table, with its number of fields.
    fn con(&mut self) -> (u64, u64) {
        const CONS: [(&str, u64); 4] = [
            ("ghczmprim_GHCziTypes_Izh_con_info", 1),
            ("ghczmprim_GHCziTypes_ZC_con_info", 2),
            ("ghczmprim_GHCziTypes_Dzh_con_info", 1),
            ("ghczmprim_GHCziTuple_Z3T_con_info", 3),
        ];
        let (name, fields) = self.choices.of(&CONS);
        self.bco.lits.push(info(name));
        (self.index(self.bco.lits.len()), fields)
    }

    fn ptr(&mut self) -> u64 {
        let p = match self.choices.below(6) {
            0 => ResolvedBcoPtr::Ref(self.choices.below(self.top)),
            1 if self.nesting < MAX_DEPTH => {
                let arity = self.choices.below(3) as u32;
                ResolvedBcoPtr::Bco(self.nested(arity, arity, 0))
            }
            2 | 3 => {
                let primop = PRIMOPS[self.choices.below(PRIMOPS.len() as u64) as usize].name;
                let symbol = format!("ghczmprim_GHCziPrimopWrappers_{}_closure", symbol::z_encode(primop));
                ResolvedBcoPtr::StaticPtr(info(&symbol))
            }
            _ => {
                const STATICS: [&str; 3] =
                    ["ghczmprim_GHCziTypes_True_closure", "ghczmprim_GHCziTypes_ZMZN_closure", "stg_INTLIKE_closure"];
                ResolvedBcoPtr::StaticPtr(info(self.choices.of(&STATICS)))
            }
        };
        self.bco.ptrs.push(p);
        self.index(self.bco.ptrs.len())
    }

    fn nested(&mut self, arity: u32, entry: u32, extra: u32) -> ResolvedBco {
        Builder::new(self.choices, self.top, self.nesting + 1).build(arity, entry, extra)
    }

    /// A case continuation over some of the words there are.
    fn alts(&mut self) -> (Bci, u64) {
        const ALTS: [Bci; 7] =
            [PUSH_ALTS, PUSH_ALTS_P, PUSH_ALTS_N, PUSH_ALTS_F, PUSH_ALTS_D, PUSH_ALTS_L, PUSH_ALTS_V];
        let op = self.choices.of(&ALTS);
        let words = self.words() as u32;
        let nested = match self.nesting < MAX_DEPTH {
            true => self.nested(0, words, alts_extra_words(op).unwrap_or(0)),
            false => {
                let code = [RETURN_V as u16];
                let bitmap = if words == 0 { vec![0] } else { vec![u64::from(words), 0, 0] };
                ResolvedBco { bitmap, instrs: code.to_vec(), ..ResolvedBco::default() }
            }
        };
        self.bco.ptrs.push(ResolvedBcoPtr::Bco(nested));
        (op, self.index(self.bco.ptrs.len()))
    }

    fn words(&self) -> u64 {
        self.depth / 8
    }

    /// One instruction, or a group that belongs together.
    fn step(&mut self) {
        let words = self.words();
        match self.choices.below(20) {
            0 | 1 if words > 0 => self.push(PUSH_L, 1),
            2 if words > 0 => self.push(PUSH_LL, 2),
            3 if words > 0 => self.push(PUSH_LLL, 3),
            4 => {
                let p = self.ptr();
                self.op(PUSH_G, &[p]);
                self.depth += 8;
            }
            5 | 6 => {
                let l = self.lit();
                self.op(PUSH_UBX, &[l, 1]);
                self.depth += 8;
            }
            7 => {
                let (op, p) = self.alts();
                self.op(op, &[p]);
                self.depth += 16;
            }
            8 => {
                let n = self.choices.below(11) as u8;
                self.op(Bci::from_number(PUSH_APPLY_N as u8 + n).unwrap_or(PUSH_APPLY_P), &[]);
                self.depth += 8;
            }
            9 if words > 0 => {
                let n = 1 + self.choices.below(words);
                let by = self.choices.below(words - n + 1);
                self.op(SLIDE, &[n, by]);
                self.depth -= 8 * by;
            }
            10 | 11 => {
                let (con, fields) = self.con();
                if fields <= words {
                    self.op(PACK, &[con, fields]);
                    self.depth -= 8 * (fields - 1);
                }
            }
            12 if words > 0 => {
                let n = self.choices.below(4);
                self.op(UNPACK, &[n]);
                self.depth += 8 * n;
            }
            13 => self.test(words),
            14 => self.make_thunk(words),
            15 => self.narrow(),
            16 if words > 0 => {
                let (offset, by) = (self.choices.below(words), self.choices.of(&[1u64, 8, (-8i64) as u64]));
                self.op(SWIZZLE, &[offset, by]);
            }
            17 => {
                let n = self.choices.below(40);
                self.op(STKCHECK, &[n]);
            }
            18 if words > 0 => {
                let (op, bytes) = self.choices.of(&[(PUSH8_W, 1), (PUSH16_W, 2), (PUSH32_W, 4)]);
                let at = self.choices.below(self.depth - bytes + 1);
                self.op(op, &[at]);
                self.depth += 8;
            }
            _ => {}
        }
    }

    /// PUSH_L and its kin.
    fn push(&mut self, op: Bci, n: usize) {
        let words = self.words();
        let offsets: Vec<u64> = (0..n).map(|_| self.choices.below(words)).collect();
        self.op(op, &offsets);
        self.depth += 8 * n as u64;
    }

    /// A test or a jump, to somewhere further on.
    fn test(&mut self, words: u64) {
        const TESTS: [Bci; 8] = [TESTLT_I, TESTEQ_I, TESTLT_F, TESTEQ_F, TESTLT_D, TESTEQ_D, TESTLT_W, TESTEQ_W];
        if words >= 2 && self.choices.below(2) == 0 {
            let (op, l) = (self.choices.of(&TESTS), self.lit());
            self.jumps.push((self.code.len(), self.depth));
            self.op(op, &[l, 0]);
        } else if words >= 1 {
            let (op, tag) = (self.choices.of(&[TESTLT_P, TESTEQ_P]), self.choices.below(4));
            self.jumps.push((self.code.len(), self.depth));
            self.op(op, &[tag, 0]);
        }
    }

    /// ALLOC_x and the MKx that fills what it allocated.
    fn make_thunk(&mut self, words: u64) {
        let n = self.choices.below(words.min(5) + 1);
        let pap = self.choices.below(3) == 0;
        let alloc = if pap { ALLOC_PAP } else { self.choices.of(&[ALLOC_AP, ALLOC_AP_NOUPD]) };
        let operands = if pap { [1, n] } else { [n, 0] };
        self.op(alloc, &operands[..alloc.operands().len()]);
        self.depth += 8;
        let mut left = n;
        while left > 0 {
            let offset = self.choices.below(self.words());
            self.op(PUSH_L, &[offset]);
            self.depth += 8;
            left -= 1;
        }
        let arity = if pap { n + 1 } else { n } as u32;
        let nested = match self.nesting < MAX_DEPTH {
            true => ResolvedBcoPtr::Bco(self.nested(if pap { arity } else { 0 }, arity, 0)),
            false => ResolvedBcoPtr::Ref(0),
        };
        self.bco.ptrs.push(nested);
        let p = self.index(self.bco.ptrs.len());
        self.op(PUSH_G, &[p]);
        // [function, n words, object]
        self.op(if pap { MKPAP } else { MKAP }, &[n + 1, n]);
        self.depth -= 8 * n;
    }

    /// Eight bytes in pieces.
    fn narrow(&mut self) {
        let mut left = 8u64;
        while left > 0 {
            let size = 1u64 << self.choices.of(&[0u64, 1, 2]).min(left.ilog2().into());
            match self.choices.below(3) {
                0 => self.op([PUSH_PAD8, PUSH_PAD16, PUSH_PAD32][size.ilog2() as usize], &[]),
                1 => {
                    let l = self.lit();
                    self.op([PUSH_UBX8, PUSH_UBX16, PUSH_UBX32][size.ilog2() as usize], &[l]);
                }
                _ if self.depth >= size => {
                    let at = self.choices.below(self.depth - size + 1);
                    self.op([PUSH8, PUSH16, PUSH32][size.ilog2() as usize], &[at]);
                }
                _ => self.op([PUSH_PAD8, PUSH_PAD16, PUSH_PAD32][size.ilog2() as usize], &[]),
            }
            self.depth += size;
            left -= size;
        }
    }

    /// Something that control does not pass.
    fn end(&mut self) {
        if self.words() == 0 {
            let l = self.lit();
            self.op(PUSH_UBX, &[l, 1]);
            self.depth += 8;
        }
        match self.choices.below(8) {
            0..3 => self.op(ENTER, &[]),
            3 => self.call_primop(),
            4 => {
                let op = self.choices.of(&[RETURN, RETURN_P, RETURN_N, RETURN_F, RETURN_D, RETURN_L, RETURN_V]);
                self.op(op, &[]);
            }
            5 => self.op(CASEFAIL, &[]),
            // Boxed, over whatever else there is.
            _ => {
                let (con, fields) = self.con();
                while self.words() < fields {
                    self.push(PUSH_L, 1);
                }
                let below = self.words() - fields;
                self.op(PACK, &[con, fields]);
                self.op(SLIDE, &[1, below]);
                self.op(ENTER, &[]);
            }
        }
    }

    /// A case of a primop's result: what becomes one instruction, if the arguments are right.
    fn call_primop(&mut self) {
        let primop = &PRIMOPS[self.choices.below(PRIMOPS.len() as u64) as usize];
        let (op, p) = self.alts();
        self.op(op, &[p]);
        self.depth += 16;
        for letter in primop.args.bytes().rev() {
            if letter != b'v' {
                let words = self.words();
                match self.choices.below(3) {
                    0 => {
                        let l = self.lit();
                        self.op(PUSH_UBX, &[l, 1]);
                    }
                    _ => {
                        let offset = self.choices.below(words);
                        self.op(PUSH_L, &[offset]);
                    }
                }
                self.depth += 8;
            }
            let apply = match letter {
                b'p' => PUSH_APPLY_P,
                b'f' => PUSH_APPLY_F,
                b'd' => PUSH_APPLY_D,
                b'v' => PUSH_APPLY_V,
                _ => PUSH_APPLY_N,
            };
            self.op(apply, &[]);
            self.depth += 8;
        }
        let symbol = format!("ghczmprim_GHCziPrimopWrappers_{}_closure", symbol::z_encode(primop.name));
        self.bco.ptrs.push(ResolvedBcoPtr::StaticPtr(info(&symbol)));
        let p = self.index(self.bco.ptrs.len());
        self.op(PUSH_G, &[p]);
        self.op(ENTER, &[]);
    }
}

/// The address of a built-in symbol.
fn info(name: &str) -> u64 {
    symbol::find(name).unwrap_or_else(|| panic!("no built-in symbol {name}")).word()
}
