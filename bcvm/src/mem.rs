//! The only raw loads and stores of the machine.
//!
//! On wasm32 an address *is* a pointer and the sandbox bounds every access; elsewhere memory is an arena owned
//! by this value and every access is checked against it. Accesses never fail on the spot: see
//! Note [Faults are sticky]. Unaligned accesses are allowed, because byte code pushes sub-word values.
//
// Note [Faults are sticky]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// Byte code may hold any word as an address. In the guest a wild access traps and the engine recovers the
// interpreter. The internal backend has no trap, and a `Result` on every load would make the machine slow and
// hard to read for the sake of a backend that exists for tests. So the arena answers a bad load with zero,
// drops a bad store, and remembers the first such address. The interpreter looks at `fault` wherever it polls,
// and ends the evaluation as the trap would have. Zero leads every chase of pointers to the null closure,
// whose info table is not one, so nothing runs far on a fault.

use crate::word::{Addr, ClosurePtr, InfoPtr, WORD, Word};

#[cfg(target_arch = "wasm32")]
use wasm as imp;

#[cfg(not(target_arch = "wasm32"))]
use arena as imp;

pub use imp::Mem;

#[cfg(not(target_arch = "wasm32"))]
pub use arena::StopFlag;

impl Mem {
    /// The closure pointer held at `a`. The upper half of the word is not looked at.
    #[inline(always)]
    pub fn closure(&self, a: Addr) -> ClosurePtr {
        ClosurePtr(self.u32(a))
    }

    /// The info pointer held at `a`.
    #[inline(always)]
    pub fn info(&self, a: Addr) -> InfoPtr {
        InfoPtr(self.u32(a))
    }

    /// Stores `p` as a whole word at `a`.
    #[inline(always)]
    pub fn set_closure(&mut self, a: Addr, p: ClosurePtr) {
        self.set_word(a, p.word());
    }

    /// Stores `p` as a whole word at `a`.
    #[inline(always)]
    pub fn set_info(&mut self, a: Addr, p: InfoPtr) {
        self.set_word(a, p.word());
    }

    /// Copies `n` words upwards from `src` to `dst`; the ranges may overlap only if `dst <= src`.
    #[inline(always)]
    pub fn copy_words(&mut self, dst: Addr, src: Addr, n: u32) {
        for i in 0..n {
            let w = self.word(src.offset_w(i));
            self.set_word(dst.offset_w(i), w);
        }
    }

    /// Copies `n` words downwards (last word first); the ranges may overlap only if `dst >= src`.
    #[inline(always)]
    pub fn copy_words_down(&mut self, dst: Addr, src: Addr, n: u32) {
        for i in (0..n).rev() {
            let w = self.word(src.offset_w(i));
            self.set_word(dst.offset_w(i), w);
        }
    }

    /// Copies `len` bytes; the ranges may overlap (`memmove`).
    pub fn move_bytes(&mut self, dst: Addr, src: Addr, len: u32) {
        let whole = len / WORD;
        if dst.0 <= src.0 {
            self.copy_words(dst, src, whole);
            for i in whole * WORD..len {
                let b = self.u8(src + i);
                self.set_u8(dst + i, b);
            }
        } else {
            for i in (whole * WORD..len).rev() {
                let b = self.u8(src + i);
                self.set_u8(dst + i, b);
            }
            self.copy_words_down(dst, src, whole);
        }
    }

    /// Stores `w` into `n` words from `a` on.
    pub fn fill_words(&mut self, a: Addr, n: u32, w: Word) {
        for i in 0..n {
            self.set_word(a.offset_w(i), w);
        }
    }

    /// Copies `bytes` into memory at `a`.
    pub fn write_bytes(&mut self, a: Addr, bytes: &[u8]) {
        let mut at = a;
        let mut chunks = bytes.chunks_exact(WORD as usize);
        for c in &mut chunks {
            let mut w = [0; WORD as usize];
            w.copy_from_slice(c);
            self.set_word(at, Word::from_le_bytes(w));
            at = at.offset_w(1);
        }
        for (i, b) in chunks.remainder().iter().enumerate() {
            self.set_u8(at + i as u32, *b);
        }
    }

