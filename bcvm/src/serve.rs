//! Carrying out the host's requests (`run` of `GHCi.Run`).

use crate::abi::request::{Closure, Expr, Mode, Outcome, Reply, Request, Stats};
use crate::bco::create;
use crate::entry::closures::Builtin;
use crate::entry::symbol;
use crate::entry::table::info;
use crate::gc::Kind;
use crate::interp::control::Value;
use crate::interp::machine::Machine;
use crate::layout::ClosureType;
use crate::layout::closure::{self, INDIRECTEE, PAYLOAD, THUNK_PAYLOAD, arr_words, bco, fun_bitmap};
use crate::layout::info_table::InfoTable;
use crate::sched::run;
use crate::sched::thread::Start;
use crate::show;
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
        self.try_serve(request).unwrap_or_else(Reply::Refused)
    }

    fn try_serve(&mut self, request: Request<'_>) -> Result<Reply, Refusal> {
        Ok(match request {
            Request::CreateBcos(chunks) => {
                let values = create::create(self, &chunks).map_err(|e| e.to_string())?;
                Reply::Refs(values.into_iter().map(|v| self.stable.make(v)).collect())
            }
            Request::FreeRefs(refs) => {
                for r in refs {
                    if !self.stable.free(r) {
                        return Err(format!("freed reference {r:#x}, which is not in use"));
                    }
                }
                Reply::Unit
            }
            Request::Eval(mode, expr) => self.eval(mode, &expr)?,
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
                Reply::Unit
            }
            Request::BreakpointStatus(array, tick) => {
                let enabled = self.tick(array, tick)?.is_some_and(|at| self.mem.u8(at) != 0);
                Reply::Addrs(vec![enabled as u64])
            }
            Request::GetClosure(r) => Reply::Closure(self.closure(r)?),
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
        let at = self.statics.allocate(&mut *self.host, len)?;
        self.mem.write_bytes(at, bytes);
        if nul {
            self.mem.set_u8(at + bytes.len() as u32, 0);
        }
        Some(at.word())
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
        let before = self.allocated_words();
        let closure = self.expression(expr)?;
        let start = if mode == Mode::Seq { Start::Eval } else { Start::RunIO };
        let outcome = match self.run(closure, start).and_then(|v| self.results(mode, v)) {
            Ok(outcome) | Err(Failed::Outcome(outcome)) => outcome,
            Err(Failed::Refused(why)) => return Err(why),
        };
        Ok(Reply::Evaluated { allocated: (self.allocated_words() - before) * 8, outcome })
    }

    /// What an expression stands for: an application becomes a thunk, as lazy as any.
    fn expression(&mut self, expr: &Expr) -> Result<ClosurePtr, Refusal> {
        let (f, args) = match expr {
            Expr::Ref(r) => return self.find_ref(*r),
            Expr::App(f, args) => (self.find_ref(*f)?, args),
        };
        let values: Vec<ClosurePtr> = args.iter().map(|r| self.find_ref(*r)).collect::<Result<_, _>>()?;
        // One stg_ap_2_upd for each argument: no larger piece is ever needed.
        let mut f = f;
        for x in values {
            let thunk = self.allocate(4).ok_or("no heap left for an application")?;
            self.mem.set_info(thunk, info::STG_AP_2_UPD);
            self.mem.set_word(thunk + 8, 0);
            self.mem.set_closure(thunk + THUNK_PAYLOAD, f);
            self.mem.set_closure(thunk + THUNK_PAYLOAD + 8, x);
            f = thunk.into();
        }
        Ok(f)
    }

    /// Evaluates in a thread of its own; anything but a value is how the request ends.
    fn run(&mut self, closure: ClosurePtr, start: Start) -> Result<Value, Failed> {
        Err(Failed::Outcome(match self.evaluate(closure, start) {
            run::Outcome::Value(v) => return Ok(v),
            run::Outcome::Exception(e) => Outcome::Exception(self.stable.make(e), self.name_of_exception(e)),
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
            Mode::IoString => {
                let mut out = String::new();
                self.for_each(p, |m, x| {
                    let c = m.run_to_value(x)?;
                    let code = m.mem.word(c.addr() + PAYLOAD);
                    out.push(u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
                    Ok(())
                })?;
                Outcome::String(out)
            }
        })
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

    /// The constructor of an exception, for messages; looks into SomeException, evaluates nothing.
    fn name_of_exception(&self, e: ClosurePtr) -> String {
        let c = self.follow(e);
        let t = InfoTable::at(&self.mem, self.mem.info(c));
        if !t.closure_type().is_constr() {
            return "an exception that is not evaluated".into();
        }
        let name = show::text(&self.mem, t.con_desc()).unwrap_or_default();
        if name.ends_with(".SomeException") && t.ptrs() >= 2 {
            let inner = self.follow(self.mem.closure(c + PAYLOAD + 8));
            let t = InfoTable::at(&self.mem, self.mem.info(inner));
            if t.closure_type().is_constr() {
                return show::text(&self.mem, t.con_desc()).unwrap_or(name);
            }
        }
        name
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
            if self.mem.info(next.addr()) == info::STG_TSO {
                return c;
            }
            c = next.addr();
        }
        c
    }

    /// What the reference `r` refers to (`getClosureData`), indirections followed.
    fn closure(&mut self, r: u64) -> Result<Closure, Refusal> {
        const MAX_WORDS: u32 = 1 << 20;
        let c = self.follow(self.find_ref(r)?);
        let table = self.mem.info(c);
        let t = InfoTable::at(&self.mem, table);
        let kind = t.closure_type();
        let mut out = Closure { closure_type: kind as u32, info: table.word(), ..Closure::default() };
        let (mut ptrs, mut words): (Vec<Addr>, Vec<u64>) = (Vec::new(), Vec::new());
        let mut take = |m: &Machine, from: Addr, n_ptrs: u32, n_words: u32| {
            ptrs.extend((0..n_ptrs.min(MAX_WORDS)).map(|i| from.offset_w(i)));
            let rest = from.offset_w(n_ptrs);
            words.extend((0..n_words.min(MAX_WORDS)).map(|i| m.mem.word(rest.offset_w(i))));
        };
        match kind {
            _ if kind.is_constr() => {
                out.con_tag = t.con_tag();
                out.con_desc = show::text(&self.mem, t.con_desc());
                take(self, c + PAYLOAD, t.ptrs(), t.nptrs());
            }
            _ if kind.is_fun() && kind != ClosureType::FUN_STATIC => take(self, c + PAYLOAD, t.ptrs(), t.nptrs()),
            _ if kind.is_heap_thunk() => take(self, c + THUNK_PAYLOAD, t.ptrs(), t.nptrs()),
            ClosureType::PAP | ClosureType::AP => {
                use closure::{ap, pap};
                let (fun, n, payload) = if kind == ClosureType::PAP {
                    (c + pap::FUN, self.mem.u32(c + pap::N_ARGS), c + pap::PAYLOAD)
                } else {
                    (c + ap::FUN, self.mem.u32(c + ap::N_ARGS), c + ap::PAYLOAD)
                };
                let bitmap = fun_bitmap(&self.mem, self.mem.closure(fun).addr());
                take(self, fun, 1, 0);
                for i in 0..n.min(MAX_WORDS) {
                    let is_ptr = bitmap.is_ptr(&self.mem, i) as u32;
                    take(self, payload.offset_w(i), is_ptr, 1 - is_ptr);
                }
            }
            ClosureType::BCO => take(self, c + bco::INSTRS, 3, 0),
            ClosureType::MUT_VAR_CLEAN | ClosureType::MUT_VAR_DIRTY => take(self, c + closure::mut_var::VAR, 1, 0),
            ClosureType::ARR_WORDS => {
                let bytes = self.mem.u32(c + arr_words::BYTES);
                take(self, c + arr_words::BYTES, 0, 1 + words_for(bytes));
            }
            ClosureType::MUT_ARR_PTRS_CLEAN
            | ClosureType::MUT_ARR_PTRS_DIRTY
            | ClosureType::MUT_ARR_PTRS_FROZEN_CLEAN
            | ClosureType::MUT_ARR_PTRS_FROZEN_DIRTY => {
                use closure::mut_arr_ptrs::{PAYLOAD, PTRS};
                take(self, c + PAYLOAD, self.mem.u32(c + PTRS), 0);
            }
            ClosureType::SMALL_MUT_ARR_PTRS_CLEAN
            | ClosureType::SMALL_MUT_ARR_PTRS_DIRTY
            | ClosureType::SMALL_MUT_ARR_PTRS_FROZEN_CLEAN
            | ClosureType::SMALL_MUT_ARR_PTRS_FROZEN_DIRTY => {
                use closure::small_mut_arr_ptrs::{PAYLOAD, PTRS};
                take(self, c + PAYLOAD, self.mem.u32(c + PTRS), 0);
            }
            _ => {}
        }
        out.ptrs = ptrs.into_iter().map(|a| self.stable.make(self.mem.closure(a))).collect();
        out.words = words;
        Ok(out)
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
        }
    }
}
