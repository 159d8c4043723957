//! Messages that no GHC sends, with references, addresses and byte code made up to get at what they should not reach. Each
//! is answered, and the interpreter that got it still works.

use std::fmt::Debug;
use std::fs;
use std::time::Duration;

use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};
use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::{Error, ForeignRef};
use bcvm_engine::protocol::bco::BcoChunk;
use bcvm_engine::protocol::request;
use bcvm_engine::protocol::types::{BreakArrayRef, HValueRef, RemotePtr};
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;

/// What is sent, and what the answer says among other things.
type Attempt = (&'static str, fn(&Interp) -> String, &'static str);

// Instructions, and the flag that their operands take four halfwords.
const STKCHECK: u16 = 1;
const PUSH_G: u16 = 11;
const ENTER: u16 = 58;
const LARGE: u16 = 0x8000;

/// Numbers that are no references: none yet, of another kind, an address in the heap, of the guest's own data, all ones.
const FORGED: [u64; 5] = [0x1234, 0, 0x8000_0100, 0x1_0008, u64::MAX];

/// What is answered to each of the forged numbers.
fn each<T: Debug>(send: impl Fn(u64) -> Result<T, Error>) -> String {
    let answers: Vec<String> = FORGED.iter().map(|&n| said(send(n))).collect();
    // The same for all, or it is worth a look.
    if answers.iter().all(|answer| answer.starts_with("refused")) { "all refused".into() } else { answers.join("\n") }
}

fn said<T: Debug>(answer: Result<T, Error>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error @ Error::Refused { .. }) => format!("refused: {error}"),
        Err(error) => error.to_string(),
    }
}

/// Makes byte code, and if that is accepted runs it.
fn run(interp: &Interp, bcos: &[ResolvedBco]) -> String {
    send_and_run(interp, encode_chunk(bcos))
}

fn send_and_run(interp: &Interp, chunk: Vec<u8>) -> String {
    match interp.interp_cmd(request::CreateBCOs { chunks: vec![BcoChunk(chunk.into())] }) {
        Ok(refs) => refs.first().map_or_else(String::new, |r| said(interp.interp_cmd(request::Seq { value: *r }))),
        Err(error) => format!("refused: {error}"),
    }
}

fn con_info(interp: &Interp, ptrs: i64, words: i64, tag: i64) -> String {
    said(interp.interp_cmd(request::MkConInfoTable {
        tables_next_to_code: true,
        ptr_words: ptrs,
        nptr_words: words,
        con_tag: tag,
        ptr_tag: 1,
        description: b"p:M.C".to_vec().into(),
    }))
}

/// A BCO that uses a pointer of this kind.
fn using(pointer: ResolvedBcoPtr) -> ResolvedBco {
    ResolvedBco { instrs: vec![PUSH_G, 0, ENTER], ptrs: vec![pointer], bitmap: vec![0], ..ResolvedBco::default() }
}

