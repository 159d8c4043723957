//! The interpreter API on both backends: references, evaluation, limits, recovery.

use super::{Backend, Error, EvalExpr, ExceptionKind, ForeignRef, Interp};
use crate::embed::{Cache, Engine};
use crate::show::Object;
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use bcvm::bytecode::Bci;
use bcvm::bytecode::raw::Instr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("the guest compiles"))
}

/// Long enough for what ends by itself, although in a sanity build every collection checks the whole heap twice.
const TIMEOUT: Duration = Duration::from_millis(if cfg!(feature = "sanity") { 10_000 } else { 1_500 });

/// Runs a test on both backends.
fn on_both(test: impl Fn(&Interp)) {
    for backend in [Backend::Sandboxed, Backend::Internal] {
        let builder = Interp::builder().backend(backend).limit_memory(32 << 20).timeout(TIMEOUT);
        test(&builder.build_with(engine()).expect("an interpreter"));
    }
}

struct Code(ResolvedBco);

impl Code {
    fn thunk() -> Code {
        Code(ResolvedBco { bitmap: vec![0], ..ResolvedBco::default() })
    }

    fn function(arity: u32, words: u64) -> Code {
        Code(ResolvedBco { arity, bitmap: vec![words, 0], ..ResolvedBco::default() })
    }

    fn op(mut self, op: Bci, operands: &[u64]) -> Code {
        Instr::new(op, operands).encode(false, &mut self.0.instrs);
        self
    }

    fn lit(mut self, w: u64) -> Code {
        self.0.lits.push(w);
        let i = self.0.lits.len() as u64 - 1;
        self.op(Bci::PUSH_UBX, &[i, 1])
    }

    fn ptr(mut self, p: ResolvedBcoPtr) -> Code {
        self.0.ptrs.push(p);
        let i = self.0.ptrs.len() as u64 - 1;
        self.op(Bci::PUSH_G, &[i])
    }

    fn pack(mut self, con: u64, n: u64) -> Code {
        self.0.lits.push(con);
        let i = self.0.lits.len() as u64 - 1;
        self.op(Bci::PACK, &[i, n])
    }
}

fn symbol(interp: &Interp, name: &str) -> u64 {
    interp.lookup_symbol(name).unwrap().unwrap_or_else(|| panic!("no {name}")).0
}

fn int(interp: &Interp, n: u64) -> ResolvedBco {
    let con = symbol(interp, "ghczmprim_GHCziTypes_Izh_con_info");
    Code::thunk().lit(n).pack(con, 1).op(Bci::ENTER, &[]).0
}

fn int_of(interp: &Interp, r: &ForeignRef) -> u64 {
    interp.seq_hvalue(r).unwrap().unwrap();
    match object(interp, r) {
        Object::Con { description, words, .. } if description == "ghc-prim:GHC.Types.I#" => words[0],
        other => panic!("{other:?}"),
    }
}

/// What a reference refers to, behind indirections.
fn object(interp: &Interp, r: &ForeignRef) -> Object<ForeignRef> {
    match Object::from_closure(interp.get_closure(r).unwrap()) {
        Object::Indirection(to) => object(interp, &to),
        other => other,
    }
}

/// A small program still runs.
fn check_alive(interp: &Interp) {
    let r = interp.create_bcos(&[int(interp, 42)]).unwrap();
    assert_eq!(int_of(interp, &r[0]), 42);
}

/// Evaluates `bco` (the last of `bcos`), which must end so.
fn ends_with(interp: &Interp, bcos: &[ResolvedBco], kind: ExceptionKind) {
    let refs = interp.create_bcos(bcos).unwrap();
    let e = interp.seq_hvalue(refs.last().unwrap()).unwrap().unwrap_err();
    assert_eq!(e.kind, kind, "{e}");
    check_alive(interp);
}

#[test]
fn a_value_comes_out() {
    on_both(check_alive);
}

