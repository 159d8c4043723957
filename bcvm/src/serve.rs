//! Carrying out the host's requests (`run` of `GHCi.Run`).
//!
//! What `GetClosure` answers is in `serve/closure.rs`, how an expression becomes a closure in `serve/expression.rs`, what is
//! said of an exception in `serve/exception.rs`.

mod closure;
mod exception;
mod expression;

use crate::abi::request::{Expr, Mode, Outcome, Reply, Request, Stats, cif};
use crate::bco::create;
use crate::entry::closures::Builtin;
use crate::entry::symbol;
use crate::entry::table::info;
use crate::gc::Kind;
use crate::interp::control::Value;
use crate::interp::machine::Machine;
use crate::layout::ClosureType;
use crate::layout::closure::{INDIRECTEE, PAYLOAD, arr_words};
use crate::layout::info_table::InfoTable;
use crate::primop::table::Rep;
use crate::sched::thread::Start;
use crate::sched::{blackhole, run};
use crate::statics::ConInfo;
use crate::word::{Addr, ClosurePtr, words_for};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

const CONFIG: bincode::config::Configuration = bincode::config::standard();

/// Why a request could not be carried out, for its reader.
type Refusal = String;

/// How an evaluation inside a request ended badly.
enum Failed {
    Thrown(ClosurePtr),
    Outcome(Outcome),
    Refused(Refusal),
}

