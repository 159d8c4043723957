//! Being built.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod abi;

use alloc::boxed::Box;
use alloc::vec::Vec;

/// What the machine asks of its host.
pub trait Host {
    /// See [`for_each_host_fn`].
    fn commit(&mut self, addr: u32, len: u32) -> bool;
    /// See [`for_each_host_fn`].
    fn decommit(&mut self, addr: u32, len: u32);
    /// See [`for_each_host_fn`].
    fn run(&mut self, index: u32);
    /// See [`for_each_host_fn`].
    fn log(&mut self, line: &str);
}

/// Guest memory.
pub struct Mem(());

impl Mem {
    /// The memory the guest runs in.
    #[expect(clippy::new_without_default)]
    pub fn new() -> Mem {
        Mem(())
    }
}

/// How a machine is set up.
pub struct Config(());

impl Config {
    /// Decodes what the engine wrote.
    pub fn from_bytes(_: &[u8]) -> Option<Config> {
        Some(Config(()))
    }
}

/// The machine.
pub struct Machine(Box<dyn Host>);

impl Machine {
    /// A machine.
    pub fn new(_: Mem, host: Box<dyn Host>, _: Config) -> Machine {
        Machine(host)
    }

    /// Answers with what was asked.
    pub fn request(&mut self, request: &[u8]) -> Vec<u8> {
        self.0.log("a request");
        assert!(request != b"panic", "asked to panic");
        request.to_vec()
    }

    /// After a trap.
    pub fn recover(&mut self) {}
}