#[test]
fn references_are_released_when_dropped() {
    on_both(|interp| {
        let before = interp.stats().unwrap().refs;
        let refs = interp.create_bcos(&[int(interp, 1), int(interp, 2)]).unwrap();
        assert_eq!(interp.stats().unwrap().refs, before + 2);
        let copy = refs[0].clone();
        drop(refs);
        assert_eq!(interp.stats().unwrap().refs, before + 1);
        drop(copy);
        assert_eq!(interp.stats().unwrap().refs, before);
    });
}

#[test]
fn references_are_good_for_their_own_interpreter_only() {
    on_both(|a| {
        on_both(|b| {
            let r = a.create_bcos(&[int(a, 1)]).unwrap();
            assert!(matches!(b.seq_hvalue(&r[0]), Err(Error::ForeignInterp)));
        });
    });
}

#[test]
fn a_bad_bco_is_refused_and_nothing_is_created() {
    on_both(|interp| {
        let before = interp.stats().unwrap();
        let bad = Code::thunk().op(Bci::PUSH_L, &[3]).op(Bci::ENTER, &[]).0;
        let e = interp.create_bcos(&[int(interp, 1), bad]).unwrap_err().to_string();
        assert!(e.contains("BCO 1") && e.contains("PUSH_L"), "{e}");
        assert_eq!(interp.stats().unwrap().heap_bytes, before.heap_bytes);
        check_alive(interp);
    });
}

#[test]
fn endless_allocation_ends() {
    on_both(|interp| {
        let cons = symbol(interp, "ghczmprim_GHCziTypes_ZC_con_info");
        let nil = symbol(interp, "ghczmprim_GHCziTypes_ZMZN_closure");
        let f = Code::function(1, 1)
            .op(Bci::PUSH_L, &[0])
            .ptr(ResolvedBcoPtr::StaticPtr(nil))
            .pack(cons, 2)
            .op(Bci::PUSH_APPLY_P, &[])
            .ptr(ResolvedBcoPtr::Ref(0))
            .op(Bci::SLIDE, &[3, 1])
            .op(Bci::ENTER, &[]);
        let main = Code::thunk()
            .ptr(ResolvedBcoPtr::StaticPtr(nil))
            .op(Bci::PUSH_APPLY_P, &[])
            .ptr(ResolvedBcoPtr::Ref(0))
            .op(Bci::ENTER, &[]);
        // The argument lies over the frame: [f, ap_p, x].
        ends_with(interp, &[f.0, main.0], ExceptionKind::HeapOverflow);
    });
}

#[test]
fn endless_loops_end_at_the_deadline() {
    on_both(|interp| {
        let unit = symbol(interp, "ghczmprim_GHCziTuple_Z0T_closure");
        let call = |code: Code, by| {
            code.ptr(ResolvedBcoPtr::StaticPtr(unit))
                .op(Bci::PUSH_APPLY_P, &[])
                .ptr(ResolvedBcoPtr::Ref(0))
                .op(Bci::SLIDE, &[3, by])
                .op(Bci::ENTER, &[])
                .0
        };
        let bcos = [call(Code::function(1, 1), 1), call(Code::thunk(), 0)];
        let start = Instant::now();
        ends_with(interp, &bcos, ExceptionKind::Deadline);
        assert!(start.elapsed() < TIMEOUT * 2, "{:?}", start.elapsed());
    });
}

#[test]
fn endless_recursion_ends() {
    on_both(|interp| {
        // f x = case f x of _ -> ()
        let alts = Code::function(0, 1).op(Bci::SLIDE, &[1, 3]).op(Bci::ENTER, &[]).0;
        let mut f = Code::function(1, 1);
        f.0.ptrs.push(ResolvedBcoPtr::Bco(alts));
        let f = f
            .op(Bci::PUSH_ALTS, &[0])
            .op(Bci::PUSH_L, &[2])
            .op(Bci::PUSH_APPLY_P, &[])
            .ptr(ResolvedBcoPtr::Ref(0))
            .op(Bci::ENTER, &[]);
        let unit = symbol(interp, "ghczmprim_GHCziTuple_Z0T_closure");
        let main = Code::thunk().ptr(ResolvedBcoPtr::StaticPtr(unit)).op(Bci::PUSH_APPLY_P, &[]);
        let main = main.ptr(ResolvedBcoPtr::Ref(0)).op(Bci::ENTER, &[]);
        ends_with(interp, &[f.0, main.0], ExceptionKind::StackOverflow);
    });
}

