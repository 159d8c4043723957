//! What must hold for any byte code: it survives the internal form, what is refused leaves nothing behind, and running it
//! ends in some way that is not a panic.
//!
//! With the feature `sanity` the heap is checked while it runs; code that damages it must be found out, not crash.

mod program;
#[path = "../machine/vm.rs"]
#[allow(dead_code)]
mod vm;

use bcvm::Machine;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request, Stats};
use bcvm::abi::stop;
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};
use bcvm::bytecode::code::{self, HEADER_W};
use bcvm::bytecode::fuse;
use bcvm::bytecode::verify::Translator;
use bcvm::layout::ClosureType;
use bcvm::layout::closure::{ap, arr_words, bco, mut_arr_ptrs};
use bcvm::word::{Addr, WORD};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::mpsc;
use std::time::Duration;
use vm::{closure, create, machine_with};

/// How long random code may run.
const BUDGET: Duration = Duration::from_millis(20);

/// A few seconds' worth of cases; PROPTEST_CASES asks for another number.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn small_machine() -> Machine {
    machine_with(1 << 20, |config| {
        config.stack_initial_w = 64;
        config.stack_chunk_w = 128;
    })
}

fn stats(m: &mut Machine) -> Stats {
    match m.serve(Request::Stats) {
        Reply::Stats(stats) => stats,
        other => panic!("Stats: {other:?}"),
    }
}

/// How many BCOs there are, nested ones counted.
fn count(bcos: &[ResolvedBco]) -> u64 {
    let nested = |b: &ResolvedBco| {
        b.ptrs
            .iter()
            .map(|p| if let ResolvedBcoPtr::Bco(n) = p { count(std::slice::from_ref(n)) } else { 0 })
            .sum::<u64>()
    };
    bcos.iter().map(|b| 1 + nested(b)).sum()
}

/// Checks that the object at `at` is the BCO `of`, in GHC's form.
fn check_bco(m: &Machine, at: Addr, of: &ResolvedBco) {
    let instrs = m.mem.closure(at + bco::INSTRS).addr();
    // Behind them there may be a cheap expression.
    let len = m.mem.u32(instrs + arr_words::PAYLOAD + WORD / 2);
    let words: Vec<u64> =
        (HEADER_W..HEADER_W + len).map(|i| m.mem.word((instrs + arr_words::PAYLOAD).offset_w(i))).collect();
    assert_eq!(code::to_raw(&words).as_ref(), Some(&of.instrs));
    let lits = m.mem.closure(at + bco::LITERALS).addr();
    let found = (0..of.lits.len() as u32).map(|i| m.mem.word((lits + arr_words::PAYLOAD).offset_w(i)));
    assert_eq!(found.collect::<Vec<_>>(), of.lits);
    let ptrs = m.mem.closure(at + bco::PTRS).addr();
    for (i, p) in of.ptrs.iter().enumerate() {
        let word = m.mem.word((ptrs + mut_arr_ptrs::PAYLOAD).offset_w(i as u32));
        match p {
            ResolvedBcoPtr::Bco(nested) => check_bco(m, Addr::from_word(word), nested),
            ResolvedBcoPtr::StaticPtr(address) => assert_eq!(word, *address),
            _ => assert_ne!(word, 0),
        }
    }
}

/// Evaluates every reference, for a while each. What comes of it is not asked.
fn run_all(m: &mut Machine, refs: &[u64]) {
    for r in refs {
        let flag = m.mem.stop_flag();
        std::thread::scope(|scope| {
            let (done, is_done) = mpsc::channel::<()>();
            scope.spawn(move || {
                // Again and again: a stop that comes while the machine does something else may be taken back.
                while is_done.recv_timeout(BUDGET) == Err(mpsc::RecvTimeoutError::Timeout) {
                    flag.set(stop::DEADLINE);
                }
            });
            let reply = m.serve(Request::Eval(Mode::Seq, Expr::Ref(*r)));
            drop(done);
            match reply {
                Reply::Evaluated { outcome: Outcome::Crash(why), .. } => assert_ne!(why, "", "a crash says why"),
                Reply::Evaluated { .. } => {}
                // A value in a corrupt heap may be no value any more.
                Reply::Refused(why) => assert_ne!(why, ""),
                Reply::Ruined => assert!(m.heap_is_corrupt),
                other => panic!("Eval: {other:?}"),
            }
        });
        m.mem.clear_stop();
        if m.heap_is_corrupt {
            return;
        }
        m.serve(Request::GetClosure(*r));
    }
    m.serve(Request::Collect);
}

