//! What tests of C functions share: a machine that keeps its log, and calls by name.

use super::memory::c_string;
use super::table::{FUNCTIONS, MAX_ARGS};
use crate::abi::host::{FdWait, Host};
use crate::interp::machine::{Config, Machine};
use crate::mem::Mem;
use std::sync::{Arc, Mutex};

/// What the machine's host was told.
pub type Log = Arc<Mutex<Vec<String>>>;

#[derive(Debug)]
struct Logging(Log);

impl Host for Logging {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }

    fn decommit(&mut self, _: u32, _: u32) {}

    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [FdWait], _: u64) {}

    fn log(&mut self, line: &str) {
        self.0.lock().expect("no test panics while it logs").push(line.into());
    }
}

/// A machine with a small heap.
pub fn machine() -> Machine {
    machine_and_log().0
}

/// A machine, and its log.
pub fn machine_and_log() -> (Machine, Log) {
    let log = Log::default();
    let (config, end) = Config::internal(8 << 20);
    (Machine::new(Mem::arena(end), Box::new(Logging(log.clone())), config), log)
}

/// Calls a function; the machine must not find fault with that.
pub fn call(m: &mut Machine, name: &str, args: &[u64]) -> u64 {
    let answer = try_call(m, name, args);
    assert_eq!(m.crash_report, "", "{name}{args:?}");
    assert_eq!(m.mem.fault(), None, "{name}{args:?}");
    answer
}

/// Calls a function.
pub fn try_call(m: &mut Machine, name: &str, args: &[u64]) -> u64 {
    let f = FUNCTIONS.iter().find(|f| f.symbol == name).unwrap_or_else(|| panic!("no function {name}"));
    let mut all = [0; MAX_ARGS];
    all[..args.len()].copy_from_slice(args);
    (f.run)(m, all)
}

/// Calls a function, and answers why it ended the program.
pub fn ended(m: &mut Machine, name: &str, args: &[u64]) -> String {
    try_call(m, name, args);
    core::mem::take(&mut m.crash_report)
}

/// `text` as a C string in the machine's memory.
pub fn string(m: &mut Machine, text: &str) -> u64 {
    m.c_string(text.as_bytes()).expect("room for a string").word()
}

/// The C string at `at`.
pub fn read(m: &Machine, at: u64) -> String {
    String::from_utf8(c_string(&m.mem, at)).expect("UTF-8")
}

/// So many zeroed words in the machine's memory.
pub fn words(m: &mut Machine, n: usize) -> u64 {
    call(m, "calloc", &[n as u64, 8])
}