impl Machine {
    /// Carries out an encoded request and answers the encoded reply.
    pub fn request(&mut self, request: &[u8]) -> Vec<u8> {
        let reply = match bincode::borrow_decode_from_slice::<Request<'_>, _>(request, CONFIG) {
            Ok((request, _)) => self.serve(request),
            Err(e) => Reply::Refused(format!("the request is not encoded as this guest expects: {e}")),
        };
        // Encoding into memory that grows as needed fails only when there is none.
        bincode::encode_to_vec(&reply, CONFIG).unwrap_or_default()
    }

    /// Carries out a request.
    pub fn serve(&mut self, request: Request<'_>) -> Reply {
        // An evaluation says itself when the runtime works; looking at things changes nothing. All else leaves the
        // machine half changed if it is broken off: see Note [Recovering from a trap].
        let changes = !matches!(
            request,
            Request::Eval(..)
                | Request::RunThreads
                | Request::GetClosure(_)
                | Request::LookupSymbol(_)
                | Request::BreakpointStatus(..)
                | Request::Stats
        );
        if changes {
            self.enter_runtime();
        }
        let reply = self.try_serve(request).unwrap_or_else(Reply::Refused);
        if let (Reply::Refused(_), Some(words)) = (&reply, &mut self.heap.refused_w) {
            // The heap is worth a collection, but who wanted more than there is has been told: the next evaluation is not
            // to blame.
            *words = 0;
        }
        if changes {
            self.leave_runtime();
        }
        if self.heap_is_corrupt { Reply::Ruined } else { reply }
    }

    fn try_serve(&mut self, request: Request<'_>) -> Result<Reply, Refusal> {
        Ok(match request {
            Request::CreateBcos(chunks) => {
                let values = create::create(self, &chunks).map_err(|e| e.to_string())?;
                Reply::Refs(values.into_iter().map(|v| self.stable.make(v)).collect())
            }
            Request::FreeRefs(refs) => Reply::Addrs(refs.into_iter().filter(|r| !self.stable.free(*r)).collect()),
            Request::Eval(mode, expr) => self.eval(mode, &expr)?,
            Request::RunThreads => self.run_others(),
            Request::Malloc { blocks, nul } => {
                let addrs: Option<Vec<u64>> = blocks.iter().map(|b| self.malloc(b, nul)).collect();
                Reply::Addrs(addrs.ok_or("no memory left for static data")?)
            }
            Request::MkConInfoTable { ptrs, nptrs, con_tag, ptr_tag, desc } => {
                const MAX_FIELDS: u32 = 1 << 16;
                if ptrs > MAX_FIELDS || nptrs > MAX_FIELDS {
                    return Err(format!("a constructor of {ptrs} pointers and {nptrs} words is too large"));
                }
                let con = ConInfo { ptrs, nptrs, con_tag, ptr_tag, desc };
                let info = self.statics.con_info(&mut self.mem, &mut *self.host, con);
                Reply::Addrs(vec![info.ok_or("no memory left for static data")?.word()])
            }
            Request::PrepFfi { conv, args, result } => Reply::Addrs(vec![self.prep_ffi(conv, args, result)?]),
            Request::LookupSymbol(name) => Reply::Addrs(symbol::find(name).iter().map(|a| a.word()).collect()),
            Request::LookupClosure(name) => {
                let found = symbol::find(name).filter(|_| name.ends_with("_closure"));
                Reply::Refs(found.iter().map(|a| self.stable.make((*a).into())).collect())
            }
            Request::NewBreakArray(ticks) => {
                let words = arr_words::SIZE_W + words_for(ticks);
                let Some(array) = self.heap.allocate_old(&mut *self.host, words) else {
                    return Err(format!("no room for a breakpoint array of {ticks} ticks"));
                };
                self.mem.set_info(array, info::STG_ARR_WORDS);
                self.mem.set_word(array + arr_words::BYTES, ticks as u64);
                self.mem.fill_words(array + arr_words::PAYLOAD, words - arr_words::SIZE_W, 0);
                Reply::Refs(vec![self.stable.make(array.into())])
            }
            Request::EnableBreakpoint(array, tick, enable) => {
                let at = self.tick(array, tick)?.ok_or_else(|| format!("the breakpoint array has no tick {tick}"))?;
                self.mem.set_u8(at, enable as u8);
                self.breakpoints |= enable;
                Reply::Unit
            }
            Request::BreakpointStatus(array, tick) => {
                let enabled = self.tick(array, tick)?.is_some_and(|at| self.mem.u8(at) != 0);
                Reply::Addrs(vec![enabled as u64])
            }
            Request::GetBreakpointVar(r, slot) => {
                let var = self.breakpoint_var(self.find_ref(r)?.addr(), slot);
                Reply::Refs(var.into_iter().map(|v| self.stable.make(v)).collect())
            }
            Request::AddSptEntry(key, value) => {
                let entry = self.stable.make(self.find_ref(value)?);
                if let Some(old) = self.static_pointers.insert(key, entry) {
                    self.stable.free(old);
                }
                Reply::Unit
            }
            Request::GetClosure(r) => Reply::Closure(self.closure(r)?),
            Request::Refer(pairs) => {
                for (number, to) in pairs {
                    let value = if to == 0 { Builtin::Unit.ptr() } else { self.find_ref(to)? };
                    if !self.stable.refer(number, value) {
                        return Err(format!("reference {number:#x} cannot be given out anew"));
                    }
                }
                Reply::Unit
            }
            Request::RefOf(addr) => Reply::Refs(vec![self.stable.make(ClosurePtr::from_word(addr))]),
            Request::Bind(symbols) => {
                for (symbol, addr) in symbols {
                    self.bound.bind(symbol, ClosurePtr::from_word(addr));
                }
                Reply::Unit
            }
            Request::CallC(functions) => {
                // They are a program's, and may be stopped anywhere.
                self.leave_runtime();
                let mut functions = functions.into_iter().map(Addr::from_word);
                let called = functions.try_for_each(|f| self.call_loaded(f, &[], Rep::V).map(drop));
                self.enter_runtime();
                called?;
                Reply::Unit
            }
            Request::RevertCafs => {
                self.revert_cafs();
                Reply::Unit
            }
            Request::Collect => {
                self.collect(Kind::Major);
                if !self.crash_report.is_empty() {
                    return Err(core::mem::take(&mut self.crash_report));
                }
                Reply::Unit
            }
            Request::Stats => Reply::Stats(self.stats()),
        })
    }

    fn find_ref(&self, r: u64) -> Result<ClosurePtr, Refusal> {
        self.stable.find(r).ok_or_else(|| format!("reference {r:#x} is not in use"))
    }

    fn malloc(&mut self, bytes: &[u8], nul: bool) -> Option<u64> {
        let len = u32::try_from(bytes.len()).ok()?.checked_add(nul as u32)?;
        let at = self.statics.keep(&mut *self.host, len)?;
        self.mem.write_bytes(at, bytes);
        if nul {
            self.mem.set_u8(at + bytes.len() as u32, 0);
        }
        Some(at.word())
    }

    /// Writes a call interface to memory (`prepForeignCall` of `GHCi.FFI`).
    fn prep_ffi(&mut self, conv: u8, args: &[u8], result: u8) -> Result<u64, Refusal> {
        if conv > 1 || result >= cif::TYPES || args.iter().any(|t| *t == cif::VOID || *t >= cif::TYPES) {
            return Err(format!("no foreign function has convention {conv}, arguments {args:?}, result {result}"));
        }
        let record = [&(args.len() as u32).to_le_bytes()[..], &[conv, result], args].concat();
        self.malloc(&record, false).ok_or_else(|| "no memory left for static data".into())
    }

    /// Where a tick of a breakpoint array is, if it has it.
    fn tick(&self, array: u64, tick: u32) -> Result<Option<Addr>, Refusal> {
        let a = self.find_ref(array)?.addr();
        if self.mem.info(a) != info::STG_ARR_WORDS {
            return Err(format!("reference {array:#x} is no breakpoint array"));
        }
        Ok((tick < self.mem.u32(a + arr_words::BYTES)).then_some(a + arr_words::PAYLOAD + tick))
    }

    fn eval(&mut self, mode: Mode, expr: &Expr) -> Result<Reply, Refusal> {
        self.fill_up();
        let before = self.allocated_words();
        let closure = self.expression(expr)?;
        let start = if mode == Mode::Seq { Start::Eval } else { Start::RunIO };
        let outcome = match self.run(closure, start).and_then(|v| self.results(mode, v)) {
            Ok(outcome) | Err(Failed::Outcome(outcome)) => outcome,
            Err(Failed::Thrown(e)) => Outcome::Exception(self.describe_exception(e)),
            Err(Failed::Refused(why)) => return Err(why),
        };
        Ok(self.evaluated(before, outcome))
    }

    fn evaluated(&self, allocated_before_w: u64, outcome: Outcome) -> Reply {
        let allocated = (self.allocated_words() - allocated_before_w) * 8;
        Reply::Evaluated { allocated, outcome, has_threads: self.has_threads() }
    }

    fn run_others(&mut self) -> Reply {
        let before = self.allocated_words();
        let outcome = match self.run_threads() {
            run::Outcome::Value(_) | run::Outcome::Exception(_) => Outcome::Refs(Vec::new()),
            run::Outcome::Deadline => Outcome::Deadline,
            run::Outcome::Crash(why) => Outcome::Crash(why),
        };
        self.evaluated(before, outcome)
    }

    /// Evaluates in a thread of its own; anything but a value is how the request ends.
    fn run(&mut self, closure: ClosurePtr, start: Start) -> Result<Value, Failed> {
        Err(Failed::Outcome(match self.evaluate(closure, start) {
            run::Outcome::Value(v) => return Ok(v),
            run::Outcome::Exception(e) => return Err(Failed::Thrown(e)),
            run::Outcome::Deadline => Outcome::Deadline,
            run::Outcome::Crash(report) => Outcome::Crash(report),
        }))
    }

    fn results(&mut self, mode: Mode, value: Value) -> Result<Outcome, Failed> {
        let p = match value {
            Value::Ptr(p) => p,
            Value::Word(_) | Value::Void => Builtin::Unit.ptr(),
        };
        Ok(match mode {
            Mode::Seq => Outcome::Refs(Vec::new()),
            Mode::Io => Outcome::Refs(vec![self.stable.make(p)]),
            Mode::IoList => {
                let mut refs = Vec::new();
                self.for_each(p, |m, x| {
                    refs.push(m.stable.make(x));
                    Ok(())
                })?;
                Outcome::Refs(refs)
            }
            Mode::IoString => Outcome::String(self.force_string(p)?),
            Mode::IoWords => Outcome::Words(self.words_of(self.follow(p))),
        })
    }

    /// The characters of a `String`, evaluated as far as need be.
    fn force_string(&mut self, list: ClosurePtr) -> Result<Vec<u8>, Failed> {
        let mut out = Vec::new();
        self.for_each(list, |m, x| {
            let c = m.run_to_value(x)?;
            expression::push_char(&mut out, m.mem.word(c.addr() + PAYLOAD));
            Ok(())
        })?;
        Ok(out)
    }

    fn run_to_value(&mut self, x: ClosurePtr) -> Result<ClosurePtr, Failed> {
        match self.run(x, Start::Eval)? {
            Value::Ptr(p) => Ok(p),
            other => Err(Failed::Refused(format!("a list or character evaluated to {other:?}"))),
        }
    }

    /// Evaluates the list `list` cell by cell, and calls `f` on each element, which may evaluate it.
    fn for_each(
        &mut self,
        list: ClosurePtr,
        mut f: impl FnMut(&mut Machine, ClosurePtr) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let mut rest = self.stable.make(list);
        loop {
            let p = self.stable.find(rest).unwrap_or_default();
            self.stable.free(rest);
            let cell = self.run_to_value(p)?;
            let t = InfoTable::at(&self.mem, self.mem.info(cell.addr()));
            if !t.closure_type().is_constr() || t.ptrs() < 2 {
                return Ok(());
            }
            let head = self.mem.closure(cell.addr() + PAYLOAD);
            rest = self.stable.make(self.mem.closure(cell.addr() + PAYLOAD + 8));
            f(self, head)?;
        }
    }

    /// The closure at the end of a chain of indirections.
    pub fn follow(&self, p: ClosurePtr) -> Addr {
        const MAX: u32 = 1000;
        let mut c = p.addr();
        for _ in 0..MAX {
            let next = match InfoTable::at(&self.mem, self.mem.info(c)).closure_type() {
                ClosureType::IND | ClosureType::IND_STATIC | ClosureType::BLACKHOLE => self.mem.closure(c + INDIRECTEE),
                _ => return c,
            };
            if blackhole::owner(&self.mem, next).is_some() {
                return c;
            }
            c = next.addr();
        }
        c
    }

    /// Words allocated up to now.
    pub fn allocated_words(&self) -> u64 {
        self.heap.allocated_words_at(self.regs.hp)
    }

    fn stats(&self) -> Stats {
        Stats {
            bcos: self.counts.bcos,
            allocated_words: self.allocated_words(),
            minor_collections: self.counts.minor,
            major_collections: self.counts.major,
            heap_bytes: self.heap.used_bytes(),
            refs: self.stable.len() as u64,
            fuel: self.fuel_used(),
        }
    }
}
