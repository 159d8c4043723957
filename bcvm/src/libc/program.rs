//! The program's name and arguments (`getProgArgv` and kin, `rts/RtsFlags.c`), and how a program ends.
//!
//! A program ends by its C function calling [`Machine::end_program`]; what called the function then leaves.

use super::memory::c_string;
use super::stdio;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, WORD, Word};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The name of a program that was given none.
const NAME: &[u8] = b"bcvm";
/// The most arguments a program may give itself.
const MAX_ARGUMENTS: u32 = 1 << 16;

/// Where arguments lie in memory, as C has them.
#[derive(Debug, Default)]
pub struct Arguments {
    /// The null-terminated array, once there is one.
    argv: Option<Addr>,
    /// The array the program began with, which lives as long as it.
    full: Option<Addr>,
}

impl Machine {
    /// Sets name and arguments; false when there is no memory for them.
    pub fn set_arguments(&mut self, arguments: &[&[u8]]) -> bool {
        let Some(argv) = self.c_allocate((arguments.len() as u64 + 1) * WORD as u64) else { return false };
        for (i, argument) in arguments.iter().enumerate() {
            let Some(at) = self.c_string(argument) else { return false };
            self.mem.set_word(argv.offset_w(i as u32), at.word());
        }
        self.mem.set_word(argv.offset_w(arguments.len() as u32), 0);
        self.forget_arguments();
        self.c.arguments.argv = Some(argv);
        self.c.arguments.full.get_or_insert(argv);
        true
    }

    /// The arguments' array.
    fn argv(&mut self) -> Option<Addr> {
        if self.c.arguments.argv.is_none() {
            self.set_arguments(&[NAME]);
        }
        self.c.arguments.argv
    }

    /// Addresses of the strings of the array at `argv`.
    fn strings_of(&self, argv: Addr) -> Vec<Word> {
        (0..MAX_ARGUMENTS).map(|i| self.mem.word(argv.offset_w(i))).take_while(|s| *s != 0).collect()
    }

    /// The program's name without its folders (`prog_name`).
    pub(super) fn program_name(&mut self) -> Vec<u8> {
        let first = self.argv().map_or(0, |argv| self.mem.word(argv));
        let path = if first == 0 { NAME.to_vec() } else { c_string(&self.mem, first) };
        path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec()
    }

    /// Frees the present arguments, if they are not those the program began with.
    fn forget_arguments(&mut self) {
        let Some(old) = self.c.arguments.argv.take().filter(|a| Some(*a) != self.c.arguments.full) else { return };
        for s in self.strings_of(old) {
            self.c_free(s);
        }
        self.c_free(old.word());
    }

    /// Ends the program as `exit` does.
    fn exit(&mut self, status: Word) -> Word {
        self.c.pending_exit.get_or_insert(status as i32);
        self.end_program(format!("the program exited with status {}", status as i32));
        0
    }

    /// Ends the program with a message that it wrote itself, which also goes to its standard error.
    fn die(&mut self, message: String) -> Word {
        stdio::emit(self, stdio::STDERR, format!("{message}\n").as_bytes());
        self.end_program(message);
        0
    }

    /// The C string at `s`, for a message.
    fn message(&self, s: Word) -> String {
        String::from_utf8_lossy(&c_string(&self.mem, s)).into_owned()
    }
}

/// `getProgArgv`, `getFullProgArgv`: the number of arguments, and their array.
fn answer(m: &mut Machine, argv: Option<Addr>, argc_at: Word, argv_at: Word) -> Word {
    let argc = argv.map_or(0, |a| m.strings_of(a).len() as u32);
    for (at, size, value) in [(argc_at, 4, argc as Word), (argv_at, 8, argv.unwrap_or_default().word())] {
        match (at, size) {
            (0, _) => {}
            (_, 4) => m.mem.set_u32(Addr::from_word(at), value as u32),
            _ => m.mem.set_word(Addr::from_word(at), value),
        }
    }
    0
}

/// `setProgArgv`: copies the strings, which may be those it replaces.
fn set_prog_argv(m: &mut Machine, argc: Word, argv: Word) -> Word {
    let n = (argc as u32).min(MAX_ARGUMENTS);
    let strings: Vec<Vec<u8>> =
        (0..n).map(|i| c_string(&m.mem, m.mem.word(Addr::from_word(argv).offset_w(i)))).collect();
    let strings: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
    // The first arguments are what getFullProgArgv answers for good.
    m.argv();
    if !m.set_arguments(&strings) {
        m.end_program("no memory for the program's arguments".into());
    }
    0
}

functions! {
    "getProgArgv" "nn" b'v' = |m, [argc, argv, ..]| {
        let now = m.argv();
        answer(m, now, argc, argv)
    };
    "getFullProgArgv" "nn" b'v' = |m, [argc, argv, ..]| {
        m.argv();
        let full = m.c.arguments.full;
        answer(m, full, argc, argv)
    };
    "setProgArgv" "nn" b'v' = |m, [argc, argv, ..]| set_prog_argv(m, argc, argv);
    "exit" "n" b'v' = |m, [status, ..]| m.exit(status);
    "_exit" "n" b'v' = |m, [status, ..]| m.exit(status);
    "shutdownHaskellAndExit" "nn" b'v' = |m, [status, ..]| m.exit(status);
    // What a shell makes of a program that a signal ended.
    "shutdownHaskellAndSignal" "nn" b'v' = |m, [signal, ..]| m.exit(128 + (signal & 0x7f));
    "abort" "" b'v' = |m, _| m.die("the program called abort".into());
    "__stack_chk_fail" "" b'v' = |m, _| m.die("*** stack smashing detected ***".into());
    "__chk_fail" "" b'v' = |m, _| m.die("*** buffer overflow detected ***".into());
    "_assertFail" "nn" b'v' = |m, [file, line, ..]| {
        let file = m.message(file);
        m.die(format!("ASSERTION FAILED: file {file}, line {}", line as u32))
    };
    "__assert_fail" "nnnn" b'v' = |m, [assertion, file, line, function, ..]| {
        let [assertion, file, function] = [assertion, file, function].map(|s| m.message(s));
        m.die(format!("{file}:{}: {function}: Assertion `{assertion}' failed.", line as u32))
    };
    "reportStackOverflow" "n" b'v' = |m, _| {
        stdio::emit(m, stdio::STDERR, b"stack overflow\n");
        0
    };
    "reportHeapOverflow" "" b'v' = |m, _| {
        stdio::emit(m, stdio::STDERR, b"heap overflow\n");
        0
    };
}

#[cfg(test)]
mod tests;
