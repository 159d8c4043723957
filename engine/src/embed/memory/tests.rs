//! What committing, closing and the fixed part mean for the host. That the rest traps in wasm is tested with a guest.

use super::{GuestMemory, Mapping, MemoryError, with_staged};
use crate::native::Lent;
use crate::os::Memory;
use bcvm::abi;
use std::sync::Arc;

fn memory() -> GuestMemory {
    GuestMemory::new(Mapping::new(8 << 20, abi::DATA_START).expect("a mapping"))
}

#[test]
fn closed_memory_is_out_of_reach_and_keeps_its_contents() {
    let memory = memory();
    let mapping = Arc::clone(memory.mapping());
    assert_eq!(mapping.commit(abi::HEAP_START, abi::PAGE), Ok(true));
    memory.write(abi::HEAP_START, b"kept").expect("open");
    mapping.close().expect("closed");
    assert_eq!(memory.read(abi::HEAP_START, 4), Err(MemoryError::Closed));
    assert_eq!(memory.write(abi::HEAP_START, b"x"), Err(MemoryError::Closed));
    assert_eq!(mapping.commit(abi::HEAP_START, abi::PAGE), Err(MemoryError::Closed));
    assert_eq!(mapping.decommit(abi::HEAP_START, abi::PAGE), Err(MemoryError::Closed));
    mapping.ask_to_stop(abi::stop::DEADLINE);
    mapping.forget_stop();
    assert_eq!((mapping.asked_to_stop(), mapping.runtime_is_busy()), (abi::stop::NONE, false));
    mapping.open().expect("open");
    assert_eq!(memory.read(abi::HEAP_START, 4).as_deref(), Ok(&b"kept"[..]));
}

#[test]
fn a_switch_of_threads_ends_no_call() {
    let memory = memory();
    memory.mapping().ask_to_switch();
    assert!(!Memory::stop_asked(&memory));
    for reason in [abi::stop::USER_INTERRUPT, abi::stop::DEADLINE] {
        memory.mapping().ask_to_stop(reason);
        // Nor does it take the place of a reason.
        memory.mapping().ask_to_switch();
        assert!(Memory::stop_asked(&memory), "{reason}");
    }
}

#[test]
fn ranges_across_a_gap_are_refused_whole() {
    let memory = memory();
    let mapping = memory.mapping();
    assert_eq!(mapping.commit(abi::HEAP_START, abi::PAGE), Ok(true));
    assert_eq!(mapping.commit(abi::HEAP_START + 2 * abi::PAGE, abi::PAGE), Ok(true));
    assert!(memory.read(abi::HEAP_START, 3 * abi::PAGE).is_err());
    assert!(mapping.decommit(abi::HEAP_START, 3 * abi::PAGE).is_err());
    memory.write(abi::HEAP_START + abi::PAGE - 1, &[1]).expect("the last byte before the gap");
    assert!(memory.write(abi::HEAP_START + abi::PAGE - 1, &[1, 2]).is_err());
}

#[test]
fn the_engine_makes_no_other_memory() {
    let engine = crate::embed::Engine::for_guest(
        crate::embed::GuestImage { wasm: b"\0asm\x01\0\0\0", heap_base: 0 },
        &crate::embed::Cache::Off,
    )
    .expect("an engine");
    let make = |pages: &str| {
        let text = format!("(module (memory {pages}))");
        let module = wasmtime::Module::new(engine.wasmtime(), wat::parse_str(text).expect("well-formed"));
        let mut store = wasmtime::Store::new(engine.wasmtime(), ());
        wasmtime::Instance::new(&mut store, &module.expect("compiled"), &[]).map(|_| ())
    };
    assert!(make("1").is_err() && make("65536 65536").is_err());
    let memory = memory();
    assert!(with_staged(memory.mapping(), || make("1")).is_err(), "not all of 4 GiB");
    assert!(with_staged(memory.mapping(), || make("65536 65536")).is_ok());
}

#[test]
fn what_is_lent_is_not_closed() {
    let memory = memory();
    let mapping = Arc::clone(memory.mapping());
    assert_eq!(mapping.commit(abi::HEAP_START, abi::PAGE), Ok(true));
    mapping.make_constant(abi::ENTRIES, abi::PAGE).expect("constant");
    let (first, second) = (memory.lend().expect("lent"), memory.lend().expect("lent twice"));
    let base = second.host_address(abi::HEAP_START, 4, true).expect("there");
    assert_eq!(second.guest_address(base + 5), Some(abi::HEAP_START + 5));
    assert_eq!(second.guest_address(base - abi::HEAP_START as usize - 1), None);
    assert_eq!(second.guest_address(base + (1 << 32)), None);
    for (addr, len, to_write, is_there) in [
        (abi::HEAP_START, u64::from(abi::PAGE), true, true),
        (abi::HEAP_START, u64::from(abi::PAGE) + 1, true, false),
        (abi::HEAP_START + abi::PAGE, 1, false, false),
        (abi::HEAP_START, u64::MAX, false, false),
        (abi::HEAP_START, 1 << 32, false, false),
        (0, 1, false, false),
        (u32::MAX, 1, false, false),
        (abi::ENTRIES, 8, false, true),
        (abi::ENTRIES, 8, true, false),
        (abi::ENTRIES - 4, 8, true, false),
    ] {
        assert_eq!(second.host_address(addr, len, to_write).is_some(), is_there, "{addr:#x} {len:#x} {to_write}");
    }
    assert!(mapping.close().is_err());
    drop(first);
    assert!(mapping.close().is_err());
    drop(second);
    mapping.close().expect("closed");
    assert_eq!(memory.lend().err(), Some(MemoryError::Closed));
}
