//! Guest memory: the engine's own mapping of 4 GiB and a guard, of which only what was committed is accessible.
//!
//! Invariants: a page is accessible exactly if it is in `pages` and the memory is not closed, and writable but for what is in
//! `constant`; every access by the host is checked against these and made under the lock that closing takes, so the host never faults on guest memory.
//! All `unsafe` on guest memory is here. When to close is decided in `stop`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::io;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bcvm::abi;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, munmap};
use thiserror::Error;
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::error::EmbedError;
use super::package::Image;
use super::pages::PageSet;

/// All that a 32-bit address reaches.
pub(super) const RESERVED_BYTES: u64 = 1 << 32;
/// What follows it, never accessible. A wasm access is a 32-bit address plus a 32-bit constant, so with this much guard
/// compiled code needs no bounds check, whatever the constant. It is address space only.
pub(super) const GUARD_BYTES: u64 = 1 << 32;

/// The kernel's larger page size, and room to align to it.
const HUGE_PAGE: usize = 2 << 20;
/// What is asked of the kernel.
const MAPPED_BYTES: usize = (RESERVED_BYTES + GUARD_BYTES) as usize + HUGE_PAGE;

/// Each run of committed pages is a mapping of its own to the kernel, which allows a process some 65,000 of them. A
/// guest that commits every other page must not use up those of its host.
const MAX_RUNS: u32 = 1024;
/// The same for all guests of the process together: a quarter of what the kernel allows, as a hole is a mapping too.
const MAX_RUNS_OF_ALL: u32 = 16_384;
/// How many there are. The one number that sandboxes share, since the kernel's limit is shared.
static RUNS_OF_ALL: AtomicU32 = AtomicU32::new(0);

