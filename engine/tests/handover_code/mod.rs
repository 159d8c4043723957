//! The compiled code of the handover tests: functions, thunks and continuations as WebAssembly text, and what their info
//! tables say.

use bcvm::layout::ClosureType;

/// What an info table says of a piece of code.
pub struct Code {
    pub name: &'static str,
    pub closure_type: ClosureType,
    pub layout: u64,
    pub arity: u32,
    pub fun_type: u32,
    pub bitmap: u64,
}

/// A function of this arity and argument pattern.
const fn fun(name: &'static str, arity: u32, fun_type: u32) -> Code {
    Code { name, closure_type: ClosureType::FUN_STATIC, layout: 0, arity, fun_type, bitmap: 0 }
}

/// A frame of words that are pointers.
const fn frame(name: &'static str, words: u64) -> Code {
    Code { name, closure_type: ClosureType::RET_SMALL, layout: words, arity: 0, fun_type: 0, bitmap: 0 }
}

/// Code in the order of its table slots. A function of a general pattern is followed by its slow entry.
pub const CODES: [Code; 16] = [
    fun("succ", 1, 4),
    fun("half", 1, 7),
    Code { bitmap: 7 | 0x7f << 6, ..fun("digits", 7, 0) },
    Code { closure_type: ClosureType::INVALID_OBJECT, ..frame("digits_slow", 0) },
    fun("sixth", 6, 26),
    fun("delay", 1, 5),
    Code { closure_type: ClosureType::THUNK_1_0, layout: 1, ..frame("thunk", 0) },
    frame("thunk_ret", 0),
    fun("again", 2, 14),
    fun("tenfold", 2, 14),
    frame("tenfold_ret", 0),
    fun("add5", 1, 4),
    fun("bad", 1, 4),
    Code { bitmap: 2 | 3 << 6, ..fun("add_float", 2, 0) },
    Code { closure_type: ClosureType::INVALID_OBJECT, ..frame("add_float_slow", 0) },
    fun("call_fast", 2, 14),
];

