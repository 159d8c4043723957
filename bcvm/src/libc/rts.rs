//! Functions of GHC's RTS that packages call as C and that need nothing but the machine.
//!
//! Those that link, call back into Haskell, or wait for the world are elsewhere; arguments and exits are in
//! [`program`](super::program).

use super::stdio;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::layout::tso;
use crate::word::{Addr, ClosurePtr, Word};
use core::cmp::Ordering;

impl Machine {
    /// The number of the thread whose TSO is at `thread` (`rts_getThreadId`).
    fn thread_id(&self, thread: Word) -> Word {
        self.mem.word(Addr::from_word(thread) + tso::ID)
    }

    /// The value that the function called `name` keeps; `value` if there was none (`getOrSetKey`).
    fn store(&mut self, name: &'static str, value: Word) -> Word {
        *self.c.stores.entry(name).or_insert(value)
    }

    /// Sets or clears flags of the current thread.
    fn change_flags(&mut self, set: u32, clear: u32) -> Word {
        self.set_current_flags(self.current_flags() & !clear | set);
        0
    }
}

/// `TSO_ALLOC_LIMIT`: the thread is to be told when its allocation counter runs out.
const ALLOC_LIMIT: u32 = 256;

/// Handlers of signals, as `stg_sig_install` numbers them: none was installed.
const STG_SIG_DFL: i32 = -1;
/// A signal that cannot have a handler.
const STG_SIG_ERR: i32 = -3;
/// Signals are numbered below.
const SIGNALS: Word = 65;

/// `stg_sig_install`: answers what was installed before. No signal ever comes; what is installed is remembered.
fn sig_install(m: &mut Machine, signal: Word, handler: Word) -> Word {
    let before = match signal {
        0 | SIGNALS.. => STG_SIG_ERR,
        _ => m.c.signals.insert(signal as u8, handler as i32).unwrap_or(STG_SIG_DFL),
    };
    before as i64 as Word
}

/// What does nothing and answers `$answer`.
macro_rules! nothing {
    ($answer:expr) => {
        |_, _| $answer
    };
}

/// What keeps one value for all copies of a library.
macro_rules! store {
    ($name:literal) => {
        |m, [value, ..]| m.store($name, value)
    };
}