/// Why the host did not do what it was asked to do to guest memory.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// The range is not made of whole pages, or lies outside what may ever be committed.
    #[error("{action} of {len:#x} bytes at {addr:#x}: not whole pages between the null page and the top page")]
    BadRange {
        /// What was asked for.
        action: &'static str,
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// The stack, the RTS region and the data of the guest stay.
    #[error("decommit of {len:#x} bytes at {addr:#x}, which belong to the guest's fixed part")]
    Fixed {
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// Some byte of the range can be read only.
    #[error("{action} of {len:#x} bytes at {addr:#x}: they are constant")]
    Constant {
        /// What was asked for.
        action: &'static str,
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// Some byte of the range is not accessible.
    #[error("{action} of {len:#x} bytes at {addr:#x}: not all of it is committed")]
    Uncommitted {
        /// What was asked for.
        action: &'static str,
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// The range is not where packages lie, or what should go there does not fit.
    #[error("an image of {len:#x} bytes at {addr:#x}: not within the range of packages, or longer than its place")]
    Image {
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// The kernel does not do it.
    #[error("{action} of {len:#x} bytes at {addr:#x}: {reason}")]
    Kernel {
        /// What was asked for.
        action: &'static str,
        /// Start of the range.
        addr: u32,
        /// Its length in bytes.
        len: u32,
        /// What it says.
        reason: String,
    },
    /// The guest is being stopped, and its memory is closed until it has.
    #[error("guest memory is closed because the program is being stopped")]
    Closed,
}

/// The mapping itself. Shared by wasmtime, the sandbox and whoever may stop it.
pub(super) struct Mapping {
    /// What the kernel gave.
    start: *mut u8,
    /// Address 0 of the guest: the first multiple of a huge page from there.
    base: NonNull<u8>,
    state: Mutex<State>,
}

struct State {
    pages: PageSet,
    /// Most pages that may be committed, packages not counted.
    limit: u32,
    /// How many of `pages` belong to packages.
    package_pages: u32,
    /// Parts of committed pages that can be read only: from the first address to the last, in units of the kernel.
    constant: BTreeMap<u32, u32>,
    /// Pages below this address are never given back.
    fixed_end: u32,
    /// No page is accessible, whatever `pages` says.
    closed: bool,
    /// How many calls use it at present that must not find it closed.
    lent: u32,
    /// A commit was refused since [`Mapping::take_limit_reached`] asked last.
    limit_reached: bool,
}

impl State {
    /// Whether there should be no more holes. A guest's first run is always granted.
    fn has_too_many_runs(&self) -> bool {
        let own = self.pages.run_count();
        own >= MAX_RUNS || (own > 0 && RUNS_OF_ALL.load(Ordering::Relaxed) >= MAX_RUNS_OF_ALL)
    }

    /// Whether some of these bytes can be read only.
    fn is_constant(&self, addr: u32, len: u32) -> bool {
        let last = addr.saturating_add(len.saturating_sub(1));
        len > 0 && self.constant.range(..=last).next_back().is_some_and(|(_, end)| *end > addr)
    }

    fn change_pages(&mut self, change: impl FnOnce(&mut PageSet)) {
        RUNS_OF_ALL.fetch_sub(self.pages.run_count(), Ordering::Relaxed);
        change(&mut self.pages);
        RUNS_OF_ALL.fetch_add(self.pages.run_count(), Ordering::Relaxed);
    }
}

// SAFETY: the pointer is to a mapping that lives as long as `Mapping`. The host dereferences it under the lock only, or
// atomically; that wasm code on another thread accesses the same memory is the reason for `GuestMemory` below.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Reserves address space and commits what the guest needs to start: everything from its stack to `fixed_end`.
    pub(super) fn new(limit: u64, fixed_end: u32) -> Result<Arc<Mapping>, EmbedError> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory of ours.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), MAPPED_BYTES, ProtFlags::empty(), flags) };
        let start = start.map_err(|e| EmbedError::Reserve(e.into()))?.cast::<u8>();
        let padding = start.align_offset(HUGE_PAGE);
        // SAFETY: less than a huge page, which `MAPPED_BYTES` has to spare.
        let base = NonNull::new(unsafe { start.add(padding) })
            .ok_or_else(|| EmbedError::Reserve(io::ErrorKind::OutOfMemory.into()))?;
        let state = State {
            pages: PageSet::new(),
            limit: u32::try_from(limit / u64::from(abi::PAGE)).unwrap_or(u32::MAX),
            package_pages: 0,
            constant: BTreeMap::new(),
            fixed_end: 0,
            closed: false,
            lent: 0,
            limit_reached: false,
        };
        let mapping = Arc::new(Mapping { start, base, state: Mutex::new(state) });
        let fixed_end = fixed_end.next_multiple_of(abi::PAGE);
        let needed = fixed_end - abi::STACK_START;
        if mapping.commit(abi::STACK_START, needed) != Ok(true) {
            return Err(EmbedError::LimitTooSmall { limit, needed: u64::from(needed) });
        }
        mapping.lock().fixed_end = fixed_end;
        Ok(mapping)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics half-way through a change of the state, so a poisoned lock still guards a good one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is where wasm code sees address 0.
    pub(super) fn is_at(&self, base: *mut u8) -> bool {
        self.base.as_ptr() == base
    }

    /// Makes pages accessible. False, and nothing changed, if a limit was reached.
    pub(super) fn commit(&self, addr: u32, len: u32) -> Result<bool, MemoryError> {
        let pages = whole_pages("commit", addr, len)?;
        let mut state = self.lock();
        if state.closed {
            return Err(MemoryError::Closed);
        }
        if is_in_packages(&pages) {
            return Err(MemoryError::BadRange { action: "commit", addr, len });
        }
        let full = state.pages.count() - state.package_pages + state.pages.missing(pages.clone()) > state.limit;
        let torn = state.has_too_many_runs() && state.pages.is_apart(pages.clone());
        if full || torn || self.protect(pages.clone(), rw()).is_err() {
            state.limit_reached = true;
            return Ok(false);
        }
        state.change_pages(|set| set.insert(pages));
        Ok(true)
    }

    /// Gives pages back. Where that would tear too many holes, they stay committed, but are zero again all the same.
    pub(super) fn decommit(&self, addr: u32, len: u32) -> Result<(), MemoryError> {
        let pages = whole_pages("decommit", addr, len)?;
        let mut state = self.lock();
        if state.closed {
            return Err(MemoryError::Closed);
        }
        if addr < state.fixed_end || is_in_packages(&pages) {
            return Err(MemoryError::Fixed { addr, len });
        }
        let uncommitted = MemoryError::Uncommitted { action: "decommit", addr, len };
        if !state.pages.contains_all(pages.clone()) {
            return Err(uncommitted);
        }
        // SAFETY: the range lies inside our mapping, and only wasm code and this module look at what is in it.
        let emptied = unsafe { madvise(self.at(addr), len as usize, Advice::LinuxDontNeed) };
        emptied.map_err(|_| uncommitted)?;
        let torn = state.has_too_many_runs() && state.pages.is_enclosed(pages.clone());
        if !torn && self.protect(pages.clone(), MprotectFlags::empty()).is_ok() {
            state.change_pages(|set| set.remove(pages));
        }
        Ok(())
    }

    /// Puts an image where packages lie, with zeros behind it up to `len` bytes. What was there before is gone. These pages
    /// do not count as the program's.
    pub(super) fn place_image(&self, addr: u32, len: u32, image: &Image) -> Result<(), MemoryError> {
        let misplaced = MemoryError::Image { addr, len };
        let action = "placing an image";
        let len = len.checked_next_multiple_of(abi::PAGE).ok_or(misplaced.clone())?;
        let pages = whole_pages(action, addr, len)?;
        let image_len = match image {
            Image::Bytes(bytes) => u32::try_from(bytes.len()).ok(),
            Image::File { len, .. } => Some(*len).filter(|len| len.is_multiple_of(abi::PAGE)),
        };
        let within = addr >= abi::PACKAGES_START && addr + len <= abi::PACKAGES_END;
        if !within || image_len.is_none_or(|image_len| image_len > len) {
            return Err(misplaced);
        }
        let mut state = self.lock();
        if state.closed {
            return Err(MemoryError::Closed);
        }
        let failed = |reason: String| MemoryError::Kernel { action, addr, len, reason };
        if state.has_too_many_runs() && state.pages.is_apart(pages.clone()) {
            return Err(failed("guest memory is in too many pieces".to_owned()));
        }
        let (prot, fixed) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::FIXED);
        // SAFETY: the range lies inside our reservation, which holds no Rust object, and wasm code does not run.
        let zeroed = unsafe { mmap_anonymous(self.at(addr), len as usize, prot, fixed | MapFlags::NORESERVE) };
        zeroed.map_err(|e| failed(e.to_string()))?;
        state.constant.retain(|start, _| !(addr..addr + len).contains(start));
        let missing = state.pages.missing(pages.clone());
        state.package_pages += missing;
        state.change_pages(|set| set.insert(pages));
        match image {
            // SAFETY: `bytes` is no longer than the range, which is writable and not Rust's.
            Image::Bytes(bytes) => unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(addr).cast(), bytes.len())
            },
            Image::File { len: 0, .. } => {}
            Image::File { file, len: mapped } => {
                // SAFETY: as above; `mapped` is at most `len`.
                let mapped = unsafe { mmap(self.at(addr), *mapped as usize, prot, fixed, file, 0) };
                mapped.map_err(|e| failed(e.to_string()))?;
            }
        }
        Ok(())
    }

    /// Makes bytes of the fixed part or of a package unwritable, as far as they fill pages of the kernel. A program that
    /// would overwrite info tables traps there, and harms nobody but itself.
    pub(super) fn make_constant(&self, addr: u32, len: u32) -> Result<(), MemoryError> {
        const UNIT: u32 = 4096;
        let action = "making constant";
        let bad = MemoryError::BadRange { action, addr, len };
        let end = addr.checked_add(len).ok_or(bad.clone())? / UNIT * UNIT;
        let start = addr.checked_next_multiple_of(UNIT).ok_or(bad.clone())?;
        if end <= start {
            return Ok(());
        }
        let mut state = self.lock();
        let pages = start / abi::PAGE..end.div_ceil(abi::PAGE);
        let is_kept = end <= state.fixed_end || is_in_packages(&pages);
        if state.closed || !is_kept || !state.pages.contains_all(pages) {
            return Err(bad);
        }
        let failed = |e: io::Error| MemoryError::Kernel { action, addr, len, reason: e.to_string() };
        self.protect_bytes(start, end - start, MprotectFlags::READ).map_err(failed)?;
        state.constant.insert(start, end);
        Ok(())
    }

    /// Makes all of it inaccessible, contents intact, so that wasm code traps at its next access. See
    /// Note [Stopping without epochs] in `stop`. Fails while it is lent.
    pub(super) fn close(&self) -> io::Result<()> {
        let mut state = self.lock();
        if state.lent > 0 {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.protect(0..(RESERVED_BYTES / u64::from(abi::PAGE)) as u32, MprotectFlags::empty())?;
        state.closed = true;
        Ok(())
    }

    /// Undoes [`close`](Mapping::close). To be called when no wasm code runs.
    pub(super) fn open(&self) -> io::Result<()> {
        let mut state = self.lock();
        if state.closed {
            for run in state.pages.runs() {
                self.protect(run, rw())?;
            }
            for (start, end) in &state.constant {
                self.protect_bytes(*start, end - start, MprotectFlags::READ)?;
            }
            state.closed = false;
        }
        Ok(())
    }

    /// Writes a stop reason where the machine looks for it, and has it look soon.
    pub(super) fn ask_to_stop(&self, reason: u32) {
        let state = self.lock();
        if !state.closed {
            self.word32(&state, abi::INTERRUPT).store(reason, Ordering::SeqCst);
            self.end_turn(&state);
        }
    }

    /// Has the machine let another thread run. There is no reason to be written for that: the machine may be about to take
    /// another away, and would take this one for that.
    pub(super) fn ask_to_switch(&self) {
        let state = self.lock();
        if !state.closed {
            self.end_turn(&state);
        }
    }

    /// Writes zero to HpLim, so that the running thread comes to a safe point soon. Memory is not closed.
    fn end_turn(&self, _: &State) {
        // SAFETY: committed and kept (below `fixed_end`), accessible (not closed, and our caller holds the lock), and
        // aligned; whoever else touches the word is wasm code.
        let hp_lim = unsafe { AtomicU64::from_ptr(self.at(abi::HP_LIM).cast()) };
        hp_lim.store(0, Ordering::SeqCst);
    }

    /// The stop reason the machine has not obeyed yet.
    pub(super) fn asked_to_stop(&self) -> u32 {
        self.flag(abi::INTERRUPT)
    }

    /// Takes back what was asked of an earlier request.
    pub(super) fn forget_stop(&self) {
        let state = self.lock();
        if !state.closed {
            self.word32(&state, abi::INTERRUPT).store(abi::stop::NONE, Ordering::SeqCst);
        }
    }

    /// Bytes committed at present, those of packages not counted.
    pub(super) fn committed_bytes(&self) -> u64 {
        let state = self.lock();
        u64::from(state.pages.count() - state.package_pages) * u64::from(abi::PAGE)
    }

    /// Whether the guest says that its collector, scheduler or allocator is at work. Not to be relied on: a hostile
    /// program can write the flags.
    pub(super) fn runtime_is_busy(&self) -> bool {
        self.flag(abi::RUNTIME_BUSY) != 0 || self.flag(abi::ALLOCATOR_BUSY) != 0
    }

    fn flag(&self, addr: u32) -> u32 {
        let state = self.lock();
        if state.closed { 0 } else { self.word32(&state, addr).load(Ordering::SeqCst) }
    }

    /// One of the words of [`abi`] in the RTS region, for as long as the lock is held.
    fn word32<'a>(&'a self, state: &'a MutexGuard<'_, State>, addr: u32) -> &'a AtomicU32 {
        assert!(!state.closed && (abi::RTS_START..abi::RTS_END).contains(&addr) && addr.is_multiple_of(4));
        // SAFETY: the RTS region is committed and kept (below `fixed_end`); it is accessible, as the memory is not
        // closed and the caller holds the lock; the word is aligned, and whoever else touches it is wasm code.
        unsafe { AtomicU32::from_ptr(self.at(addr).cast()) }
    }

    fn at(&self, addr: u32) -> *mut c_void {
        // SAFETY: any 32-bit offset lies inside the reservation.
        unsafe { self.base.add(addr as usize).as_ptr().cast() }
    }

    fn protect(&self, pages: Range<u32>, flags: MprotectFlags) -> io::Result<()> {
        let len = pages.len() * abi::PAGE as usize;
        let start = pages.start * abi::PAGE;
        // SAFETY: page numbers are below 65536, so the range lies inside our reservation, which holds no Rust object.
        unsafe { mprotect(self.at(start), len, flags).map_err(io::Error::from) }
    }

    fn protect_bytes(&self, start: u32, len: u32, flags: MprotectFlags) -> io::Result<()> {
        // SAFETY: the range lies inside our reservation, which holds no Rust object.
        unsafe { mprotect(self.at(start), len as usize, flags).map_err(io::Error::from) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        RUNS_OF_ALL.fetch_sub(self.lock().pages.run_count(), Ordering::Relaxed);
        // SAFETY: this is the mapping `new` made; wasmtime's share of it is an `Arc` and is gone too.
        // It cannot fail for a range that is mapped.
        let _ = unsafe { munmap(self.start.cast(), MAPPED_BYTES) };
    }
}

