//! What the machine asks of its host, and the table of the guest's imports that provide it in the sandbox.

use super::system::{ARGS, System};
use crate::libc::errno::ENOSYS;

/// A file descriptor that a thread waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdWait {
    /// The descriptor.
    pub fd: i32,
    /// Whether it is to be written to rather than read from.
    pub write: bool,
    /// Whether that can be done now without waiting; also when it is no descriptor that could ever be ready.
    pub ready: bool,
}

/// The services of a host.
pub trait Host: core::fmt::Debug + Send {
    /// Makes `[addr, addr + len)` accessible and zeroed; both are multiples of [`PAGE`](super::PAGE). False when a
    /// limit was reached, and then nothing has changed.
    fn commit(&mut self, addr: u32, len: u32) -> bool;

    /// Gives pages back: their contents are lost, and they count no more.
    fn decommit(&mut self, addr: u32, len: u32);

    /// Nanoseconds on a clock that never goes back.
    fn now_ns(&mut self) -> u64;

    /// Waits until one of `fds` is ready, or the clock shows `until` (`u64::MAX`: never), or the machine is asked to
    /// stop; says which of `fds` are ready. With a time that has passed it only looks.
    fn wait(&mut self, fds: &mut [FdWait], until: u64);

    /// Takes one line of trace or diagnostics.
    fn log(&mut self, line: &str);

    /// Fills so many slots of the C table, from `first` on, with adjustors that have their records at `records`: see
    /// [`adjustor`](super::map::adjustor). False where there is no compiled code.
    fn adjustors(&mut self, _first: u32, _records: u32) -> bool {
        false
    }

    /// A system call: an answer that is not negative, or `-errno`. A host without an outside knows none.
    fn system(&mut self, _call: System, _args: [u64; ARGS]) -> i64 {
        -i64::from(ENOSYS)
    }
}

/// Calls `$with!` with one row for every function the guest imports: doc comment, name, signature, wasm module.
///
/// The types are those of the wasm interface. Text is an address and a length in guest memory. `"host"` and `"engine"`
/// rows are provided by the engine, those that add code apart from the others; `"glue"` rows by the generated module.
#[macro_export]
macro_rules! for_each_host_fn {
    ($with:ident) => {
        $with! {
            /// Make `[addr, addr + len)` accessible, zero-filled where it was not. Both are multiples of 64 KiB.
            /// 0 = a limit was reached and nothing changed.
            fn commit(addr: u32, len: u32) -> u32 = "host";
            /// Give pages back; what they held is lost. Pages of the stack and of the RTS region are refused.
            fn decommit(addr: u32, len: u32) = "host";
            /// One line of trace or diagnostics; what exceeds a bound is cut off.
            fn log(line: u32, len: u32) = "host";
            /// Nanoseconds on a clock that never goes back.
            fn now_ns() -> u64 = "host";
            /// Wait for one of `n` file descriptors, for a time on that clock (all ones: for ever), or for a request to
            /// stop. `fds` holds three u32 each: descriptor, 1 to write to it, and the answer: 1 if it is ready.
            fn wait(fds: u32, n: u32, until: u64) = "host";
            /// The guest's last words: message and place of a Rust panic, before it traps.
            fn panicked(line: u32, len: u32) = "host";
            /// The program did what ends its evaluation: the text says what. It does not return.
            fn fail(line: u32, len: u32) = "host";
            /// A system call of `for_each_system!`, by number; `args` is the address of its six words. What it answers, or
            /// `-errno`.
            fn system(call: u32, args: u32) -> i64 = "host";
            /// Fill a batch of slots of the C table, from `first` on, with adjustors whose records are at `records`. 0 = it
            /// can't be done.
            fn adjustors(first: u32, records: u32) -> u32 = "engine";
            /// Enter compiled code at this slot of the STG table, with all registers; returns when it reaches a stop entry.
            fn run(index: u32) = "glue";
            /// The same with R1, R2, Sp and Hp: the others are what they were.
            fn run_few(index: u32) = "glue";
            /// The same with R3 to R6 besides.
            fn run_words(index: u32) = "glue";
            /// Call the C function at this slot of the C table, with arguments and results at `map::C_CALL`.
            fn run_c(index: u32) = "glue";
        }
    };
}
