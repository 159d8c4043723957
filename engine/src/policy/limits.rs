//! What evaluations may use, as far as a policy says so.

use std::time::Duration;

/// Limits; what is not said is left to the interpreter's own default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of Haskell heap.
    pub memory: Option<u64>,
    /// Bytes of one Haskell thread's stack.
    pub stack: Option<u64>,
    /// How long one evaluation may take.
    pub time: Option<Duration>,
    /// Bytes that one evaluation may write.
    pub output: Option<u64>,
    /// References that GHC may hold.
    pub refs: Option<u64>,
    /// Bytes of object files that may be loaded.
    pub code: Option<u64>,
    /// Bytes of one message of GHC's.
    pub message: Option<u64>,
}

/// The smaller of two limits, where no limit is larger than any.
pub(super) fn tighter<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Limits {
    /// Both at once.
    pub fn narrowed(self, by: Limits) -> Limits {
        Limits {
            memory: tighter(self.memory, by.memory),
            stack: tighter(self.stack, by.stack),
            time: tighter(self.time, by.time),
            output: tighter(self.output, by.output),
            refs: tighter(self.refs, by.refs),
            code: tighter(self.code, by.code),
            message: tighter(self.message, by.message),
        }
    }

    /// These where they say something, those elsewhere: what the command line says replaces what a file says.
    pub fn or(self, otherwise: Limits) -> Limits {
        Limits {
            memory: self.memory.or(otherwise.memory),
            stack: self.stack.or(otherwise.stack),
            time: self.time.or(otherwise.time),
            output: self.output.or(otherwise.output),
            refs: self.refs.or(otherwise.refs),
            code: self.code.or(otherwise.code),
            message: self.message.or(otherwise.message),
        }
    }
}
