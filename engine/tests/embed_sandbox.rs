//! Requests, traps, limits and what is left after each, with a guest that can be asked to misbehave.

mod support;

use bcvm::abi;
use bcvm_engine::embed::{Aftermath, Cache, EmbedError, Engine, GuestImage, Limits, MemoryError, Sandbox, TrapKind};
use support::{FREE_PAGE, RECOVERIES, TRAP_IN_RECOVER, ask, engine, op, sandbox};

/// Asks for something that must trap, and answers how.
fn trap(sandbox: &mut Sandbox, op: u32, a: u32, b: u32) -> (TrapKind, Aftermath) {
    let trap = ask(sandbox, op, a, b).expect_err("a trap");
    (trap.kind, trap.aftermath)
}

fn check_alive(sandbox: &mut Sandbox) {
    let request = [&op::ECHO.to_le_bytes()[..], b"still here, eight more"].concat();
    assert_eq!(sandbox.request(&request, None).expect("a reply"), request);
}

#[test]
fn answers_requests() {
    let mut sandbox = sandbox();
    check_alive(&mut sandbox);
    assert_eq!(ask(&mut sandbox, op::STORE, 0x20_1000, 42), Ok(0));
    assert_eq!(ask(&mut sandbox, op::LOAD, 0x20_1000, 0), Ok(42));
}

#[test]
fn wild_addresses_are_told_and_survived() {
    let mut sandbox = sandbox();
    let places = [0, 8, 0xFFFF, 0x1000_0000, FREE_PAGE, abi::HEAP_END, u32::MAX - 3, u32::MAX];
    for (round, addr) in (1..).zip(places) {
        let (kind, aftermath) = trap(&mut sandbox, op::LOAD, addr, 0);
        assert_eq!(kind, TrapKind::WildAddress { addr: Some(addr.into()) });
        assert_eq!(aftermath, Aftermath::Recovered);
        assert_eq!(ask(&mut sandbox, op::LOAD, RECOVERIES, 0), Ok(round));
        assert_eq!(trap(&mut sandbox, op::STORE, addr, 1).1, Aftermath::Recovered);
        assert_eq!(ask(&mut sandbox, op::STORE, RECOVERIES, round), Ok(0));
    }
    check_alive(&mut sandbox);
}

#[test]
fn other_traps_are_told_apart() {
    let mut sandbox = sandbox();
    assert!(matches!(trap(&mut sandbox, op::UNREACHABLE, 0, 0), (TrapKind::Instruction(_), Aftermath::Recovered)));
    assert!(matches!(trap(&mut sandbox, op::DIVIDE, 0, 0), (TrapKind::Instruction(_), Aftermath::Recovered)));
    assert_eq!(trap(&mut sandbox, op::RECURSE, 0, 0), (TrapKind::StackOverflow, Aftermath::Recovered));
    for slot in [0, 1_000_000] {
        assert!(matches!(trap(&mut sandbox, op::RUN, slot, 1), (TrapKind::WildJump(_), Aftermath::Recovered)));
    }
    check_alive(&mut sandbox);
}

#[test]
fn the_stack_pointer_is_reset() {
    let mut sandbox = sandbox();
    trap(&mut sandbox, op::UNREACHABLE, 0, 0);
    assert_eq!(ask(&mut sandbox, op::STACK_POINTER, 0, 0), Ok(0x10_0000));
}

#[test]
fn a_panic_gives_the_sandbox_up() {
    let mut sandbox = sandbox();
    let expected = (TrapKind::Panic("asked to panic".to_owned()), Aftermath::HeapUntrusted);
    assert_eq!(trap(&mut sandbox, op::PANIC, 0, 0), expected);
    assert!(sandbox.is_given_up());
    assert_eq!(trap(&mut sandbox, op::ECHO, 0, 0), (TrapKind::GivenUp, Aftermath::HeapUntrusted));
}

#[test]
fn a_trap_while_the_runtime_works_gives_the_sandbox_up() {
    for flag in [abi::RUNTIME_BUSY, abi::ALLOCATOR_BUSY] {
        let mut sandbox = sandbox();
        assert_eq!(ask(&mut sandbox, op::STORE, flag, 1), Ok(0));
        assert_eq!(trap(&mut sandbox, op::LOAD, 0, 0).1, Aftermath::HeapUntrusted);
        assert!(sandbox.is_given_up());
    }
}

#[test]
fn a_trap_in_recovery_gives_the_sandbox_up() {
    let mut sandbox = sandbox();
    assert_eq!(ask(&mut sandbox, op::STORE, TRAP_IN_RECOVER, 1), Ok(0));
    assert_eq!(trap(&mut sandbox, op::LOAD, 0, 0).1, Aftermath::HeapUntrusted);
}

