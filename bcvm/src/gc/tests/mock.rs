//! A machine that does nothing but keep a heap and some roots.

use crate::abi::host::Host;
use crate::abi::map;
use crate::entry::table::{self, ENTRIES, Layout, info};
use crate::gc::{self, Corrupt, Kind, Roots, StableTable, Stats, Visitor};
use crate::heap::{Config, Heap};
use crate::layout::ClosureType;
use crate::layout::bitmap;
use crate::layout::closure::{self, mut_arr_ptrs, small_mut_arr_ptrs};
use crate::layout::info_table::{NewInfoTable, payload};
use crate::layout::tso;
use crate::mem::Mem;
use crate::sanity::check::check_heap;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};

/// Commits whatever it is asked for, and counts.
#[derive(Debug, Default)]
pub struct Arena {
    pub committed: u32,
    pub refuse: bool,
}

impl Host for Arena {
    fn commit(&mut self, _: u32, len: u32) -> bool {
        if !self.refuse {
            self.committed += len;
        }
        !self.refuse
    }

    fn decommit(&mut self, _: u32, len: u32) {
        self.committed -= len;
    }

    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [crate::abi::host::FdWait], _: u64) {}

    fn log(&mut self, _: &str) {}
}

/// Roots kept by the test.
#[derive(Debug, Default)]
pub struct Shelf {
    pub roots: Vec<ClosurePtr>,
    pub cafs: Vec<Addr>,
    pub stable: StableTable,
}

impl Roots for Shelf {
    fn visit(&mut self, v: &mut dyn Visitor) {
        for p in &mut self.roots {
            v.pointer(p);
        }
        for caf in &self.cafs {
            assert_eq!(v.mem().info(*caf), info::STG_IND_STATIC);
            v.field(*caf + closure::INDIRECTEE);
        }
    }

    fn stable(&mut self) -> &mut StableTable {
        &mut self.stable
    }
}

pub const HEAP: core::ops::Range<u32> = 0x20_0000..0x1E0_0000;
const INFOS: u32 = 0x10_8000;

/// The machine.
pub struct Vm {
    pub mem: Mem,
    pub heap: Heap,
    pub host: Arena,
    pub shelf: Shelf,
    next_info: u32,
    next_static: u32,
    pub nil: ClosurePtr,
    pub no_finalizer: ClosurePtr,
}

/// Small parts, so that every boundary is crossed often.
pub const TINY: Config = Config { nursery: 4, chunk: 2, min_old: 16, gc_every_n_allocations: 0 };

impl Vm {
    pub fn new() -> Vm {
        Vm::with(8 << 20, TINY)
    }

    pub fn with(limit: u32, config: Config) -> Vm {
        let mut mem = Mem::arena(HEAP.end);
        for row in ENTRIES {
            let (layout, srt) = match row.layout {
                Layout::Code() => continue,
                Layout::Heap(p, n) => (payload(p, n), 0),
                Layout::Frame(f) => (bitmap::small(f), 0),
                Layout::Selector(n) => (n as u64, 0),
                Layout::Con(p, n, tag, _) => (payload(p, n), tag),
            };
            let code_index = row.entry.slot();
            NewInfoTable { closure_type: row.closure_type, layout, srt, extra: (0, 0), code_index }
                .write(&mut mem, row.entry.info());
        }
        const { assert!(table::END < INFOS) };
        let mut vm = Vm {
            mem,
            heap: Heap::with_config(HEAP, limit, config),
            host: Arena::default(),
            shelf: Shelf::default(),
            next_info: INFOS,
            next_static: map::CLOSURES,
            nil: ClosurePtr::NULL,
            no_finalizer: ClosurePtr::NULL,
        };
        vm.no_finalizer = vm.static_closure(info::STG_NO_FINALIZER, 1).into();
        vm.nil = ClosurePtr::from(vm.static_closure(info::NIL_CON, 1)).with_tag(1);
        vm
    }

    /// A fresh info table.
    pub fn info(&mut self, t: ClosureType, ptrs: u32, nptrs: u32, extra: (u32, u32)) -> InfoPtr {
        let at = InfoPtr(self.next_info + 40);
        self.next_info += 48;
        let layout = payload(ptrs, nptrs);
        NewInfoTable { closure_type: t, layout, srt: 0, extra, code_index: 1 }.write(&mut self.mem, at);
        at
    }

    /// A static closure with room for `words` words.
    pub fn static_closure(&mut self, info: InfoPtr, words: u32) -> Addr {
        let at = Addr(self.next_static);
        self.next_static += words * WORD;
        self.mem.set_info(at, info);
        at
    }

    /// A fresh object whose words after the info pointer are `words`.
    pub fn object(&mut self, info: InfoPtr, words: &[u64]) -> ClosurePtr {
        let at = self.room(1 + words.len() as u32);
        self.mem.set_info(at, info);
        for (i, w) in words.iter().enumerate() {
            self.mem.set_word(at.offset_w(1 + i as u32), *w);
        }
        at.into()
    }

