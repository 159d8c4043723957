//! What stands in for the hostile build's machinery when it isn't compiled in.

use crate::gc::{Corrupt, Roots};
use crate::heap::Heap;
use crate::mem::Mem;
use crate::word::Addr;

/// Counts allocations to ask for collections: not here.
#[derive(Debug)]
pub struct Stress;

impl Stress {
    /// Nothing to count.
    pub fn new(_every: u32) -> Stress {
        Stress
    }

    /// Never.
    #[inline(always)]
    pub fn due(&mut self) -> bool {
        false
    }

    /// The real limit.
    #[inline(always)]
    pub fn limit(&self, _hp: Addr, lim: Addr) -> Addr {
        lim
    }
}

/// Does nothing.
#[inline(always)]
pub fn poison(_mem: &mut Mem, _from: Addr, _to: Addr) {}

/// Finds nothing.
#[inline(always)]
pub fn check_heap(_heap: &Heap, _mem: &mut Mem, _roots: &mut dyn Roots) -> Result<(), Corrupt> {
    Ok(())
}
