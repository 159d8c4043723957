//! Requests that evaluate nothing: references, static pointers, call interfaces, stopped code, closures as GHC sees them.

use crate::vm::*;
use bcvm::abi::request::{Reply, Request, cif};
use bcvm::bytecode::Bci;
use bcvm::layout::ClosureType;
use bcvm::word::Addr;

fn refs(reply: Reply) -> Vec<u64> {
    match reply {
        Reply::Refs(refs) => refs,
        other => panic!("no references: {other:?}"),
    }
}

#[test]
fn freeing_goes_on_behind_an_unknown_reference() {
    let mut m = machine();
    let made = refs(m.serve(Request::NewBreakArray(1)))[0];
    assert_eq!(m.serve(Request::FreeRefs(vec![0, made, made, u64::MAX])), Reply::Addrs(vec![0, made, u64::MAX]));
    assert!(m.stable.is_empty());
}

#[test]
fn static_pointers_keep_their_values_and_replace_each_other() {
    let mut m = machine();
    let values = refs(m.serve(Request::LookupClosure("ghczmprim_GHCziTypes_True_closure")));
    for _ in 0..2 {
        assert_eq!(m.serve(Request::AddSptEntry((1, 2), values[0])), Reply::Unit);
        assert_eq!(m.stable.len(), 2);
    }
    m.serve(Request::FreeRefs(values));
    let entry = m.static_pointers[&(1, 2)];
    assert_eq!(m.stable.find(entry).unwrap().addr().word(), static_ptr("ghczmprim_GHCziTypes_True_closure"));
    assert!(matches!(m.serve(Request::AddSptEntry((3, 4), 7)), Reply::Refused(_)));
}

#[test]
fn call_interfaces_lie_in_memory() {
    let mut m = machine();
    let Reply::Addrs(at) = m.serve(Request::PrepFfi { conv: 0, args: &[3, 7], result: 1 }) else { panic!() };
    let at = Addr::from_word(at[0]);
    assert_eq!(m.mem.u32(at + cif::N_ARGS), 2);
    let byte = |offset| m.mem.u8(at + offset);
    assert_eq!([cif::CONV, cif::RESULT, cif::ARGS, cif::ARGS + 1].map(byte), [0, 1, 3, 7]);
    for (conv, args, result) in [(2, &[][..], 0), (0, &[cif::VOID][..], 0), (0, &[cif::TYPES][..], 0), (0, &[], 99)] {
        assert!(matches!(m.serve(Request::PrepFfi { conv, args, result }), Reply::Refused(_)));
    }
}

#[test]
fn only_stopped_code_has_variables() {
    let mut m = machine();
    let made = create(&mut m, &[Asm::function(1, "p").op(Bci::PUSH_L, &[0]).op(Bci::ENTER, &[]).done()]);
    assert_eq!(m.serve(Request::GetBreakpointVar(made[0], 2)), Reply::Refs(vec![]));
    assert!(matches!(m.serve(Request::GetBreakpointVar(99, 2)), Reply::Refused(_)));
}

#[test]
fn closures_are_told_without_evaluating_or_following() {
    let mut m = machine();
    let made = create(&mut m, &[Asm::new().push_ubx(5).return_int(0).done()])[0];
    let mut told = |r| match m.serve(Request::GetClosure(r)) {
        Reply::Closure(c) => c,
        other => panic!("{other:?}"),
    };
    let ap = told(made);
    assert_eq!((ap.closure_type, ap.ptrs.len(), &ap.words[..]), (ClosureType::AP as u32, 1, &[0, 0][..]));
    let code = told(ap.ptrs[0]);
    assert_eq!((code.closure_type, code.ptrs.len()), (ClosureType::BCO as u32, 3));
    // Arity, size with the bitmap's one word, that word.
    assert_eq!(code.words, [0, 6, 0]);
    let literals = told(code.ptrs[1]);
    assert_eq!(literals.words, [16, 5, int_con()]);
}
