//! The global allocator: dlmalloc over the fixed range that [`bcvm::abi`] sets aside for Rust, committed on demand.
//!
//! Invariant: `ALLOCATOR_BUSY` is non-zero exactly while dlmalloc works on its lists, so that the host can tell a trap
//! that happened there (after which nothing in the guest can be trusted) from one in the program.
//! The Haskell heap does not come from here.

use bcvm::abi::{ALLOCATOR_BUSY, DATA_END, PAGE};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::ptr;
use dlmalloc::Dlmalloc;

use crate::imports::{commit, decommit};

/// Where dlmalloc gets its memory: it grows from the end of Rust's data to the end of the range, without holes.
struct Range {
    /// End of what is committed; 0 before the first use.
    top: Cell<u32>,
}

unsafe extern "C" {
    /// Set by the linker to the end of data and zero-initialised statics. Only its address means anything.
    static __heap_base: u8;
}

impl Range {
    fn top(&self) -> u32 {
        if self.top.get() == 0 {
            let end = (&raw const __heap_base) as u32;
            self.top.set(end.next_multiple_of(PAGE));
        }
        self.top.get()
    }

    /// Gives back everything from `new_top` on, if `old_top` is where the committed part ends.
    fn shrink(&self, new_top: u32, old_top: u32) -> bool {
        if old_top != self.top() || !new_top.is_multiple_of(PAGE) {
            return false;
        }
        decommit(new_top, old_top - new_top);
        self.top.set(new_top);
        true
    }
}

// SAFETY: `alloc` hands out committed, zeroed memory that was not handed out before, since `top` only moves back over
// memory that dlmalloc has given back.
unsafe impl dlmalloc::Allocator for Range {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let failed = (ptr::null_mut(), 0, 0);
        let top = self.top();
        let Some(len) = u32::try_from(size).ok().and_then(|n| n.checked_next_multiple_of(PAGE)) else {
            return failed;
        };
        if len > DATA_END - top || commit(top, len) == 0 {
            return failed;
        }
        self.top.set(top + len);
        (top as *mut u8, len as usize, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, ptr: *mut u8, oldsize: usize, newsize: usize) -> bool {
        self.shrink(ptr as u32 + newsize as u32, ptr as u32 + oldsize as u32)
    }

    fn free(&self, ptr: *mut u8, size: usize) -> bool {
        self.shrink(ptr as u32, ptr as u32 + size as u32)
    }

    fn can_release_part(&self, _: u32) -> bool {
        true
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE as usize
    }
}

struct Guest(UnsafeCell<Dlmalloc<Range>>);

// SAFETY: the guest has one thread.
unsafe impl Sync for Guest {}

#[global_allocator]
static GLOBAL: Guest = Guest(UnsafeCell::new(Dlmalloc::new_with_allocator(Range { top: Cell::new(0) })));

impl Guest {
    fn busy<T>(&self, work: impl FnOnce(&mut Dlmalloc<Range>) -> T) -> T {
        let flag = ALLOCATOR_BUSY as *mut u32;
        // SAFETY: the flag lies in the RTS region, which is committed before the guest starts and is no Rust object.
        // One thread, and dlmalloc calls nothing that allocates, so the reference to it is the only one.
        unsafe {
            flag.write_volatile(1);
            let result = work(&mut *self.0.get());
            flag.write_volatile(0);
            result
        }
    }
}

// SAFETY: dlmalloc's functions have the contract of `GlobalAlloc`'s, with size and alignment passed apart.
unsafe impl GlobalAlloc for Guest {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for the impl.
        self.busy(|dl| unsafe { dl.malloc(layout.size(), layout.align()) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for the impl.
        self.busy(|dl| unsafe { dl.calloc(layout.size(), layout.align()) })
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as for the impl.
        self.busy(|dl| unsafe { dl.free(ptr, layout.size(), layout.align()) });
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as for the impl.
        self.busy(|dl| unsafe { dl.realloc(ptr, layout.size(), layout.align(), new_size) })
    }
}
