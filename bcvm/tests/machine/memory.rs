//! What byte code leaves to the collector: weak pointers, CAFs, stable pointers, mutable variables.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ptr, StaticPtr};
use bcvm::bytecode::Bci;
use bcvm::entry::table::info;
use bcvm::layout::ClosureType;
use bcvm::layout::closure::ind_static;
use bcvm::layout::info_table::NewInfoTable;
use bcvm::word::InfoPtr;

/// Runs an IO action whose result is one closure.
fn run_io(m: &mut bcvm::Machine, io: Asm) -> u64 {
    let r = create(m, &[io.done()])[0];
    match eval(m, Mode::Io, Expr::Ref(r)) {
        Outcome::Refs(refs) => refs[0],
        other => panic!("{other:?}"),
    }
}

/// `\s -> newMutVar# (I# n) s`.
fn new_mut_var(n: u64) -> Asm {
    Asm::function(1, "")
        .op(PUSH_APPLY_V, &[])
        .push_ubx(n)
        .pack(int_con(), 1)
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("newMutVar#"))
        .op(ENTER, &[])
}

/// `\s -> writeMutVar# var (I# n) s`, returning `()`.
fn write_mut_var(var: u64, n: u64) -> Asm {
    let unit = StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure"));
    Asm::function(1, "")
        .push_alts(PUSH_ALTS_V, Asm::alts("").push_g(unit).op(SLIDE, &[1, 3]).op(RETURN_P, &[]))
        .op(PUSH_APPLY_V, &[])
        .push_ubx(n)
        .pack(int_con(), 1)
        .push_g(Ptr(var))
        .op(PUSH_APPLY_PP, &[])
        .push_g(primop("writeMutVar#"))
        .op(ENTER, &[])
}

/// What the Int in a MutVar is.
fn contents(m: &mut bcvm::Machine, var: u64) -> i64 {
    let inner = closure(m, var).ptrs[0];
    int_of(m, inner)
}

#[test]
fn a_mutable_variable_keeps_what_was_written_over_collections() {
    let mut m = machine();
    let var = run_io(&mut m, new_mut_var(1));
    for n in 2..6 {
        assert_eq!(m.serve(Request::Collect), Reply::Unit);
        run_io(&mut m, write_mut_var(var, n));
        assert_eq!(m.serve(Request::Collect), Reply::Unit);
        assert_eq!(contents(&mut m, var), n as i64);
    }
}

#[test]
fn a_finalizer_runs_once_its_key_has_died() {
    let mut m = machine();
    let (key, flag) = (run_io(&mut m, new_mut_var(0)), run_io(&mut m, new_mut_var(0)));
    let unit = StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure"));
    let finalizer = Bco(write_mut_var(flag, 7).done());
    let mk_weak = Asm::function(1, "")
        .op(PUSH_APPLY_V, &[])
        .push_g(finalizer)
        .push_g(unit)
        .push_g(Ptr(key))
        .op(PUSH_APPLY_PPP, &[])
        .push_g(primop("mkWeak#"))
        .op(ENTER, &[]);
    let io = create(&mut m, &[mk_weak.done()])[0];
    let Outcome::Refs(weak) = eval(&mut m, Mode::Io, Expr::Ref(io)) else { panic!("no weak pointer") };
    // The action and the reference keep the key alive.
    assert_eq!(m.serve(Request::Collect), Reply::Unit);
    run_io(&mut m, new_mut_var(0));
    assert_eq!(contents(&mut m, flag), 0);
    assert_eq!(m.serve(Request::FreeRefs(vec![io, key])), Reply::Addrs(vec![]));
    assert_eq!(m.serve(Request::Collect), Reply::Unit);
    // Finalizers run beside the next evaluation, which here gives way to them.
    let unit = StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure"));
    let give_way = Asm::function(1, "")
        .push_alts(PUSH_ALTS_V, Asm::alts("").push_g(unit).op(SLIDE, &[1, 3]).op(RETURN_P, &[]))
        .op(PUSH_APPLY_V, &[])
        .push_g(primop("yield#"))
        .op(ENTER, &[]);
    run_io(&mut m, give_way);
    assert_eq!(contents(&mut m, flag), 7);
    assert_eq!(closure(&mut m, weak[0]).con_desc.as_deref(), Some("rts:DEAD_WEAK"));
}

#[test]
fn stable_pointers_refer_to_what_they_were_made_of() {
    let mut m = machine();
    // case makeStablePtr# x s of p -> deRefStablePtr# p s
    let deref = Asm::alts("")
        .op(PUSH_APPLY_V, &[])
        .op(PUSH_L, &[2])
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("deRefStablePtr#"))
        .op(SLIDE, &[4, 4])
        .op(ENTER, &[]);
    let io = Asm::function(1, "")
        .push_alts(PUSH_ALTS_N, deref)
        .op(PUSH_APPLY_V, &[])
        .push_ubx(5)
        .pack(int_con(), 1)
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("makeStablePtr#"))
        .op(ENTER, &[]);
    let r = run_io(&mut m, io);
    assert_eq!(int_of(&mut m, r), 5);
}

#[test]
fn a_caf_is_retained_and_can_be_reverted() {
    let mut m = machine();
    let at = m.statics.allocate(&mut *m.host, 128).expect("room for a CAF");
    let (caf, table) = (at + 64, InfoPtr((at + 40).0));
    let new = NewInfoTable { closure_type: ClosureType::THUNK_STATIC, layout: 0, srt: 0, extra: (0, 0), code_index: 0 };
    new.write(&mut m.mem, table);
    m.mem.set_info(caf, table);
    m.mem.fill_words(caf + 8, 3, 0);

    let value = create(&mut m, &[Asm::new().push_ubx(3).return_int(0).done()])[0];
    int_of(&mut m, value);
    // What compiled code does between two safe points.
    let blackhole = m.new_caf(caf).expect("a black hole");
    assert_eq!(m.mem.info(caf), info::STG_IND_STATIC);
    let p = m.stable.find(value).expect("the value");
    let p = m.follow(p).into();
    m.heap.update_thunk(&mut m.mem, blackhole, p);
    assert_eq!(m.serve(Request::FreeRefs(vec![value])), Reply::Addrs(vec![]));
    assert_eq!(m.serve(Request::Collect), Reply::Unit);
    // Only the CAF keeps the value alive.
    let kept = m.stable.make(caf.into());
    assert_eq!(int_of(&mut m, kept), 3);

    m.revert_cafs();
    assert_eq!(m.mem.info(caf), table);
    assert_eq!(m.mem.word(caf + ind_static::SAVED_INFO), 0);
    assert!(m.cafs.is_empty());
}
