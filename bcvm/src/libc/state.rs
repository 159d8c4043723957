//! What C functions keep between calls: all that is static data in a C library or in GHC's RTS, for one machine.
//!
//! Nothing here is a root: what refers to Haskell values does so by stable pointers.

use super::adjustor::Adjustors;
use super::alloc::CHeap;
use super::callback::Status;
use super::file_lock::FileLocks;
use super::program::Arguments;
use super::random::Random;
use super::stdio::file::Stream;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The state of the C functions of one machine.
#[derive(Debug, Default)]
pub struct CState {
    /// What `malloc` hands out.
    pub heap: CHeap,
    /// C functions made of Haskell functions.
    pub adjustors: Adjustors,
    /// How the last evaluation on behalf of C ended.
    pub status: Status,
    /// The program's arguments.
    pub arguments: Arguments,
    /// Which files Haskell has open.
    pub locks: FileLocks,
    /// `FILE`s by their addresses.
    pub streams: BTreeMap<u32, Stream>,
    /// Generators of pseudo-random numbers.
    pub random: Random,
    /// Values by key of the one POSIX thread; those of keys that were deleted are missing.
    pub thread_keys: Vec<Option<Word>>,
    /// Where the tables of `ctype.h` are, once somebody has asked.
    pub classes: Option<Addr>,
    /// Values that all copies of a library share, by the name of the function that gets or sets them.
    pub stores: BTreeMap<&'static str, Word>,
    /// Lists that `registerForeignExports` was given.
    pub foreign_exports: u64,
    /// Collections that compiled code has asked for and that have not happened: see Note [Collections that C asks for].
    pub collection_wanted: bool,
    /// What `stg_sig_install` has installed, by signal.
    pub signals: BTreeMap<u8, i32>,
    /// Addresses of keys of the static pointer table that were asked for.
    pub static_keys: BTreeMap<(u64, u64), Addr>,
    /// The status the program ended with, if it ended by `exit` or its kin.
    pub pending_exit: Option<i32>,
}

impl Machine {
    /// Ends the program because it did `what`: whoever called the C function looks at `crash_report` when it returns.
    /// What is reported first stays.
    #[cold]
    pub fn end_program(&mut self, what: String) {
        if self.crash_report.is_empty() {
            self.crash_report = what;
        }
    }
}
