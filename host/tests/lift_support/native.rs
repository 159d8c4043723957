//! Running machine code on the real processor: memory at the guest's addresses, and a call.

use std::sync::{Mutex, MutexGuard, OnceLock};

use bcvm_host::lift::BASE_REG;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

use super::{CODE, CODE_LEN, DATA, DATA_LEN};

/// The process's one set of mappings; whoever holds the lock may use them.
pub struct Native(());

static NATIVE: OnceLock<Mutex<Native>> = OnceLock::new();

/// Takes the mappings, making them first if need be.
pub fn native() -> MutexGuard<'static, Native> {
    let make = || {
        for (start, len, extra) in [(CODE, CODE_LEN, ProtFlags::EXEC), (DATA, DATA_LEN, ProtFlags::empty())] {
            let protection = ProtFlags::READ | ProtFlags::WRITE | extra;
            let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
            // SAFETY: FIXED_NOREPLACE maps nothing over what exists.
            let mapped = unsafe { mmap_anonymous(start as usize as *mut _, len, protection, flags) };
            assert_eq!(mapped.expect("low memory is free") as usize, start as usize);
        }
        Mutex::new(Native(()))
    };
    NATIVE.get_or_init(make).lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Maps the page of the register table, which Haskell code finds through r13.
pub fn map_register_table() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
        // SAFETY: FIXED_NOREPLACE maps nothing over what exists.
        let mapped =
            unsafe { mmap_anonymous(TABLE_PAGE as usize as *mut _, 4096, ProtFlags::READ | ProtFlags::WRITE, flags) };
        assert_eq!(mapped.expect("low memory is free") as usize, TABLE_PAGE as usize);
    });
}

/// The page that holds the register table.
const TABLE_PAGE: u32 = BASE_REG & !4095;

impl Native {
    fn check(address: u32, len: usize) {
        let within = |start: u32, room: usize| address >= start && (address - start) as usize + len <= room;
        assert!(within(CODE, CODE_LEN) || within(DATA, DATA_LEN) || within(TABLE_PAGE, 4096), "outside the mappings");
    }

    /// The bytes at a guest address.
    pub fn bytes(&mut self, address: u32, len: usize) -> &mut [u8] {
        Self::check(address, len);
        // SAFETY: within a mapping that lives as long as the process, and `self` is held exclusively.
        unsafe { std::slice::from_raw_parts_mut(address as usize as *mut u8, len) }
    }

    /// Calls a C function without arguments. What it does to memory is the caller's responsibility: tests
    /// call only code that they assembled for this.
    pub fn call(&mut self, address: u32) -> u64 {
        Self::check(address, 1);
        // SAFETY: the mapping is executable and holds code made by a compiler or by the form tests'
        // frame, which keep to the C convention and to the mapped data.
        unsafe {
            let function: extern "C" fn() -> u64 = std::mem::transmute(address as usize);
            function()
        }
    }

    /// Calls a C function with integer arguments.
    pub fn call_with(&mut self, address: u32, a: [u64; 4]) -> u64 {
        Self::check(address, 1);
        // SAFETY: as for `call`.
        unsafe {
            let function: extern "C" fn(u64, u64, u64, u64) -> u64 = std::mem::transmute(address as usize);
            function(a[0], a[1], a[2], a[3])
        }
    }
}