#[test]
fn commits_up_to_the_limit() {
    let mut sandbox = sandbox();
    let before = sandbox.memory().committed_bytes();
    assert_eq!(ask(&mut sandbox, op::COMMIT, FREE_PAGE, 1 << 20), Ok(1));
    assert_eq!(ask(&mut sandbox, op::COMMIT, FREE_PAGE, 1 << 20), Ok(1), "committing twice counts once");
    assert_eq!(sandbox.memory().committed_bytes(), before + (1 << 20));
    assert_eq!(ask(&mut sandbox, op::STORE, FREE_PAGE + 4, 7), Ok(0));

    assert!(!sandbox.memory().take_limit_reached());
    assert_eq!(ask(&mut sandbox, op::COMMIT, FREE_PAGE + (1 << 20), 16 << 20), Ok(0), "beyond the limit");
    assert!(sandbox.memory().take_limit_reached());
    assert!(!sandbox.memory().take_limit_reached());
    assert!(matches!(trap(&mut sandbox, op::LOAD, FREE_PAGE + (1 << 20), 0).0, TrapKind::WildAddress { .. }));

    assert_eq!(ask(&mut sandbox, op::DECOMMIT, FREE_PAGE, 1 << 20), Ok(0));
    assert_eq!(sandbox.memory().committed_bytes(), before);
    assert!(matches!(trap(&mut sandbox, op::LOAD, FREE_PAGE, 0).0, TrapKind::WildAddress { .. }));
    assert_eq!(ask(&mut sandbox, op::COMMIT, FREE_PAGE, 1 << 16), Ok(1));
    assert_eq!(ask(&mut sandbox, op::LOAD, FREE_PAGE + 4, 0), Ok(0), "zero again");
}

#[test]
fn impossible_ranges_are_refused() {
    let mut sandbox = sandbox();
    let page = abi::PAGE;
    for (addr, len) in [(0, page), (FREE_PAGE + 1, page), (FREE_PAGE, 5), (abi::HEAP_END, page), (u32::MAX, u32::MAX)] {
        for action in [op::COMMIT, op::DECOMMIT] {
            let (kind, aftermath) = trap(&mut sandbox, action, addr, len);
            assert!(matches!(kind, TrapKind::Request(MemoryError::BadRange { .. })), "{kind}");
            assert_eq!(aftermath, Aftermath::Recovered);
        }
    }
    let fixed = trap(&mut sandbox, op::DECOMMIT, abi::RTS_START, page).0;
    assert_eq!(fixed, TrapKind::Request(MemoryError::Fixed { addr: abi::RTS_START, len: page }));
    let absent = trap(&mut sandbox, op::DECOMMIT, FREE_PAGE, page).0;
    assert!(matches!(absent, TrapKind::Request(MemoryError::Uncommitted { .. })));
    check_alive(&mut sandbox);
}

#[test]
fn holes_do_not_use_up_the_kernels_mappings() {
    let limits = Limits { memory_bytes: 1 << 31, ..Limits::default() };
    let mut sandbox = Sandbox::new(engine(), limits, b"").expect("a sandbox");
    let mut refused = 0;
    for n in 0..3000 {
        refused += 1 - ask(&mut sandbox, op::COMMIT, abi::HEAP_START + n * 2 * abi::PAGE, abi::PAGE).expect("a reply");
    }
    assert!((1900..2100).contains(&refused), "{refused} of 3000 refused");

    let len = 3000 * 2 * abi::PAGE;
    let mut fresh = Sandbox::new(engine(), limits, b"").expect("a sandbox");
    assert_eq!(ask(&mut fresh, op::COMMIT, abi::HEAP_START, len), Ok(1));
    for n in 0..3000 {
        let addr = abi::HEAP_START + n * 2 * abi::PAGE;
        assert_eq!(ask(&mut fresh, op::STORE, addr, 1), Ok(0));
        assert_eq!(ask(&mut fresh, op::DECOMMIT, addr, abi::PAGE), Ok(0));
    }
    let last = abi::HEAP_START + 2999 * 2 * abi::PAGE;
    assert_eq!(ask(&mut fresh, op::LOAD, last, 0), Ok(0), "kept, but emptied");
}

#[test]
fn the_host_reads_and_writes_only_what_is_committed() {
    let mut sandbox = sandbox();
    let memory = sandbox.memory();
    assert!(memory.write(0x20_1000, b"hello").is_ok());
    assert_eq!(memory.read(0x20_1000, 5).as_deref(), Ok(&b"hello"[..]));
    assert_eq!(memory.read(0, 0).as_deref(), Ok(&b""[..]));
    for (addr, len) in [(0, 1), (0xFFFF, 2), (0x21_FFFF, 2), (FREE_PAGE, 8), (u32::MAX, 1), (0x20_0000, u32::MAX)] {
        let error = memory.read(addr, len).expect_err("not readable");
        assert_eq!(error, MemoryError::Uncommitted { action: "read", addr, len });
    }
    assert!(memory.write(FREE_PAGE, b"x").is_err());
    check_alive(&mut sandbox);
}