    /// Copies `out.len()` bytes out of memory from `a` on.
    pub fn read_bytes(&self, a: Addr, out: &mut [u8]) {
        for (i, b) in out.iter_mut().enumerate() {
            *b = self.u8(a + i as u32);
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    //! Guest memory, which this module shares with everything else in the guest.

    use super::*;

    /// The memory of the guest: a value of no size, because there is only one.
    #[derive(Debug)]
    pub struct Mem(());

    macro_rules! access {
        ($($load:ident $store:ident $t:ty;)*) => {$(
            #[doc = concat!("The `", stringify!($t), "` at `a`, which need not be aligned.")]
            #[inline(always)]
            pub fn $load(&self, a: Addr) -> $t {
                // SAFETY: the machine keeps Haskell's memory apart from Rust's own objects, and a wasm load of
                // any 32-bit address either reads committed guest memory or traps (DESIGN §7).
                unsafe { (a.0 as usize as *const $t).read_unaligned() }
            }

            #[doc = concat!("Stores `v` at `a`, which need not be aligned.")]
            #[inline(always)]
            pub fn $store(&mut self, a: Addr, v: $t) {
                // SAFETY: as for the load; a hostile address can corrupt the guest, never the host (DESIGN §1).
                unsafe { (a.0 as usize as *mut $t).write_unaligned(v) }
            }
        )*};
    }

    impl Mem {
        /// The guest's memory.
        ///
        /// # Safety
        /// 1. At most one machine may use it.
        pub unsafe fn guest() -> Mem {
            Mem(())
        }

        access! {
            word set_word Word;
            u32 set_u32 u32;
            u16 set_u16 u16;
            u8 set_u8 u8;
        }

        /// The `u32` at `a`, which is aligned, and which another thread of the host may change at any time.
        #[inline(always)]
        pub fn volatile_u32(&self, a: Addr) -> u32 {
            // SAFETY: as for the loads above.
            unsafe { (a.0 as usize as *const u32).read_volatile() }
        }

        /// Stores `v` at `a`, which is aligned, where another thread of the host will look for it.
        #[inline(always)]
        pub fn set_volatile_u32(&mut self, a: Addr, v: u32) {
            // SAFETY: as for the stores above.
            unsafe { (a.0 as usize as *mut u32).write_volatile(v) }
        }

        /// Always none: a fault in the guest is a trap.
        #[inline(always)]
        pub fn fault(&self) -> Option<Addr> {
            None
        }

        /// Nothing to forget in the guest.
        pub fn clear_fault(&mut self) {}

        /// Always 0: the sandbox's host writes to guest memory itself.
        #[inline(always)]
        pub fn stop_asked(&self) -> u32 {
            0
        }

        /// Nothing to take back.
        pub fn clear_stop(&mut self) {}
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod arena {
    //! Memory of the internal backend: one zeroed allocation, of which the system commits what is touched.

    use super::*;
    use alloc::sync::Arc;
    use alloc::vec;
    use alloc::vec::Vec;
    use core::cell::Cell;
    use core::sync::atomic::{AtomicU32, Ordering};

    /// An arena of bytes addressed from zero; the first 64 KiB are never accessible, as in the guest.
    pub struct Mem {
        bytes: Vec<u8>,
        fault: Cell<Option<Addr>>,
        stop: StopFlag,
    }

    /// Asks the machine that owns an arena to stop, from any thread: a reason of `abi::stop`.
    #[derive(Clone, Debug, Default)]
    pub struct StopFlag(Arc<AtomicU32>);

    impl StopFlag {
        /// Asks for a stop.
        pub fn set(&self, reason: u32) {
            self.0.store(reason, Ordering::Relaxed);
        }

        /// What was asked for last, unless it was answered.
        pub fn get(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl core::fmt::Debug for Mem {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(f, "Mem({} bytes, fault {:?})", self.bytes.len(), self.fault.get())
        }
    }

    macro_rules! access {
        ($($load:ident $store:ident $t:ty;)*) => {$(
            #[doc = concat!("The `", stringify!($t), "` at `a`, which need not be aligned; 0 outside the arena.")]
            #[inline(always)]
            pub fn $load(&self, a: Addr) -> $t {
                const N: usize = size_of::<$t>();
                let i = a.0 as usize;
                match self.bytes.get(i..i + N) {
                    Some(b) if i >= NULL_PAGES => {
                        let mut raw = [0; N];
                        raw.copy_from_slice(b);
                        <$t>::from_le_bytes(raw)
                    }
                    _ => self.fail(a) as $t,
                }
            }

            #[doc = "Stores `v` at `a`, which need not be aligned; outside the arena nothing is stored."]
            #[inline(always)]
            pub fn $store(&mut self, a: Addr, v: $t) {
                const N: usize = size_of::<$t>();
                let i = a.0 as usize;
                match self.bytes.get_mut(i..i + N) {
                    Some(b) if i >= NULL_PAGES => b.copy_from_slice(&v.to_le_bytes()),
                    _ => {
                        self.fail(a);
                    }
                }
            }
        )*};
    }

    const NULL_PAGES: usize = crate::abi::map::NULL_END as usize;

    impl Mem {
        /// An arena that ends at address `end`.
        pub fn arena(end: u32) -> Mem {
            Mem { bytes: vec![0; end as usize], fault: Cell::new(None), stop: StopFlag::default() }
        }

        access! {
            word set_word Word;
            u32 set_u32 u32;
            u16 set_u16 u16;
            u8 set_u8 u8;
        }

        /// As [`Mem::u32`]: nobody else looks at an arena.
        #[inline(always)]
        pub fn volatile_u32(&self, a: Addr) -> u32 {
            self.u32(a)
        }

        /// As [`Mem::set_u32`].
        #[inline(always)]
        pub fn set_volatile_u32(&mut self, a: Addr, v: u32) {
            self.set_u32(a, v);
        }

        /// The first bad address since the last [`Mem::clear_fault`], if any.
        #[inline(always)]
        pub fn fault(&self) -> Option<Addr> {
            self.fault.get()
        }

        /// Forgets a fault once it has been reported.
        pub fn clear_fault(&mut self) {
            self.fault.set(None);
        }

        /// The flag by which other threads ask for a stop.
        pub fn stop_flag(&self) -> StopFlag {
            self.stop.clone()
        }

        /// The reason another thread gave for a stop; 0 if none did.
        #[inline(always)]
        pub fn stop_asked(&self) -> u32 {
            self.stop.0.load(Ordering::Relaxed)
        }

        /// Takes the request back.
        pub fn clear_stop(&mut self) {
            self.stop.set(0);
        }

        #[cold]
        fn fail(&self, a: Addr) -> u64 {
            if self.fault.get().is_none() {
                self.fault.set(Some(a));
            }
            // Whoever runs looks at the fault when it stops.
            self.stop.set(crate::abi::stop::YIELD);
            0
        }
    }
}