    pub fn room(&mut self, words: u32) -> Addr {
        self.heap.allocate(&mut self.host, words).expect("room")
    }

    pub fn int(&mut self, n: u64) -> ClosurePtr {
        self.object(info::I_HASH_CON, &[n]).with_tag(1)
    }

    pub fn int_value(&self, p: ClosurePtr) -> u64 {
        let p = self.value(p);
        assert_eq!(self.mem.info(p.addr()), info::I_HASH_CON, "{p:?} is no Int");
        self.mem.word(p.addr() + WORD)
    }

    /// Follows indirections.
    pub fn value(&self, p: ClosurePtr) -> ClosurePtr {
        let mut p = p;
        while [info::STG_IND, info::STG_IND_STATIC, info::STG_BLACKHOLE].contains(&self.mem.info(p.addr())) {
            p = self.mem.closure(p.addr() + closure::INDIRECTEE);
        }
        p
    }

    pub fn cons(&mut self, head: ClosurePtr, tail: ClosurePtr) -> ClosurePtr {
        self.object(info::CONS_CON, &[head.word(), tail.word()]).with_tag(2)
    }

    pub fn pair(&mut self, a: ClosurePtr, b: ClosurePtr) -> ClosurePtr {
        self.object(info::PAIR_CON, &[a.word(), b.word()]).with_tag(1)
    }

    /// A list of boxed Ints.
    pub fn list(&mut self, ns: impl DoubleEndedIterator<Item = u64>) -> ClosurePtr {
        let mut tail = self.nil;
        for n in ns.rev() {
            let head = self.int(n);
            tail = self.cons(head, tail);
        }
        tail
    }

    pub fn list_values(&self, list: ClosurePtr) -> Vec<u64> {
        let (mut at, mut values) = (self.value(list), Vec::new());
        while self.mem.info(at.addr()) == info::CONS_CON {
            values.push(self.int_value(self.field(at, 0)));
            at = self.value(self.field(at, 1));
        }
        values
    }

    /// Word number `i` of the payload.
    pub fn field(&self, p: ClosurePtr, i: u32) -> ClosurePtr {
        self.mem.closure((p.addr() + WORD).offset_w(i))
    }

    pub fn set_field(&mut self, p: ClosurePtr, i: u32, value: ClosurePtr) {
        self.mem.set_closure((p.addr() + WORD).offset_w(i), value);
    }

    pub fn mut_var(&mut self, value: ClosurePtr) -> ClosurePtr {
        self.object(info::STG_MUT_VAR_DIRTY, &[value.word()])
    }

    pub fn write_mut_var(&mut self, var: ClosurePtr, value: ClosurePtr) {
        self.heap.dirty_mut_var(&mut self.mem, var.addr());
        self.set_field(var, 0, value);
    }

    pub fn array(&mut self, n: u32, value: ClosurePtr) -> ClosurePtr {
        let size = n + mut_arr_ptrs::card_words(n);
        let at = self.room(mut_arr_ptrs::SIZE_W + size);
        self.mem.set_info(at, info::STG_MUT_ARR_PTRS_DIRTY);
        self.mem.set_word(at + mut_arr_ptrs::PTRS, n as u64);
        self.mem.set_word(at + mut_arr_ptrs::SIZE, size as u64);
        self.mem.fill_words(at + mut_arr_ptrs::PAYLOAD, n, value.word());
        self.mem.fill_words((at + mut_arr_ptrs::PAYLOAD).offset_w(n), size - n, 0);
        at.into()
    }

    pub fn small_array(&mut self, n: u32, value: ClosurePtr) -> ClosurePtr {
        let at = self.room(small_mut_arr_ptrs::SIZE_W + n);
        self.mem.set_info(at, info::STG_SMALL_MUT_ARR_PTRS_DIRTY);
        self.mem.set_word(at + small_mut_arr_ptrs::PTRS, n as u64);
        self.mem.fill_words(at + small_mut_arr_ptrs::PAYLOAD, n, value.word());
        at.into()
    }

    pub fn write_array(&mut self, array: ClosurePtr, i: u32, value: ClosurePtr) {
        let n = self.mem.u32(array.addr() + mut_arr_ptrs::PTRS);
        self.heap.dirty_array(&mut self.mem, array.addr(), n, i);
        self.set_field(array, 2 + i, value);
    }

    pub fn bytes(&mut self, n: u32, fill: u64) -> ClosurePtr {
        let words = n.div_ceil(WORD);
        let at = self.room(2 + words);
        self.mem.set_info(at, info::STG_ARR_WORDS);
        self.mem.set_word(at + WORD, n as u64);
        self.mem.fill_words(at + 2 * WORD, words, fill);
        at.into()
    }

