//! Where control goes next inside the interpreter, and why it leaves it.

use crate::word::{Addr, ClosurePtr};

/// Where control goes after something that is not the next instruction.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// Look at the frame on top, with no value in hand.
    Top,
    /// Evaluate a closure.
    Eval(ClosurePtr),
    /// Return an evaluated closure to the frame on top.
    Return(ClosurePtr),
    /// Return the unlifted value on top (under its `stg_ret_*` word) to the frame beneath.
    ReturnUnlifted,
    /// Run the instructions at the pc.
    Run,
    /// Compiled code comes next, for this.
    Compiled(Into),
    /// Leave, for the reason in `Machine::stop_reason`: this enum stays small enough for registers.
    Stop,
}

/// What compiled code is entered for.
#[derive(Clone, Copy, Debug)]
pub enum Into {
    /// To evaluate this closure.
    Enter(ClosurePtr),
    /// To be returned this evaluated closure: the frame on top is compiled code's.
    Return(ClosurePtr),
    /// To be returned the unlifted value on top (under its `stg_ret_*` word): the frame beneath is compiled code's.
    ReturnUnlifted,
    /// To be returned what the result registers hold.
    Results,
    /// For this function, or a partial application of it, on just the arguments of the frame on top.
    Call(ClosurePtr),
    /// The same, on arguments that lie on the stack without the word of a frame.
    CallBare(ClosurePtr),
}

/// A [`Next`] as one word: what the functions answer that the loop calls, because larger values go through memory.
#[derive(Clone, Copy, Debug)]
pub struct Packed(u64);

impl Packed {
    #[inline(always)]
    const fn new(tag: u32, closure: ClosurePtr) -> Packed {
        Packed(tag as u64 | (closure.0 as u64) << 32)
    }

    /// In place of a [`Next`]: nothing was done.
    pub const NONE: Packed = Packed(u64::MAX);

    /// What was packed, unless nothing was done.
    #[inline(always)]
    pub fn done(self) -> Option<Packed> {
        (self.0 != Packed::NONE.0).then_some(self)
    }

    /// What was packed.
    #[inline(always)]
    pub const fn next(self) -> Next {
        let closure = ClosurePtr((self.0 >> 32) as u32);
        match self.0 as u32 {
            0 => Next::Run,
            1 => Next::Eval(closure),
            2 => Next::Return(closure),
            3 => Next::ReturnUnlifted,
            4 => Next::Top,
            5 => Next::Compiled(Into::Enter(closure)),
            6 => Next::Compiled(Into::Return(closure)),
            7 => Next::Compiled(Into::ReturnUnlifted),
            8 => Next::Compiled(Into::Results),
            9 => Next::Compiled(Into::Call(closure)),
            10 => Next::Compiled(Into::CallBare(closure)),
            _ => Next::Stop,
        }
    }
}

impl From<Next> for Packed {
    #[inline(always)]
    fn from(next: Next) -> Packed {
        let none = ClosurePtr(0);
        match next {
            Next::Run => Packed::new(0, none),
            Next::Eval(x) => Packed::new(1, x),
            Next::Return(x) => Packed::new(2, x),
            Next::ReturnUnlifted => Packed::new(3, none),
            Next::Top => Packed::new(4, none),
            Next::Compiled(Into::Enter(x)) => Packed::new(5, x),
            Next::Compiled(Into::Return(x)) => Packed::new(6, x),
            Next::Compiled(Into::ReturnUnlifted) => Packed::new(7, none),
            Next::Compiled(Into::Results) => Packed::new(8, none),
            Next::Compiled(Into::Call(f)) => Packed::new(9, f),
            Next::Compiled(Into::CallBare(f)) => Packed::new(10, f),
            Next::Stop => Packed::new(11, none),
        }
    }
}

/// Why the interpreter left its thread. The thread's state is saved, and its top frame says how to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A collection is wanted; afterwards there must be room for so many words.
    HeapFull(u32),
    /// The stack chunk has no room for so many words.
    StackFull(u32),
    /// A stop was asked for from outside, or by `yield#`.
    Yield,
    /// The thread entered a thunk that another thread is evaluating.
    BlockedOnBlackHole(Addr),
    /// The stack is finished: this is what it returned.
    Finished(Value),
    /// An exception is to be raised.
    Raise(ClosurePtr),
    /// The frame on top is compiled code's.
    Native,
    /// Compiled code has jumped to a built-in entry whose meaning is the scheduler's.
    NativeLeft,
    /// The thread waits in a queue; its stack says how it goes on.
    Blocked,
    /// The running thread throws this exception to this thread, and goes on as its stack says.
    ThrowTo(Addr, ClosurePtr),
    /// A breakpoint hit: not supported yet.
    Break,
    /// The program broke a rule that no Haskell program can break; `Machine::crash_report` says which.
    Crash,
}

/// What a thread returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A pointer: evaluated, or the unevaluated result of an IO action.
    Ptr(ClosurePtr),
    /// An unboxed word.
    Word(u64),
    /// Nothing.
    Void,
}