#[test]
fn replies_out_of_bounds_are_refused() {
    for (addr, len) in [(FREE_PAGE, 4), (0x21_FFFE, 4), (0x20_0000, u32::MAX)] {
        let mut sandbox = sandbox();
        let (kind, aftermath) = trap(&mut sandbox, op::REPLY, addr, len);
        assert_eq!((kind, aftermath), (TrapKind::BadReply { addr, len }, Aftermath::HeapUntrusted));
    }
    let limits = Limits { memory_bytes: 16 << 20, reply_bytes: 3 };
    let mut frugal = Sandbox::new(engine(), limits, b"").expect("a sandbox");
    assert!(matches!(trap(&mut frugal, op::LOAD, 0x20_0000, 0).0, TrapKind::BadReply { len: 4, .. }));
}

#[test]
fn requests_must_fit() {
    let mut sandbox = sandbox();
    let error = sandbox.request(&vec![0; 0x10_0001], None).expect_err("the buffer is smaller");
    assert!(matches!(error.kind, TrapKind::Request(MemoryError::Uncommitted { .. })), "{error}");
}

#[test]
fn log_lines_are_read_with_care() {
    let mut sandbox = sandbox();
    assert_eq!(ask(&mut sandbox, op::LOG, 0x20_0100, 14), Ok(0));
    assert_eq!(ask(&mut sandbox, op::LOG, 0x20_0100, u32::MAX), Ok(0), "cut off");
    assert!(matches!(trap(&mut sandbox, op::LOG, 16, 4).0, TrapKind::Request(_)));
}

#[test]
fn sandboxes_are_apart() {
    let (mut one, mut other) = (sandbox(), sandbox());
    assert_eq!(ask(&mut one, op::STORE, 0x20_1000, 1), Ok(0));
    assert_eq!(ask(&mut other, op::LOAD, 0x20_1000, 0), Ok(0));
    trap(&mut one, op::PANIC, 0, 0);
    check_alive(&mut other);
}

#[test]
fn many_at_once_and_on_other_threads() {
    let mut sandboxes: Vec<_> = (0..100).map(|_| sandbox()).collect();
    std::thread::scope(|scope| {
        for sandbox in &mut sandboxes {
            scope.spawn(|| {
                assert!(matches!(trap(sandbox, op::LOAD, 0, 0).0, TrapKind::WildAddress { .. }));
                assert_eq!(trap(sandbox, op::RECURSE, 0, 0).0, TrapKind::StackOverflow);
                check_alive(sandbox);
            });
        }
    });
}

#[test]
fn starting_can_fail_in_an_orderly_way() {
    let with = |limits, config: &[u8]| Sandbox::new(engine(), limits, config).map(|_| ());
    let tiny = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(with(tiny, b""), Err(EmbedError::LimitTooSmall { .. })));
    assert!(matches!(with(Limits::default(), b"1"), Err(EmbedError::Configuration { len: 1 })));
    assert!(matches!(with(Limits::default(), b"22"), Err(EmbedError::Start(_))));
}

#[test]
fn guests_that_could_hurt_the_host_are_refused() {
    let refused = |text: &str| {
        let wasm = wat::parse_str(text).expect("well-formed");
        match Engine::for_guest(GuestImage { wasm: &wasm, heap_base: 0x21_0000 }, &Cache::Off) {
            Err(EmbedError::Compile { source, .. }) => source.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("accepted {text}"),
        }
    };
    let memory = r#"(import "env" "memory" (memory 65536 65536))"#;
    let fill = "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)))";
    assert!(refused(&format!("(module {memory} {fill})")).contains("MemoryFill"));
    for start in ["0x100000", "0x20fffe", "0x90000000"] {
        let data = format!("(data (i32.const {start}) \"abc\")");
        assert!(refused(&format!("(module {memory} {data})")).contains("data segment 0"));
    }
}

#[test]
fn no_guest_gets_more_adjustors_than_there_are() {
    let mut sandbox = sandbox();
    // Whether or not the slots are there.
    let batches = (0..1000).filter(|_| ask(&mut sandbox, op::ADJUSTORS, abi::C_SLOTS + 1, 0x20_1000) == Ok(1)).count();
    assert_eq!(batches as u32, abi::ADJUSTORS / abi::adjustor::BATCH);
    check_alive(&mut sandbox);
}