    /// A BCO whose bitmap describes `pattern`: `p` for a pointer.
    pub fn bco(&mut self, arity: u32, pattern: &str) -> ClosurePtr {
        let instrs = self.bytes(16, 0x1111);
        let literals = self.bytes(8, 0x2222);
        let ptrs = self.array(1, self.nil);
        self.mem.set_info(ptrs.addr(), info::STG_MUT_ARR_PTRS_FROZEN_DIRTY);
        let bits = pattern.len().div_ceil(64) as u32;
        let size = closure::bco::SIZE_W + 1 + bits;
        let at = self.room(size);
        self.mem.fill_words(at, size, 0);
        self.mem.set_info(at, info::STG_BCO);
        self.mem.set_closure(at + closure::bco::INSTRS, instrs);
        self.mem.set_closure(at + closure::bco::LITERALS, literals);
        self.mem.set_closure(at + closure::bco::PTRS, ptrs);
        self.mem.set_u32(at + closure::bco::ARITY, arity);
        self.mem.set_u32(at + closure::bco::SIZE, size);
        let map = at + closure::bco::BITMAP;
        self.mem.set_word(map, pattern.len() as u64);
        for (i, letter) in pattern.bytes().enumerate() {
            let word = map.offset_w(1 + i as u32 / 64);
            let bit = ((letter != b'p') as u64) << (i % 64);
            self.mem.set_word(word, self.mem.word(word) | bit);
        }
        at.into()
    }

    /// A STACK of `size` words that holds `words`, the first of them on top.
    pub fn stack(&mut self, size: u32, words: &[u64]) -> ClosurePtr {
        let at = self.room(tso::stack::SIZE_W + size);
        self.mem.set_info(at, info::STG_STACK);
        self.mem.set_word(at + tso::stack::STACK_SIZE, size as u64 | 1 << 32);
        let low = at + tso::stack::STACK;
        self.mem.fill_words(low, size, 0xBAD);
        let sp = low.offset_w(size - words.len() as u32);
        self.mem.set_word(at + tso::stack::SP, sp.word());
        for (i, w) in words.iter().enumerate() {
            self.mem.set_word(sp.offset_w(i as u32), *w);
        }
        at.into()
    }

    /// The words of a stack from the top on.
    pub fn stack_words(&self, stack: ClosurePtr) -> Vec<u64> {
        let c = stack.addr();
        let low = c + tso::stack::STACK;
        let end = low.offset_w(self.mem.u32(c + tso::stack::STACK_SIZE));
        let mut sp = Addr::from_word(self.mem.word(c + tso::stack::SP));
        let mut words = Vec::new();
        while sp < end {
            words.push(self.mem.word(sp));
            sp = sp.offset_w(1);
        }
        words
    }

    /// A runnable thread with that stack.
    pub fn thread(&mut self, stack: ClosurePtr) -> ClosurePtr {
        let end = self.nil.untagged();
        let at = self.room(tso::SIZE_W);
        self.mem.fill_words(at, tso::SIZE_W, 0);
        self.mem.set_info(at, info::STG_TSO);
        for f in [tso::LINK, tso::BLOCK_INFO, tso::TREC, tso::BLOCKED_EXCEPTIONS, tso::BQ] {
            self.mem.set_closure(at + f, end);
        }
        self.mem.set_closure(at + tso::STACKOBJ, stack);
        self.mem.set_u16(at + tso::WHAT_NEXT, tso::what_next::INTERPRET);
        self.mem.set_u32(at + tso::DIRTY, 1);
        self.heap.threads.add(at);
        at.into()
    }

    /// Keeps `p` alive; answers its place on the shelf.
    pub fn root(&mut self, p: ClosurePtr) -> usize {
        self.shelf.roots.push(p);
        self.shelf.roots.len() - 1
    }

    pub fn get(&self, root: usize) -> ClosurePtr {
        self.shelf.roots[root]
    }

    pub fn check(&mut self) -> Result<(), Corrupt> {
        check_heap(&self.heap, &mut self.mem, &mut self.shelf)
    }

    pub fn collect(&mut self, kind: Kind) -> Stats {
        self.check().expect("sane before");
        let stats = gc::collect(&mut self.heap, &mut self.mem, &mut self.host, &mut self.shelf, kind);
        assert_eq!(stats.corrupt, None);
        self.check().expect("sane after");
        // Nothing may be left in what the program allocates from next.
        let (hp, lim) = self.heap.nursery.free_part();
        self.mem.fill_words(hp, (lim.0 - hp.0) / WORD, 0xAAAA_AAAA_AAAA_AAAA);
        assert_eq!(self.mem.fault(), None);
        stats
    }

    pub fn minor(&mut self) -> Stats {
        self.collect(Kind::Minor)
    }

    pub fn major(&mut self) -> Stats {
        self.collect(Kind::Major)
    }

    /// Promotes what is alive to the old generation.
    pub fn age(&mut self) {
        self.minor();
        self.minor();
    }

    pub fn is_old(&self, root: usize) -> bool {
        self.heap.is_old(self.get(root).addr())
    }
}