/// What is refused has not changed anything.
fn check_refusal(m: &mut Machine, chunk: &[u8]) {
    let before = stats(m);
    match m.serve(Request::CreateBcos(vec![chunk])) {
        Reply::Refs(refs) => {
            assert_eq!(m.serve(Request::FreeRefs(refs)), Reply::Addrs(Vec::new()));
        }
        Reply::Refused(why) => {
            assert!(why.starts_with("BCO "), "{why}");
            assert_eq!(stats(m), before, "{why}");
        }
        other => panic!("CreateBcos: {other:?}"),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn code_survives_the_internal_form(bytes in vec(any::<u8>(), 0..200), entry in 0u32..6) {
        let raw = program::stream(&bytes, entry);
        let mut translator = Translator::default();
        translator.translate(&raw, entry).unwrap();
        prop_assert_eq!(code::to_raw(&translator.words), Some(raw.clone()));
        fuse::fuse_words(&mut translator.words);
        prop_assert_eq!(code::to_raw(&translator.words), Some(raw));
    }

    #[test]
    fn objects_are_what_was_encoded(bytes in vec(any::<u8>(), 0..600)) {
        let bcos = program::bcos(&bytes);
        let mut m = small_machine();
        let before = stats(&mut m);
        let refs = create(&mut m, &bcos);
        prop_assert_eq!(refs.len(), bcos.len());
        prop_assert_eq!(stats(&mut m).bcos - before.bcos, count(&bcos));
        for (r, of) in refs.iter().zip(&bcos) {
            let found = closure(&mut m, *r);
            let is_thunk = of.arity == 0;
            let expected = if is_thunk { ClosureType::AP } else { ClosureType::BCO };
            prop_assert_eq!(found.closure_type, expected as u32);
            let at = m.stable.find(*r).unwrap().addr();
            check_bco(&m, if is_thunk { m.mem.closure(at + ap::FUN).addr() } else { at }, of);
        }
        // A collection moves none of it and finds nothing wrong.
        prop_assert_eq!(m.serve(Request::Collect), Reply::Unit);
        for (r, of) in refs.iter().zip(&bcos) {
            let at = m.stable.find(*r).unwrap().addr();
            check_bco(&m, if of.arity == 0 { m.mem.closure(at + ap::FUN).addr() } else { at }, of);
        }
    }

    #[test]
    fn random_bytes_are_refused_without_a_trace(chunks in vec(vec(any::<u8>(), 0..300), 1..4)) {
        let mut m = small_machine();
        for chunk in &chunks {
            check_refusal(&mut m, chunk);
            // With a count that is possible, more of it is read.
            let counted = [&1u64.to_be_bytes()[..], &[1], &[0; 8], chunk].concat();
            check_refusal(&mut m, &counted);
        }
    }

    #[test]
    fn damaged_encodings_are_refused_without_a_trace(
        bytes in vec(any::<u8>(), 0..300),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut m = small_machine();
        let sound = encode_chunk(&program::bcos(&bytes));
        let mut chunk = sound.clone();
        for (at, byte) in &damage {
            let at = at.index(chunk.len());
            chunk[at] = *byte;
            check_refusal(&mut m, &chunk);
        }
        if let Some(cut) = cut {
            chunk.truncate(cut.index(chunk.len()));
            check_refusal(&mut m, &chunk);
        }
        let Reply::Refs(_) = m.serve(Request::CreateBcos(vec![&sound])) else { panic!("refused what is sound") };
    }

    #[test]
    fn any_verified_code_runs_to_some_end(bytes in vec(any::<u8>(), 0..600)) {
        let mut m = small_machine();
        let refs = create(&mut m, &program::bcos(&bytes));
        run_all(&mut m, &refs);
    }
}