/// The functions. `{name}` is the info pointer of a piece of code or a built-in symbol; `JUMP` and its kin are
/// replaced by what they stand for.
pub const WAT: &str = r#"
  (func $succ (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (i64.store offset=8 (i32.wrap_i64 (local.get $hp)) (i64.const {ghczmprim_GHCziTypes_Izh_con_info}))
    (i64.store offset=16 (i32.wrap_i64 (local.get $hp)) (i64.add (local.get $r2) (i64.const 1)))
    (local.set $r1 (i64.add (local.get $hp) (i64.const 9)))
    (local.set $hp (i64.add (local.get $hp) (i64.const 16)))
    RETURN)

  (func $half (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (global.set $xmm1 (f64x2.mul (global.get $xmm1) (v128.const f64x2 0.5 0.5)))
    RETURN)

  ;; Five arguments in registers, two on the stack.
  (func $digits (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $r1 (local.get $r2))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (global.get $r3)))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (global.get $r4)))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (global.get $r5)))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (global.get $r6)))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (i64.load (i32.wrap_i64 (local.get $sp)))))
    (local.set $r1 (i64.add (i64.mul (local.get $r1) (i64.const 10)) (i64.load offset=8 (i32.wrap_i64 (local.get $sp)))))
    (local.set $sp (i64.add (local.get $sp) (i64.const 16)))
    RETURN)

  ;; All seven on the stack: loads what belongs into registers.
  (func $digits_slow (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (global.set $r3 (i64.load offset=8 (i32.wrap_i64 (local.get $sp))))
    (global.set $r4 (i64.load offset=16 (i32.wrap_i64 (local.get $sp))))
    (global.set $r5 (i64.load offset=24 (i32.wrap_i64 (local.get $sp))))
    (global.set $r6 (i64.load offset=32 (i32.wrap_i64 (local.get $sp))))
    (return_call $digits (local.get $r1) (i64.load (i32.wrap_i64 (local.get $sp)))
      (i64.add (local.get $sp) (i64.const 40)) (local.get $hp)))

  ;; The sixth argument did not fit into a register. It is entered, tagged or not.
  (func $sixth (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $r1 (i64.load (i32.wrap_i64 (local.get $sp))))
    (local.set $sp (i64.add (local.get $sp) (i64.const 8)))
    ENTER)

  ;; Allocates a thunk of its argument and enters that.
  (func $delay (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (i64.store offset=8 (i32.wrap_i64 (local.get $hp)) (i64.const {thunk}))
    (i64.store offset=24 (i32.wrap_i64 (local.get $hp)) (local.get $r2))
    (local.set $r1 (i64.add (local.get $hp) (i64.const 8)))
    (local.set $hp (i64.add (local.get $hp) (i64.const 24)))
    ENTER)

  ;; Pushes an update frame and a frame of its own, and evaluates its free variable.
  (func $thunk (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $sp (i64.sub (local.get $sp) (i64.const 24)))
    (i64.store offset=16 (i32.wrap_i64 (local.get $sp)) (local.get $r1))
    (i64.store offset=8 (i32.wrap_i64 (local.get $sp)) (i64.const {stg_upd_frame_info}))
    (i64.store (i32.wrap_i64 (local.get $sp)) (i64.const {thunk_ret}))
    (local.set $r1 (i64.load offset=16 (i32.wrap_i64 (local.get $r1))))
    ENTER)

  ;; The value must be tagged, or the field is read from elsewhere.
  (func $thunk_ret (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $sp (i64.add (local.get $sp) (i64.const 8)))
    (return_call $succ (local.get $r1) (i64.load offset=7 (i32.wrap_i64 (local.get $r1))) (local.get $sp) (local.get $hp)))

  ;; again f k = f (k - 1)
  (func $again (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $sp (i64.sub (local.get $sp) (i64.const 16)))
    (i64.store offset=8 (i32.wrap_i64 (local.get $sp)) (i64.sub (global.get $r3) (i64.const 1)))
    (i64.store (i32.wrap_i64 (local.get $sp)) (i64.const {stg_ap_n_info}))
    (local.set $r1 (local.get $r2))
    RETURN)

  ;; tenfold f k = 10 * f k, where f answers an Int#
  (func $tenfold (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $sp (i64.sub (local.get $sp) (i64.const 24)))
    (i64.store offset=16 (i32.wrap_i64 (local.get $sp)) (i64.const {tenfold_ret}))
    (i64.store offset=8 (i32.wrap_i64 (local.get $sp)) (global.get $r3))
    (i64.store (i32.wrap_i64 (local.get $sp)) (i64.const {stg_ap_n_info}))
    (local.set $r1 (local.get $r2))
    RETURN)

  (func $tenfold_ret (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $sp (i64.add (local.get $sp) (i64.const 8)))
    (local.set $r1 (i64.mul (local.get $r1) (i64.const 10)))
    RETURN)

  ;; Calls the wrapper of +#, whose code is the machine's.
  (func $add5 (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $r1 (i64.const {ghczmprim_GHCziPrimopWrappers_zpzh_closure}))
    (global.set $r3 (i64.const 5))
    ENTER)

  ;; Does what no compiled code does, by number.
  (func $bad (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (if (i64.eq (local.get $r2) (i64.const 0)) (then (loop $forever
      (drop (i64.load (i32.const HP_LIM))) (br $forever))))
    (if (i64.eq (local.get $r2) (i64.const 1)) (then (drop (i64.load (i32.const 0)))))
    (if (i64.eq (local.get $r2) (i64.const 2)) (then (local.set $sp (i64.const 4096))
      (return_call_indirect $stg_table (type $stg)
        (local.get $r1) (local.get $r2) (local.get $sp) (local.get $hp) (i32.const 2))))
    (if (i64.eq (local.get $r2) (i64.const 3)) (then (local.set $hp (i64.add (local.get $hp) (i64.const 0x10000000)))))
    (if (i64.eq (local.get $r2) (i64.const 4)) (then
      (return_call_indirect $stg_table (type $stg)
        (local.get $r1) (local.get $r2) (local.get $sp) (local.get $hp) (i32.const STOP_SLOTS))))
    RETURN)

  ;; add_float :: Float# -> Float# -> Float#
  (func $add_float (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (global.set $xmm1 (f32x4.add (global.get $xmm1) (global.get $xmm2)))
    RETURN)

  (func $add_float_slow (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (global.set $xmm1 (v128.load32_zero (i32.wrap_i64 (local.get $sp))))
    (global.set $xmm2 (v128.load32_zero offset=8 (i32.wrap_i64 (local.get $sp))))
    (return_call $add_float (local.get $r1) (local.get $r2)
      (i64.add (local.get $sp) (i64.const 16)) (local.get $hp)))

  ;; call_fast f k = f k, by the entry for arguments in registers
  (func $call_fast (param $r1 i64) (param $r2 i64) (param $sp i64) (param $hp i64)
    (local.set $r1 (local.get $r2))
    (local.set $r2 (global.get $r3))
    (local.set $info (i64.const {stg_ap_n_fast}))
    JUMP)
"#;

pub const JUMP: &str = "(return_call_indirect $stg_table (type $stg)
      (local.get $r1) (local.get $r2) (local.get $sp) (local.get $hp) (i32.load (i32.wrap_i64 INFO)))";
