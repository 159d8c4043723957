//! What the machine asks of its host: in the sandbox these are the guest's imports.

/// The services of a host.
pub trait Host: core::fmt::Debug + Send {
    /// Makes `[addr, addr + len)` accessible and zeroed; both are multiples of [`COMMIT_UNIT`]. False when a
    /// limit was reached, and then nothing has changed.
    fn commit(&mut self, addr: u32, len: u32) -> bool;

    /// Gives pages back: their contents are lost, and they count no more.
    fn decommit(&mut self, addr: u32, len: u32);

    /// Enters compiled code by slot `index` of the STG function table; returns when that code reaches a stop
    /// entry, whose number is then in memory at `map::STOP_ENTRY`. False where there is no compiled code.
    fn run(&mut self, index: u32) -> bool;

    /// Takes one line of trace or diagnostics.
    fn log(&mut self, line: &str);
}

/// The unit in which memory is committed.
pub const COMMIT_UNIT: u32 = 0x1_0000;
