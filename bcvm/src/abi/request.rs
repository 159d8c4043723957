//! What the host asks of the machine, and what it answers.
//!
//! Both travel as bincode in guest memory; the internal backend uses the same values. Requests come from the
//! engine; replies are read by it and trusted in nothing but their types, since a guest's memory may be corrupt.

use alloc::string::String;
use alloc::vec::Vec;
use bincode::{BorrowDecode, Decode, Encode};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub enum Request<'a> {
    /// Create the BCOs of encoded chunks. Answered by `Refs`, one for each.
    CreateBcos(Vec<&'a [u8]>),
    /// Release references. Answered by `Unit`.
    FreeRefs(Vec<u64>),
    /// Evaluate an expression. Answered by `Evaluated`.
    Eval(Mode, Expr),
    /// Copy bytes to memory that never moves, each block followed by a zero byte if `nul`. Answered by `Addrs`.
    Malloc {
        /// The blocks.
        blocks: Vec<&'a [u8]>,
        /// Whether a zero byte follows each.
        nul: bool,
    },
    /// Make a constructor's info table. Answered by `Addrs` of one.
    MkConInfoTable {
        /// Pointer words.
        ptrs: u32,
        /// Non-pointer words.
        nptrs: u32,
        /// Zero-based constructor number.
        con_tag: u32,
        /// The tag of pointers to it.
        ptr_tag: u32,
        /// `pkg:Module.Con`.
        desc: &'a [u8],
    },
    /// Where a built-in symbol is. Answered by `Addrs` of one or none.
    LookupSymbol(&'a str),
    /// A reference to the closure a built-in symbol names. Answered by `Refs` of one or none.
    LookupClosure(&'a str),
    /// A breakpoint array of so many ticks, none enabled. Answered by `Refs` of one.
    NewBreakArray(u32),
    /// Enable or disable a breakpoint. Answered by `Unit`.
    EnableBreakpoint(u64, u32, bool),
    /// Whether a breakpoint is enabled. Answered by `Addrs` of one: 0 or 1.
    BreakpointStatus(u64, u32),
    /// What a reference refers to. Answered by `Closure`.
    GetClosure(u64),
    /// Collect garbage. Answered by `Unit`.
    Collect,
    /// Counts. Answered by `Stats`.
    Stats,
}

/// What to do with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Mode {
    /// Evaluate it to weak head normal form.
    Seq,
    /// Run it as an IO action; its result is a reference.
    Io,
    /// Run it as an IO action that returns a list; its elements are references.
    IoList,
    /// Run it as an IO action that returns a String.
    IoString,
}

/// An expression (`EvalExpr`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Expr {
    /// What a reference refers to.
    Ref(u64),
    /// One applied to others, left to right.
    App(u64, Vec<u64>),
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
    /// Done.
    Unit,
    /// References.
    Refs(Vec<u64>),
    /// Addresses or other words.
    Addrs(Vec<u64>),
    /// How an evaluation went.
    Evaluated {
        /// Bytes the evaluation allocated.
        allocated: u64,
        /// How it ended.
        outcome: Outcome,
    },
    /// A closure.
    Closure(Closure),
    /// Counts.
    Stats(Stats),
    /// The request was not carried out, and nothing has changed.
    Refused(String),
}

/// How an evaluation ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// The results, as references: none for `Seq`.
    Refs(Vec<u64>),
    /// The characters of a string; those that are none are replaced.
    String(String),
    /// An exception, as a reference, with the name of its constructor.
    Exception(u64, String),
    /// Its time was up.
    Deadline,
    /// The program did what no Haskell program may; what that was.
    Crash(String),
}

/// A closure as `GetClosure` sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Default)]
pub struct Closure {
    /// Its closure type's number.
    pub closure_type: u32,
    /// Its info pointer.
    pub info: u64,
    /// A constructor's `pkg:Module.Con`.
    pub con_desc: Option<String>,
    /// A constructor's zero-based number.
    pub con_tag: u32,
    /// Pointers, as references.
    pub ptrs: Vec<u64>,
    /// Words that are no pointers.
    pub words: Vec<u64>,
}

/// Counts since the machine began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Default)]
pub struct Stats {
    /// BCOs created.
    pub bcos: u64,
    /// Words the program has allocated.
    pub allocated_words: u64,
    /// Minor collections.
    pub minor_collections: u64,
    /// Major collections.
    pub major_collections: u64,
    /// Bytes of heap in use.
    pub heap_bytes: u64,
    /// References in use.
    pub refs: u64,
}