functions! {
    // The heap.
    "dirty_MUT_VAR" "nnn" b'v' = |m, [_, var, ..]| {
        m.heap.dirty_mut_var(&mut m.mem, Addr::from_word(var));
        0
    };
    // For the non-moving collector, which there is not.
    "updateRemembSetPushClosure_" "nn" b'v' = nothing!(0);
    "updateRemembSetPushThunk_" "nn" b'v' = nothing!(0);
    // A minor collection is soon enough when it comes by itself.
    "performMinorGC" "" b'v' = nothing!(0);
    "revertCAFs" "" b'v' = |m, _| {
        m.revert_cafs();
        0
    };
    "hs_free_stable_ptr" "n" b'v' = |m, [p, ..]| {
        m.stable.free(p);
        0
    };
    "hs_free_stable_ptr_unsafe" "n" b'v' = |m, [p, ..]| {
        m.stable.free(p);
        0
    };
    "deRefStablePtr" "n" b'n' = |m, [p, ..]| match m.stable.find(p) {
        Some(p) => p.word(),
        None => {
            m.end_program(alloc::format!("C dereferenced {p:#x}, which is no stable pointer"));
            0
        }
    };
    "getStablePtr" "n" b'n' = |m, [p, ..]| m.stable.make(ClosurePtr::from_word(p));
    "freeStablePtr" "n" b'v' = |m, [p, ..]| {
        m.stable.free(p);
        0
    };
    // Nobody else is at work on the table.
    "hs_lock_stable_ptr_table" "" b'v' = nothing!(0);
    "hs_unlock_stable_ptr_table" "" b'v' = nothing!(0);
    "registerForeignExports" "n" b'v' = |m, _| {
        // Exports are static closures, which never move, and entered CAFs are kept alive for good.
        m.c.foreign_exports += 1;
        0
    };

    // Threads and capabilities: there is one capability, and no operating-system thread is bound.
    "newSpark" "nn" b'n' = nothing!(1);
    "cmp_thread" "nn" b'n' = |m, [a, b, ..]| match m.thread_id(a).cmp(&m.thread_id(b)) {
        Ordering::Less => -1i64 as Word,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    "eq_thread" "nn" b'n' = |_, [a, b, ..]| (a == b) as Word;
    "rts_getThreadId" "n" b'n' = |m, [thread, ..]| m.thread_id(thread);
    "rts_enableThreadAllocationLimit" "n" b'v' = |m, _| m.change_flags(ALLOC_LIMIT, 0);
    "rts_disableThreadAllocationLimit" "n" b'v' = |m, _| m.change_flags(0, ALLOC_LIMIT);
    "rts_setMainThread" "n" b'v' = nothing!(0);
    "rtsSupportsBoundThreads" "" b'n' = nothing!(0);
    "getNumberOfProcessors" "" b'n' = nothing!(1);
    "setNumCapabilities" "n" b'v' = nothing!(0);

    // How the runtime was built: in the plain way.
    "rts_isDebugged" "" b'n' = nothing!(0);
    "rts_isDynamic" "" b'n' = nothing!(0);
    "rts_isProfiled" "" b'n' = nothing!(0);
    "rts_isThreaded" "" b'n' = nothing!(0);
    "rts_isTracing" "" b'n' = nothing!(0);

    // Values that copies of base share.
    "getOrSetGHCConcSignalSignalHandlerStore" "n" b'n' = store!("GHCConcSignalSignalHandler");
    "getOrSetGHCConcWindowsPendingDelaysStore" "n" b'n' = store!("GHCConcWindowsPendingDelays");
    "getOrSetGHCConcWindowsIOManagerThreadStore" "n" b'n' = store!("GHCConcWindowsIOManagerThread");
    "getOrSetGHCConcWindowsProddingStore" "n" b'n' = store!("GHCConcWindowsProdding");
    "getOrSetSystemEventThreadEventManagerStore" "n" b'n' = store!("SystemEventThreadEventManager");
    "getOrSetSystemEventThreadIOManagerThreadStore" "n" b'n' = store!("SystemEventThreadIOManagerThread");
    "getOrSetSystemTimerThreadEventManagerStore" "n" b'n' = store!("SystemTimerThreadEventManager");
    "getOrSetSystemTimerThreadIOManagerThreadStore" "n" b'n' = store!("SystemTimerThreadIOManagerThread");
    "getOrSetLibHSghcFastStringTable" "n" b'n' = store!("LibHSghcFastStringTable");
    "getOrSetLibHSghcPersistentLinkerState" "n" b'n' = store!("LibHSghcPersistentLinkerState");
    "getOrSetLibHSghcInitLinkerDone" "n" b'n' = store!("LibHSghcInitLinkerDone");
    "getOrSetLibHSghcGlobalDynFlags" "n" b'n' = store!("LibHSghcGlobalDynFlags");
    "getOrSetLibHSghcStaticOptions" "n" b'n' = store!("LibHSghcStaticOptions");
    "getOrSetLibHSghcStaticOptionsReady" "n" b'n' = store!("LibHSghcStaticOptionsReady");

    // Signals, timers, I/O managers: nothing ever interrupts, and the machine's own scheduler waits.
    "stg_sig_install" "nnn" b'n' = |m, [signal, handler, ..]| sig_install(m, signal, handler);
    "setIOManagerControlFd" "nn" b'v' = nothing!(0);
    "setIOManagerWakeupFd" "n" b'v' = nothing!(0);
    "setTimerManagerControlFd" "n" b'v' = nothing!(0);
    "startTimer" "" b'v' = nothing!(0);
    "stopTimer" "" b'v' = nothing!(0);
    // SIGVTALRM.
    "rtsTimerSignal" "" b'n' = nothing!(26);

    // Profiling, statistics, back traces, coverage: none.
    "startProfTimer" "" b'v' = nothing!(0);
    "stopProfTimer" "" b'v' = nothing!(0);
    "getRTSStatsEnabled" "" b'n' = nothing!(0);
    "getRTSStats" "n" b'v' = |m, [at, ..]| {
        /// Words of `RTSStats`.
        const SIZE_W: u32 = 50;
        m.mem.fill_words(Addr::from_word(at), SIZE_W, 0);
        0
    };
    "libdwPoolTake" "" b'n' = nothing!(0);
    "libdwPoolRelease" "n" b'v' = nothing!(0);
    "libdwPoolClear" "" b'v' = nothing!(0);
    "libdwGetBacktrace" "n" b'n' = nothing!(0);
    "libdwLookupLocation" "nnn" b'n' = nothing!(1);
    "backtraceFree" "n" b'v' = nothing!(0);
    "hs_hpc_rootModule" "" b'n' = nothing!(0);
    "hs_hpc_module" "nnnn" b'v' = nothing!(0);

    // Messages.
    "debugBelch" "n..." b'v' = |m, args| {
        let text = stdio::print::passed(m, &args, 1);
        stdio::emit(m, stdio::STDERR, &text);
        0
    };
    "errorBelch" "n..." b'v' = |m, args| {
        let mut text = m.program_name();
        text.extend_from_slice(b": ");
        text.append(&mut stdio::print::passed(m, &args, 1));
        text.push(b'\n');
        stdio::emit(m, stdio::STDERR, &text);
        0
    };
    "barf" "n..." b'v' = |m, args| {
        let text = stdio::print::passed(m, &args, 1);
        stdio::emit(m, stdio::STDERR, &text);
        m.end_program(alloc::format!("internal error: {}", alloc::string::String::from_utf8_lossy(&text)));
        0
    };
}

#[cfg(test)]
mod tests;