const ATTEMPTS: &[Attempt] = &[
    ("evaluating forged references", |i| each(|n| i.interp_cmd(request::Seq { value: HValueRef(n) })), "all refused"),
    ("running forged references", |i| each(|n| i.interp_cmd(request::EvalIO { action: HValueRef(n) })), "all refused"),
    (
        "running forged references for their text",
        |i| each(|n| i.interp_cmd(request::EvalString { action: HValueRef(n) })),
        "all refused",
    ),
    (
        "looking at forged references",
        |i| each(|n| i.interp_cmd(request::GetClosure { value: HValueRef(n) })),
        "all refused",
    ),
    (
        "forged arrays of breakpoints",
        |i| each(|n| i.interp_cmd(request::BreakpointStatus { array: BreakArrayRef(n), index: 1 << 40 })),
        "false",
    ),
    (
        "forged stopped evaluations",
        |i| each(|n| i.interp_cmd(request::GetBreakpointVar { ap_stack: HValueRef(n), slot: -5 })),
        "",
    ),
    ("forged cost centres", |i| each(|n| i.interp_cmd(request::CostCentreStackInfo { ccs: RemotePtr(n) })), ""),
    (
        "forged references freed",
        |i| said(i.interp_cmd(request::FreeHValueRefs { refs: FORGED.map(HValueRef).to_vec() })),
        "()",
    ),
    ("a huge array of breakpoints", |i| said(i.interp_cmd(request::NewBreakArray { size: i64::MAX })), "refused"),
    ("a large array of breakpoints", |i| said(i.interp_cmd(request::NewBreakArray { size: 0xffff_ffff })), "refused"),
    ("an array of less than no breakpoints", |i| said(i.interp_cmd(request::NewBreakArray { size: -1 })), "refused"),
    ("a constructor with huge fields", |i| con_info(i, i64::MAX, 0, 0), "refused"),
    ("a constructor with many fields", |i| con_info(i, 0xffff_fff0, 0xffff, 0), "refused"),
    ("a constructor with a number below 0", |i| con_info(i, 1, 0, -1), "refused"),
    ("byte code with a forged reference", |i| run(i, &[using(ResolvedBcoPtr::Ptr(0x1234))]), "refused"),
    ("byte code with a reference to no other", |i| run(i, &[using(ResolvedBcoPtr::Ref(7))]), "refused"),
    ("byte code with a forged array of breakpoints", |i| run(i, &[using(ResolvedBcoPtr::BreakArray(9))]), "refused"),
    ("byte code with a closure at null", |i| run(i, &[using(ResolvedBcoPtr::StaticPtr(0))]), ""),
    ("byte code with a closure that is not there", |i| run(i, &[using(ResolvedBcoPtr::StaticPtr(0x7fff_0000))]), ""),
    ("byte code with a closure beyond", |i| run(i, &[using(ResolvedBcoPtr::StaticPtr(0x7fff_1234_5678))]), ""),
    (
        "byte code with a pointer that it has not",
        |i| run(i, &[ResolvedBco { instrs: vec![PUSH_G, 9, ENTER], bitmap: vec![0], ..ResolvedBco::default() }]),
        "refused",
    ),
    ("byte code without an end", |i| run(i, &[ResolvedBco { bitmap: vec![0], ..ResolvedBco::default() }]), "refused"),
    (
        "an instruction that is none",
        |i| run(i, &[ResolvedBco { instrs: vec![200], bitmap: vec![0], ..ResolvedBco::default() }]),
        "refused",
    ),
    (
        "more stack than there is",
        |i| {
            let instrs = vec![LARGE | STKCHECK, 0x7fff, 0xffff, 0xffff, 0xffff, ENTER];
            run(i, &[ResolvedBco { instrs, bitmap: vec![0], ..ResolvedBco::default() }])
        },
        "",
    ),
    (
        "a bitmap that claims more than it has",
        |i| run(i, &[ResolvedBco { instrs: vec![ENTER], bitmap: vec![u64::MAX], ..ResolvedBco::default() }]),
        "refused",
    ),
    ("a chunk that claims to hold many", |i| send_and_run(i, u64::MAX.to_be_bytes().to_vec()), "refused"),
    (
        "a chunk that ends too early",
        |i| send_and_run(i, encode_chunk(&[ResolvedBco::default()])[..20].to_vec()),
        "refused",
    ),
    (
        "byte code nested a hundred thousand deep",
        |i| {
            // By bytes, since to drop such a value would need the stack that the sender hopes for.
            let one = [&[1][..], &[0; 16], &[255; 8], &[0; 8], &[255; 8], &[0; 8], &[255; 8]].concat();
            let nested = [&one[..], &1u64.to_be_bytes(), &1u64.to_be_bytes(), &[3]].concat();
            send_and_run(i, [&1u64.to_be_bytes()[..], &nested.repeat(100_000)].concat())
        },
        "refused",
    ),
    (
        "small messages that want much memory",
        |i| {
            let many = vec![using(ResolvedBcoPtr::Ref(0)); 400_000];
            let answer = i.interp_cmd(request::CreateBCOs { chunks: vec![BcoChunk(encode_chunk(&many).into())] });
            answer.map_or_else(|e| format!("refused: {e}"), |refs| said(i.interp_cmd(request::FreeHValueRefs { refs })))
        },
        "",
    ),
    (
        "many messages",
        |i| {
            let answers = (0..20_000).map(|n: u32| i.lookup_symbol(&format!("nobody_defines_{n}")).unwrap());
            answers.flatten().count().to_string()
        },
        "0",
    ),
    (
        "more data than there is memory",
        |i| {
            let send = || i.interp_cmd(request::MallocData { data: vec![1; 4 << 20].into() });
            (0..100).find_map(|_| send().err()).map_or_else(String::new, |e| format!("refused: {e}"))
        },
        "refused",
    ),
];

fn seven(interp: &Interp) -> Result<ForeignRef, Box<dyn std::error::Error>> {
    let program = stg::compile("seven", "main = case +# 3# 4# of n -> I# n")?;
    let value = link::link(&program, interp)?.into_entry();
    interp.seq_hvalue(&value)?.map_err(|e| e.to_string())?;
    Ok(value)
}

/// Kibibytes of memory that this process has had at most.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("it is there");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

#[test]
fn made_up_messages_are_answered() {
    let engine = Engine::new(&Cache::User).expect("the guest compiles");
    let builder = Interp::builder().limit_memory(64 << 20).timeout(Duration::from_secs(2));
    let mut wrong = Vec::new();
    let before = peak_kib();
    for (name, send, says) in ATTEMPTS {
        let interp = builder.build_with(&engine).expect("an interpreter");
        let said = send(&interp);
        if !said.contains(says) {
            wrong.push(format!("{name}: {said}"));
        }
        if let Err(error) = seven(&interp) {
            wrong.push(format!("{name}: afterwards {error}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Messages are copied a few times; nothing grows with what they only claim.
    let more = peak_kib() - before;
    assert!(more < 1 << 20, "{more} KiB");
}
