//! The test guest and how to talk to it.
#![allow(dead_code, reason = "each test program uses its part")]

use bcvm::abi;
use bcvm_engine::embed::{Cache, Deadline, Engine, GuestImage, Limits, Sandbox, Trap};
use std::sync::OnceLock;
use std::time::Duration;

/// What the test guest can be asked to do; the numbers are those in `test_guest.wat`.
pub mod op {
    pub const ECHO: u32 = 0;
    pub const SPIN: u32 = 1;
    pub const OBEY: u32 = 2;
    pub const OBEY_AND_SPIN: u32 = 3;
    pub const LOAD: u32 = 4;
    pub const STORE: u32 = 5;
    pub const COMMIT: u32 = 6;
    pub const DECOMMIT: u32 = 7;
    pub const RUN: u32 = 8;
    pub const UNREACHABLE: u32 = 9;
    pub const PANIC: u32 = 10;
    pub const RECURSE: u32 = 11;
    pub const STACK_POINTER: u32 = 12;
    pub const REPLY: u32 = 13;
    pub const BUSY_THEN_SPIN: u32 = 14;
    pub const COMMIT_FOREVER: u32 = 15;
    pub const DIVIDE: u32 = 16;
    pub const LOG: u32 = 17;
    pub const ADJUSTORS: u32 = 18;
}

/// Where the test guest counts calls of `recover`, and where it looks whether to trap there.
pub const RECOVERIES: u32 = 0x20_0010;
pub const TRAP_IN_RECOVER: u32 = 0x20_0014;

/// A page that nothing uses.
pub const FREE_PAGE: u32 = 0x9000_0000;

/// The engine with the test guest, compiled once per test program.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let wasm = wat::parse_str(include_str!("test_guest.wat")).expect("the test guest is well-formed");
        Engine::for_guest(GuestImage { wasm: &wasm, heap_base: 0x22_0000 }, &Cache::Off).expect("an engine")
    })
}

/// A sandbox with 16 MiB.
pub fn sandbox() -> Sandbox {
    Sandbox::new(engine(), Limits { memory_bytes: 16 << 20, ..Limits::default() }, b"").expect("a sandbox")
}

/// Asks for `op` with two arguments.
pub fn ask(sandbox: &mut Sandbox, op: u32, a: u32, b: u32) -> Result<u32, Trap> {
    ask_within(sandbox, op, a, b, Duration::from_secs(20))
}

/// As [`ask`], with so much time.
pub fn ask_within(sandbox: &mut Sandbox, op: u32, a: u32, b: u32, time: Duration) -> Result<u32, Trap> {
    // What a machine does before it runs a program: arm the heap check.
    sandbox.memory().write(abi::HP_LIM, &u64::MAX.to_le_bytes()).expect("the register table is there");
    let request: Vec<u8> = [op, a, b].iter().flat_map(|word| word.to_le_bytes()).collect();
    let reply = sandbox.request(&request, Deadline::after(time))?;
    Ok(u32::from_le_bytes(reply.try_into().expect("a reply of one word")))
}
