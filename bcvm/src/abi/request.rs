//! What the host asks of the machine, and what it answers.
//!
//! Both travel as bincode in guest memory; the internal backend uses the same values. Requests come from the
//! engine; replies are read by it and trusted in nothing but their types, since a guest's memory may be corrupt.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use bincode::{BorrowDecode, Decode, Encode};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub enum Request<'a> {
    /// Create the BCOs of encoded chunks. Answered by `Refs`, one for each.
    CreateBcos(Vec<&'a [u8]>),
    /// Release references. Answered by `Addrs` of those that were not in use.
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
    /// Describe a foreign function type, by GHC's numbers of `FFIConv` and `FFIType`. Answered by `Addrs` of one: where
    /// the machine keeps a [`cif`] of it.
    PrepFfi {
        /// Calling convention.
        conv: u8,
        /// Types of the arguments.
        args: &'a [u8],
        /// Type of the result.
        result: u8,
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
    /// A word of the stack that an AP_STACK holds. Answered by `Refs` of one, or of none if the reference is to
    /// something else or the word is no pointer.
    GetBreakpointVar(u64, u32),
    /// Enter a value into the static pointer table. Answered by `Unit`.
    AddSptEntry((u64, u64), u64),
    /// What a reference refers to. Answered by `Closure`.
    GetClosure(u64),
    /// Has the first number of each pair, which a machine before this one gave out, refer to what the second refers to;
    /// to `()` if that is 0. Answered by `Unit`.
    Refer(Vec<(u64, u64)>),
    /// A reference to the static closure at an address. Answered by `Refs` of one.
    RefOf(u64),
    /// These symbols of loaded packages are at these addresses: what the runtime wants of
    /// [`bindable`](crate::entry::bound::bindable). Answered by `Unit`.
    Bind(Vec<(&'a str, u64)>),
    /// Call the C functions of loaded code at these addresses, which take no arguments (`.init_array`). Answered by
    /// `Unit`.
    CallC(Vec<u64>),
    /// Make every CAF that was entered the thunk it was (`RtsRevertCAFs`). Answered by `Unit`.
    RevertCafs,
    /// Collect garbage. Answered by `Unit`.
    Collect,
    /// Let threads that evaluations have left run until none can, or the host interrupts. Answered by `Evaluated`, without
    /// results.
    RunThreads,
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
    /// Run it as an IO action; of its result, which nothing refers to afterwards, the fields that are no pointers are
    /// wanted.
    IoWords,
}

/// An expression (`EvalExpr`). The engine bounds how deep it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Expr {
    /// What a reference refers to.
    Ref(u64),
    /// A function applied to an argument.
    App(Box<Expr>, Box<Expr>),
    /// A `String`: its characters in UTF-8, surrogates among them.
    Chars(Vec<u8>),
    /// The only constructor of its type around a word, such as an `Int`.
    Boxed {
        /// Its info table.
        con_info: u64,
        /// What is in it.
        word: u64,
    },
}

impl Expr {
    /// A reference applied to arguments, left to right.
    pub fn app(f: u64, args: impl IntoIterator<Item = Expr>) -> Expr {
        args.into_iter().fold(Expr::Ref(f), |f, arg| Expr::App(Box::new(f), Box::new(arg)))
    }
}

/// How a foreign function type lies in memory: what `PrepFfi` makes and `CCALL` has the address of.
pub mod cif {
    /// u32: how many arguments.
    pub const N_ARGS: u32 = 0;
    /// u8: the calling convention.
    pub const CONV: u32 = 4;
    /// u8: type of the result.
    pub const RESULT: u32 = 5;
    /// u8 each: types of the arguments.
    pub const ARGS: u32 = 6;
    /// Numbers of types are less than this.
    pub const TYPES: u8 = 12;
    /// The type that is none.
    pub const VOID: u8 = 0;
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
        /// Whether it has left threads that could run now or later.
        has_threads: bool,
    },
    /// A closure.
    Closure(Closure),
    /// Counts.
    Stats(Stats),
    /// The request was not carried out, and nothing has changed.
    Refused(String),
    /// The heap is no heap any more: nothing can be asked of this machine.
    Ruined,
}

/// How an evaluation ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// The results, as references: none for `Seq`.
    Refs(Vec<u64>),
    /// The characters of a string in UTF-8, surrogates among them; what is no character is replaced.
    String(Vec<u8>),
    /// The fields of the result that are no pointers, in order. What they are addresses of is there until the next request.
    Words(Vec<u64>),
    /// An exception that nothing caught.
    Exception(Exception),
    /// Its time was up.
    Deadline,
    /// The program did what no Haskell program may; what that was.
    Crash(String),
}

/// An exception as the machine's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Default)]
pub struct Exception {
    /// A reference to it.
    pub value: u64,
    /// Its constructor, `pkg:Module.Con`; that of the value inside where it is a SomeException.
    pub name: String,
    /// The code, if it is an ExitCode: 0 for ExitSuccess.
    pub exit: Option<i64>,
    /// What `show` makes of it, in UTF-8 that may hold surrogates, if base is loaded and `show` succeeds.
    pub shown: Option<Vec<u8>>,
}

/// A closure as `GetClosure` sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Default)]
pub struct Closure {
    /// Its closure type's number.
    pub closure_type: u32,
    /// Its info pointer.
    pub info: u64,
    /// The info table's word that counts pointers.
    pub info_ptrs: u32,
    /// The info table's word that counts other words.
    pub info_nptrs: u32,
    /// The info table's SRT field: a constructor's zero-based number.
    pub info_srt: u32,
    /// A constructor's `pkg:Module.Con`.
    pub con_desc: Option<String>,
    /// Pointers, as references, in the order of the object's fields.
    pub ptrs: Vec<u64>,
    /// The fields that are no pointers, in order: of PAP and AP arity and number of arguments, of a BCO arity, size and
    /// bitmap, of an ARR_WORDS bytes and data, of arrays number of elements and (large ones) size.
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
    /// Steps of the last evaluation, if they are limited: see Note [Fuel] in `sched::fuel`.
    pub fuel: u64,
}