fn rw() -> MprotectFlags {
    MprotectFlags::READ | MprotectFlags::WRITE
}

/// Whether some page of a range is where packages lie, which only [`Mapping::place_image`] changes.
fn is_in_packages(pages: &Range<u32>) -> bool {
    pages.start < abi::PACKAGES_END / abi::PAGE && abi::PACKAGES_START / abi::PAGE < pages.end
}

/// The page numbers of a range that may be committed.
fn whole_pages(action: &'static str, addr: u32, len: u32) -> Result<Range<u32>, MemoryError> {
    let bad = MemoryError::BadRange { action, addr, len };
    let end = addr.checked_add(len).ok_or(bad.clone())?;
    let aligned = addr.is_multiple_of(abi::PAGE) && len.is_multiple_of(abi::PAGE);
    if !aligned || addr < abi::NULL_END || end > abi::HEAP_END {
        return Err(bad);
    }
    Ok(addr / abi::PAGE..end / abi::PAGE)
}

/// Guest memory as the host reads and writes it: owned by the store, hence only within reach when no wasm code runs on
/// another thread.
pub struct GuestMemory(Arc<Mapping>);

impl GuestMemory {
    pub(super) fn new(mapping: Arc<Mapping>) -> GuestMemory {
        GuestMemory(mapping)
    }

