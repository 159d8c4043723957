//! What is on record, of requests that no machine has seen.

use super::*;
use bcvm::abi::request::{Closure, Exception};
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};

/// Byte code with references in it, and so many literals that it weighs something.
fn chunk(refs: &[u64], lits: usize) -> Vec<u8> {
    let nested = ResolvedBco { ptrs: refs.iter().map(|n| ResolvedBcoPtr::Ptr(*n)).collect(), ..ResolvedBco::default() };
    let ptrs = vec![ResolvedBcoPtr::Ref(0), ResolvedBcoPtr::Bco(nested)];
    encode_chunk(&[ResolvedBco { lits: vec![7; lits], ptrs, ..ResolvedBco::default() }])
}

fn create(ledger: &mut Ledger, chunk: &[u8], answer: u64) {
    ledger.note(&Request::CreateBcos(vec![chunk]), &Reply::Refs(vec![answer]));
}

fn free(ledger: &mut Ledger, n: u64) {
    ledger.note(&Request::FreeRefs(vec![n]), &Reply::Addrs(vec![]));
}

#[test]
fn what_went_into_byte_code_is_kept_and_the_rest_is_not() {
    const HEAVY: usize = SLACK_BYTES / 8;
    let mut ledger = Ledger::default();
    create(&mut ledger, &chunk(&[], 10), 1);
    create(&mut ledger, &chunk(&[1], 10), 2);
    create(&mut ledger, &chunk(&[], HEAVY), 3);
    create(&mut ledger, &chunk(&[3, 2], 10), 4);
    free(&mut ledger, 1);
    free(&mut ledger, 3);
    assert_eq!(ledger.made.len(), 4, "1 and 3 are in 4");
    assert!(ledger.needed_bytes > SLACK_BYTES, "it was looked for what is needed");
    ledger.needed_bytes = 0;
    free(&mut ledger, 4);
    let answers: Vec<_> = ledger.made.values().map(|made| made.answer[0]).collect();
    assert_eq!(answers, [1, 2]);
    assert_eq!(ledger.held.keys().copied().collect::<Vec<_>>(), [2]);
}

#[test]
fn expressions_that_ghc_compiles_are_made_again_and_statements_are_not() {
    let mut ledger = Ledger::default();
    create(&mut ledger, &chunk(&[], 1), 1);
    let done = |n| Outcome::Refs(vec![n]);
    ledger.note_evaluation(Mode::IoList, &Expr::Ref(1), &done(2), true);
    ledger.note_evaluation(Mode::IoList, &Expr::app(2, [Expr::Ref(1)]), &done(3), true);
    ledger.note_evaluation(Mode::IoList, &Expr::Ref(1), &done(4), false);
    ledger.note_evaluation(Mode::IoList, &Expr::Ref(3), &done(5), true);
    let thrown = Outcome::Exception(Exception { value: 6, ..Exception::default() });
    ledger.note_evaluation(Mode::Io, &Expr::Ref(2), &thrown, true);
    ledger.note(&Request::GetClosure(2), &Reply::Closure(Closure { ptrs: vec![7], ..Closure::default() }));
    let known: Vec<bool> = (1..=7).map(|n| ledger.held[&n].is_some()).collect();
    assert_eq!(known, [true, true, false, false, false, false, false]);
    free(&mut ledger, 1);
    assert_eq!(ledger.needed(), HashSet::from([0, 1]));
    ledger.note_evaluation(Mode::Io, &Expr::Ref(2), &done(8), false);
    ledger.note_evaluation(Mode::Io, &Expr::Ref(3), &done(9), false);
    assert_eq!(ledger.set_ups, [2]);
    free(&mut ledger, 2);
    assert!(ledger.set_ups.is_empty() && ledger.needed().is_empty());
}

#[test]
fn an_unknown_reference_is_freed_by_nobody() {
    let mut ledger = Ledger::default();
    create(&mut ledger, &chunk(&[], 1), 1);
    ledger.note(&Request::FreeRefs(vec![1, 2]), &Reply::Addrs(vec![1, 2]));
    assert!(ledger.held.contains_key(&1));
    ledger.note(&Request::AddSptEntry((3, 4), 1), &Reply::Unit);
    free(&mut ledger, 1);
    assert_eq!(ledger.needed(), HashSet::from([0]), "the table of static pointers holds it");
}
