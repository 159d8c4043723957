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
