//! What the tests share: a machine, a small assembler for BCOs, values read back.

use bcvm::abi::host::{FdWait, Host};
use bcvm::abi::request::{Closure, Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};
use bcvm::bytecode::Bci;
use bcvm::bytecode::raw::Instr;
use bcvm::entry::symbol;
use bcvm::interp::machine::{Config, Machine};
use bcvm::layout::ClosureType;
use bcvm::mem::Mem;

/// A host that commits everything. Its clock goes on when somebody waits, and only then.
#[derive(Debug, Default)]
pub struct NoHost {
    now: u64,
}

impl Host for NoHost {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }
    fn decommit(&mut self, _: u32, _: u32) {}
    fn now_ns(&mut self) -> u64 {
        self.now
    }
    fn wait(&mut self, fds: &mut [FdWait], until: u64) {
        for fd in &mut *fds {
            fd.ready = true;
        }
        if fds.is_empty() && until != u64::MAX {
            self.now = self.now.max(until);
        }
    }
    fn log(&mut self, line: &str) {
        println!("{line}");
    }
}

/// A machine with a heap of so many bytes.
pub fn machine_with(heap_limit: u32, tune: impl FnOnce(&mut Config)) -> Machine {
    let (mut config, end) = Config::internal(heap_limit);
    config.heap_config.gc_every_n_allocations = 1;
    if cfg!(feature = "sanity") {
        // The smallest stacks that hold a frame above the reserved words: every call crosses a chunk.
        (config.stack_initial_w, config.stack_chunk_w) = (40, 64);
    }
    config.trace = std::env::var_os("BCVM_TRACE").is_some();
    tune(&mut config);
    Machine::new(Mem::arena(end), Box::new(NoHost::default()), config)
}

/// A machine for small programs.
pub fn machine() -> Machine {
    machine_with(16 << 20, |_| {})
}

/// The address of a built-in symbol.
pub fn static_ptr(name: &str) -> u64 {
    symbol::find(name).unwrap_or_else(|| panic!("no built-in symbol {name}")).word()
}

/// The wrapper of a primop.
pub fn primop(name: &str) -> ResolvedBcoPtr {
    let symbol = format!("ghczmprim_GHCziPrimopWrappers_{}_closure", symbol::z_encode(name));
    ResolvedBcoPtr::StaticPtr(static_ptr(&symbol))
}

/// The info pointer of a built-in constructor.
pub fn con_info(name: &str) -> u64 {
    static_ptr(&format!("{name}_con_info"))
}

/// The info pointer of `I#`.
pub fn int_con() -> u64 {
    con_info("ghczmprim_GHCziTypes_Izh")
}

/// Builds a BCO.
#[derive(Default, Clone)]
pub struct Asm {
    bco: ResolvedBco,
}

impl Asm {
    /// A thunk body or case alternatives.
    pub fn new() -> Asm {
        Asm::function(0, "")
    }

    /// A function of `arity` arguments that finds words of this pattern on the stack: `p` is a pointer.
    pub fn function(arity: u32, pattern: &str) -> Asm {
        let bits = pattern.bytes().enumerate().fold(0, |b, (i, c)| b | ((c != b'p') as u64) << i);
        let bitmap = if pattern.is_empty() { vec![0] } else { vec![pattern.len() as u64, bits] };
        Asm { bco: ResolvedBco { arity, bitmap, ..ResolvedBco::default() } }
    }

    /// Case alternatives over a frame of this pattern.
    pub fn alts(pattern: &str) -> Asm {
        Asm::function(0, pattern)
    }

    /// Appends an instruction.
    pub fn op(mut self, op: Bci, operands: &[u64]) -> Asm {
        Instr::new(op, operands).encode(false, &mut self.bco.instrs);
        self
    }

    /// Appends a pointer and answers its index.
    pub fn ptr(&mut self, p: ResolvedBcoPtr) -> u64 {
        self.bco.ptrs.push(p);
        self.bco.ptrs.len() as u64 - 1
    }

    /// Appends a literal and answers its index.
    pub fn lit(&mut self, w: u64) -> u64 {
        self.bco.lits.push(w);
        self.bco.lits.len() as u64 - 1
    }

    /// PUSH_G of a pointer.
    pub fn push_g(mut self, p: ResolvedBcoPtr) -> Asm {
        let i = self.ptr(p);
        self.op(Bci::PUSH_G, &[i])
    }

    /// PUSH_UBX of one literal.
    pub fn push_ubx(mut self, w: u64) -> Asm {
        let i = self.lit(w);
        self.op(Bci::PUSH_UBX, &[i, 1])
    }

    /// PUSH_ALTS and its kin.
    pub fn push_alts(mut self, op: Bci, alts: Asm) -> Asm {
        let i = self.ptr(ResolvedBcoPtr::Bco(alts.done()));
        self.op(op, &[i])
    }

    /// PACK.
    pub fn pack(mut self, con: u64, n: u64) -> Asm {
        let i = self.lit(con);
        self.op(Bci::PACK, &[i, n])
    }

    /// An Int box of the word on top, entered, with `by` words slid away.
    pub fn return_int(self, by: u64) -> Asm {
        self.pack(int_con(), 1).op(Bci::SLIDE, &[1, by]).op(Bci::ENTER, &[])
    }

    /// Halfwords so far: where a label would be.
    pub fn here(&self) -> u64 {
        self.bco.instrs.len() as u64
    }

    /// The BCO.
    pub fn done(self) -> ResolvedBco {
        self.bco
    }
}

impl From<Asm> for ResolvedBco {
    fn from(asm: Asm) -> ResolvedBco {
        asm.done()
    }
}

/// Creates BCOs; answers references.
pub fn create(m: &mut Machine, bcos: &[ResolvedBco]) -> Vec<u64> {
    match m.serve(Request::CreateBcos(vec![&encode_chunk(bcos)])) {
        Reply::Refs(refs) => refs,
        other => panic!("CreateBcos: {other:?}"),
    }
}

/// Evaluates a reference.
pub fn seq(m: &mut Machine, r: u64) -> Outcome {
    eval(m, Mode::Seq, Expr::Ref(r))
}

/// Evaluates an expression.
pub fn eval(m: &mut Machine, mode: Mode, expr: Expr) -> Outcome {
    match m.serve(Request::Eval(mode, expr)) {
        Reply::Evaluated { outcome, .. } => outcome,
        other => panic!("Eval: {other:?}"),
    }
}

/// Looks at a closure, behind the indirections to it.
pub fn closure(m: &mut Machine, r: u64) -> Closure {
    match m.serve(Request::GetClosure(r)) {
        Reply::Closure(c) => match ClosureType::from_number(c.closure_type) {
            ClosureType::IND | ClosureType::IND_STATIC | ClosureType::BLACKHOLE => closure(m, c.ptrs[0]),
            _ => c,
        },
        other => panic!("GetClosure: {other:?}"),
    }
}

/// Evaluates the thunk of a BCO in a new machine, and answers the Int it comes to.
pub fn run_int(bco: impl Into<ResolvedBco>) -> i64 {
    let mut m = machine();
    let r = create(&mut m, &[bco.into()])[0];
    int_of(&mut m, r)
}

/// The Int that a reference evaluates to.
pub fn int_of(m: &mut Machine, r: u64) -> i64 {
    assert_eq!(seq(m, r), Outcome::Refs(vec![]));
    let c = closure(m, r);
    assert_eq!(c.con_desc.as_deref(), Some("ghc-prim:GHC.Types.I#"), "{c:?}");
    c.words[0] as i64
}