    pub(super) fn mapping(&self) -> &Arc<Mapping> {
        &self.0
    }

    /// A copy of `len` bytes at `addr`, if all of them are committed.
    pub fn read(&self, addr: u32, len: u32) -> Result<Vec<u8>, MemoryError> {
        self.access("read", addr, len, |from| {
            // SAFETY: `access` promises `len` readable bytes, which no one changes while we look: wasm code does not
            // run, or has called us and waits.
            unsafe { std::slice::from_raw_parts(from, len as usize) }.to_vec()
        })
    }

    /// Writes `bytes` at `addr`, if all of it is committed.
    pub fn write(&self, addr: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        let too_long = MemoryError::BadRange { action: "write", addr, len: u32::MAX };
        let len = u32::try_from(bytes.len()).map_err(|_| too_long)?;
        if self.0.lock().is_constant(addr, len) {
            return Err(MemoryError::Constant { action: "write", addr, len });
        }
        self.access("write", addr, len, |to| {
            // SAFETY: `access` promises `len` writable bytes; they are outside Rust's memory, so nothing overlaps.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) }
        })
    }

    /// Whether all of these bytes are committed.
    pub fn check(&self, addr: u32, len: u32) -> Result<(), MemoryError> {
        self.access("access", addr, len, |_| ())
    }

