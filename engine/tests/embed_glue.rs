//! The handover between guest, glue and generated code: registers arrive, stop entries bring control back, and the
//! stack stays flat.

mod support;

use bcvm::abi::{self, ADJUSTORS, BASE_REG, C_SLOTS, STOP_SLOTS, reg};
use bcvm_engine::embed::{Aftermath, CodeTable, EmbedError, Sandbox, TrapKind};
use support::{ask, engine, op, sandbox};

/// Two functions in the first slots after the stop entries. They leave by stop entries that are nobody's: in the slots of
/// some others are shims.
const CODE: &str = r#"(module
  (type $stg (func (param i64 i64 i64 i64)))
  (import "env" "memory" (memory 65536 65536))
  (import "glue" "stg_table" (table $stg_table 2048 (ref null $stg)))
  (import "glue" "r3" (global $r3 (mut i64)))
  (import "glue" "sp_lim" (global $sp_lim (mut i64)))
  (import "glue" "xmm1" (global $xmm1 (mut v128)))
  (import "glue" "xmm6" (global $xmm6 (mut v128)))

  ;; Changes every kind of register and leaves by stop entry 1507.
  (func $change (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (global.set $r3 (i64.mul (global.get $r3) (i64.const 2)))
    (global.set $xmm6 (f64x2.add (global.get $xmm1) (global.get $xmm6)))
    (return_call_indirect $stg_table (type $stg)
      (i64.add (local.get $r1) (i64.const 1))
      (i64.add (local.get $r2) (global.get $sp_lim))
      (i64.sub (local.get $sp) (i64.const 8))
      (i64.add (local.get $hp) (i64.const 16))
      (i32.const 1507)))

  ;; Jumps to itself through the table R1 times, then to the stop entry R2.
  (func $count (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (return_call_indirect $stg_table (type $stg)
      (i64.sub (local.get $r1) (i64.const 1)) (local.get $r2) (local.get $sp) (local.get $hp)
      (select (i32.const 2049) (i32.wrap_i64 (local.get $r2)) (i64.ne (local.get $r1) (i64.const 0)))))

  (elem (table $stg_table) (i32.const 2048) (ref null $stg) (ref.func $change) (ref.func $count)))"#;

const CHANGE: u32 = STOP_SLOTS + 1;
const COUNT: u32 = STOP_SLOTS + 2;

fn with_code() -> Sandbox {
    let mut sandbox = sandbox();
    let module = engine().compile(&wat::parse_str(CODE).expect("well-formed")).expect("compiled");
    assert_eq!(sandbox.grow_table(CodeTable::Stg, 2), Some(CHANGE));
    sandbox.link(&module).expect("linked");
    sandbox
}

fn set(sandbox: &Sandbox, register: u32, value: u64) {
    sandbox.memory().write(BASE_REG + register, &value.to_le_bytes()).expect("the register table is there");
}

fn get(sandbox: &Sandbox, register: u32) -> u64 {
    let bytes = sandbox.memory().read(BASE_REG + register, 8).expect("the register table is there");
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

#[test]
fn registers_go_in_and_come_out() {
    let mut sandbox = with_code();
    let (r2, r3, xmm6) = (reg::R1 + 8, reg::R1 + 16, reg::XMM1 + 5 * 16);
    set(&sandbox, reg::R1, u64::MAX);
    set(&sandbox, r2, 100);
    set(&sandbox, r3, 21);
    set(&sandbox, reg::SP, 0x8000_1000);
    set(&sandbox, reg::HP, 0x9000_0000);
    set(&sandbox, reg::SP_LIM, 11);
    set(&sandbox, reg::XMM1, 1.5f64.to_bits());
    set(&sandbox, xmm6, 2.0f64.to_bits());
    assert_eq!(ask(&mut sandbox, op::RUN, CHANGE, 1), Ok(1507));
    assert_eq!(get(&sandbox, reg::R1), 0);
    assert_eq!(get(&sandbox, r2), 111);
    assert_eq!(get(&sandbox, r3), 42);
    assert_eq!(get(&sandbox, reg::SP), 0x8000_0FF8);
    assert_eq!(get(&sandbox, reg::HP), 0x9000_0010);
    assert_eq!(get(&sandbox, reg::SP_LIM), 11);
    assert_eq!(f64::from_bits(get(&sandbox, xmm6)), 3.5);
}

#[test]
fn stop_entries_tell_their_numbers() {
    let mut sandbox = sandbox();
    for entry in [1500, 1600, 1700] {
        assert_eq!(ask(&mut sandbox, op::RUN, entry, 1), Ok(entry));
    }
    for slot in [0, STOP_SLOTS + 1] {
        let trap = ask(&mut sandbox, op::RUN, slot, 1).expect_err("no code there");
        assert!(matches!((trap.kind, trap.aftermath), (TrapKind::WildJump(_), Aftermath::Recovered)));
    }
}

#[test]
fn ten_million_rounds_between_guest_and_code_keep_the_stack_flat() {
    let mut sandbox = with_code();
    set(&sandbox, reg::R1, 5);
    assert_eq!(ask(&mut sandbox, op::RUN, CHANGE, 10_000_000), Ok(1507));
    assert_eq!(get(&sandbox, reg::R1), 10_000_005);
}

#[test]
fn ten_million_tail_calls_keep_the_stack_flat() {
    let mut sandbox = with_code();
    set(&sandbox, reg::R1, 10_000_000);
    set(&sandbox, reg::R1 + 8, 1509);
    assert_eq!(ask(&mut sandbox, op::RUN, COUNT, 1), Ok(1509));
    assert_eq!(get(&sandbox, reg::R1), u64::MAX);
}

#[test]
fn tables_grow_to_a_limit() {
    let mut sandbox = sandbox();
    let first = C_SLOTS + ADJUSTORS + 1;
    assert_eq!(sandbox.grow_table(CodeTable::C, 1000), Some(first));
    assert_eq!(sandbox.grow_table(CodeTable::C, 1), Some(first + 1000));
    assert_eq!(sandbox.grow_table(CodeTable::Stg, u32::MAX), None);
    assert_eq!(sandbox.grow_table(CodeTable::Stg, 0), Some(STOP_SLOTS + 1));
}

#[test]
fn code_that_could_hurt_the_host_is_refused() {
    let memory = r#"(import "env" "memory" (memory 65536 65536))"#;
    for body in [
        "(func (memory.copy (i32.const 0) (i32.const 0) (i32.const 9)))".to_owned(),
        format!("(data (i32.const {}) \"abc\")", abi::DATA_START),
    ] {
        let wasm = wat::parse_str(format!("(module {memory} {body})")).expect("well-formed");
        assert!(matches!(engine().compile(&wasm), Err(EmbedError::Compile { .. })), "{body}");
    }
}

#[test]
fn a_module_with_unknown_imports_is_an_error() {
    let mut sandbox = sandbox();
    let wasm = wat::parse_str(r#"(module (import "glue" "no such" (func)))"#).expect("well-formed");
    let module = engine().compile(&wasm).expect("compiled");
    assert!(matches!(sandbox.link(&module), Err(EmbedError::Instantiate { .. })));
}