#[test]
fn wild_addresses_end_the_evaluation() {
    on_both(|interp| {
        // Null, an address never committed, a word that is no closure, a forged info pointer.
        for address in [0u64, 8, 0x7fff_0000, 0xfffe_fff8] {
            let code = Code::thunk().lit(address).op(Bci::ENTER, &[]).0;
            ends_with(interp, &[code], ExceptionKind::Crash);
        }
    });
}

#[test]
fn values_survive_the_crash_of_another_evaluation() {
    on_both(|interp| {
        let kept = interp.create_bcos(&[int(interp, 7)]).unwrap();
        interp.seq_hvalue(&kept[0]).unwrap().unwrap();
        let crash = Code::thunk().lit(16).op(Bci::ENTER, &[]).0;
        ends_with(interp, &[crash], ExceptionKind::Crash);
        interp.collect().unwrap();
        assert_eq!(int_of(interp, &kept[0]), 7);
    });
}

#[test]
fn an_evaluation_can_be_interrupted() {
    on_both(|interp| {
        let unit = symbol(interp, "ghczmprim_GHCziTuple_Z0T_closure");
        let f = Code::function(1, 1)
            .ptr(ResolvedBcoPtr::StaticPtr(unit))
            .op(Bci::PUSH_APPLY_P, &[])
            .ptr(ResolvedBcoPtr::Ref(0))
            .op(Bci::SLIDE, &[3, 1])
            .op(Bci::ENTER, &[])
            .0;
        let refs = interp.create_bcos(&[f, int(interp, 1)]).unwrap();
        assert!(!interp.interrupt(), "nothing runs");
        let status = std::thread::scope(|s| {
            s.spawn(|| {
                while !interp.interrupter().interrupt() {
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
            interp.eval_stmt(&EvalExpr::This(&refs[0]).apply(&refs[1])).unwrap()
        });
        assert_eq!(status.into_result().unwrap().unwrap_err().kind, ExceptionKind::UserInterrupt);
        check_alive(interp);
    });
}

#[test]
fn stopping_is_final_and_can_be_repeated() {
    on_both(|interp| {
        let r = interp.create_bcos(&[int(interp, 7)]).unwrap();
        interp.stop_interp();
        interp.stop_interp();
        assert!(matches!(interp.seq_hvalue(&r[0]), Err(Error::Stale)));
        assert!(interp.stats().is_err());
    });
}

#[test]
fn malloc_and_con_info_tables() {
    on_both(|interp| {
        let strings = interp.malloc_strings(&[b"abc", b""]).unwrap();
        assert_eq!(strings.len(), 2);
        assert_ne!(interp.malloc_data(&[1, 2, 3]).unwrap(), strings[0]);
        let info = interp.mk_con_info_table(1, 1, 4, 5, "main:Main.Five").unwrap();
        let unit = symbol(interp, "ghczmprim_GHCziTuple_Z0T_closure");
        let code = Code::thunk().lit(9).ptr(ResolvedBcoPtr::StaticPtr(unit)).pack(info.0, 2).op(Bci::ENTER, &[]).0;
        let r = interp.create_bcos(&[code]).unwrap();
        interp.seq_hvalue(&r[0]).unwrap().unwrap();
        let Object::Con { description, ptrs, words } = object(interp, &r[0]) else { panic!("no constructor") };
        assert_eq!((description.as_str(), ptrs.len(), &words[..]), ("main:Main.Five", 1, &[9][..]));
    });
}