    /// Bytes committed at present, those of packages not counted.
    pub fn committed_bytes(&self) -> u64 {
        self.0.committed_bytes()
    }

    /// Bytes that packages take up, shared or not.
    pub fn package_bytes(&self) -> u64 {
        u64::from(self.0.lock().package_pages) * u64::from(abi::PAGE)
    }

    /// Whether a commit was refused since this was asked last.
    pub fn take_limit_reached(&self) -> bool {
        std::mem::take(&mut self.0.lock().limit_reached)
    }

    /// Calls `with` with a pointer to `len` accessible bytes, which stay accessible while it runs.
    fn access<T>(
        &self,
        action: &'static str,
        addr: u32,
        len: u32,
        with: impl FnOnce(*mut u8) -> T,
    ) -> Result<T, MemoryError> {
        let state = self.0.lock();
        if state.closed {
            return Err(MemoryError::Closed);
        }
        // An empty range needs no page; the dangling end of the address space is no problem either.
        let last = u64::from(addr) + u64::from(len);
        let pages = addr / abi::PAGE..last.div_ceil(u64::from(abi::PAGE)) as u32;
        if last > RESERVED_BYTES || (len > 0 && !state.pages.contains_all(pages)) {
            return Err(MemoryError::Uncommitted { action, addr, len });
        }
        let result = with(self.0.at(addr).cast());
        drop(state);
        Ok(result)
    }
}

thread_local! {
    /// The mapping the next wasm memory made on this thread shall be.
    static STAGED: RefCell<Option<Arc<Mapping>>> = const { RefCell::new(None) };
}

/// Runs `make`, in which wasmtime asks [`Creator`] for a memory, and has it answered with this mapping.
pub(super) fn with_staged<T>(mapping: &Arc<Mapping>, make: impl FnOnce() -> T) -> T {
    STAGED.set(Some(Arc::clone(mapping)));
    let result = make();
    STAGED.set(None);
    result
}

/// What wasmtime asks for memories. It hands out staged mappings only, so no module can make a memory of its own.
pub(super) struct Creator;

// SAFETY: what is handed out is 4 GiB of reservation, zero-filled, with the guard that the engine's configuration names
// (checked here); it never moves, and lives as long as any `Arc` of it. The host changes it as `GuestMemory` says.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        reserved_size_in_bytes: Option<usize>,
        guard_size_in_bytes: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let mapping = STAGED.take().ok_or("this engine makes no memory but that of a sandbox")?;
        let full = RESERVED_BYTES as usize;
        if minimum != full || maximum != Some(full) || reserved_size_in_bytes.is_some_and(|n| n > full) {
            return Err("guest memory has all of 4 GiB".to_owned());
        }
        if guard_size_in_bytes as u64 > GUARD_BYTES {
            return Err(format!("{guard_size_in_bytes} bytes of guard were asked for, {GUARD_BYTES} are there"));
        }
        Ok(Box::new(Linear(mapping)))
    }
}

struct Linear(Arc<Mapping>);

// SAFETY: size and pointer are constant. Not all of it is accessible, which wasmtime does not rely on for wasm code
// (faults in the range are traps); its own code would touch it only for bulk instructions and active data segments, see
// Note [A guest without bulk memory] in `xtask/src/guest_toolchain.rs` and `instance`.
unsafe impl LinearMemory for Linear {
    fn byte_size(&self) -> usize {
        RESERVED_BYTES as usize
    }

    fn byte_capacity(&self) -> usize {
        RESERVED_BYTES as usize
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size <= self.byte_size() { Ok(()) } else { Err(wasmtime::Error::msg("guest memory cannot grow")) }
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.base.as_ptr()
    }
}

mod lend;

#[cfg(test)]
mod tests;
