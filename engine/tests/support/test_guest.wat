;; A guest without a machine. The first word of a request says what to do, the next two are arguments a and b; the
;; reply is one word unless said otherwise. It obeys the same contract as the real guest: imports of bcvm::abi,
;; `buffer`, `init`, `request`, `recover`, and for compiled code `c_call` and `update`, which nothing here calls.
(module
  (import "env" "memory" (memory 65536 65536))
  (import "host" "commit" (func $commit (param i32 i32) (result i32)))
  (import "host" "decommit" (func $decommit (param i32 i32)))
  (import "host" "log" (func $log (param i32 i32)))
  (import "host" "panicked" (func $panicked (param i32 i32)))
  (import "engine" "adjustors" (func $adjustors (param i32 i32) (result i32)))
  (import "glue" "run" (func $run (param i32)))

  (global $sp (export "__stack_pointer") (mut i32) (i32.const 0x100000))

  ;; 0x200000 reply word; 0x200010 how often `recover` was called; 0x200014 `recover` shall trap
  (data (i32.const 0x200100) "asked to panic")

  (func (export "c_call") (param i32) unreachable)
  (func (export "update") (param i32 i32) unreachable)

  (func (export "buffer") (param i32) (result i32) (i32.const 0x210000))

  ;; Configurations of one byte are refused, those of two trap.
  (func (export "init") (param $len i32) (result i32)
    (if (i32.eq (local.get $len) (i32.const 2)) (then unreachable))
    (i32.ne (local.get $len) (i32.const 1)))

  (func (export "recover")
    (i32.store (i32.const 0x200010) (i32.add (i32.load (i32.const 0x200010)) (i32.const 1)))
    (if (i32.load (i32.const 0x200014)) (then unreachable)))

  (func $word (param i32) (result i64)
    (i32.store (i32.const 0x200000) (local.get 0))
    (i64.const 0x0000000400200000))

  (func $spin (loop (drop (i32.load (i32.const 0x200000))) (br 0)))
  (func $deep (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))

  (func (export "request") (param $len i32) (result i64)
    (local $op i32) (local $a i32) (local $b i32)
    (local.set $op (i32.load (i32.const 0x210000)))
    (local.set $a (i32.load (i32.const 0x210004)))
    (local.set $b (i32.load (i32.const 0x210008)))
    ;; 0: the request itself
    (if (i32.eqz (local.get $op)) (then
      (return (i64.or (i64.const 0x210000) (i64.shl (i64.extend_i32_u (local.get $len)) (i64.const 32))))))
    ;; 1: never ends, never looks whether it should
    (if (i32.eq (local.get $op) (i32.const 1)) (then (call $spin)))
    ;; 2: goes on until asked to stop (HpLim is zero); clears the reason and answers it. Like a machine it stores
    ;; something as it goes, or Cranelift would look at HpLim only once.
    (if (i32.eq (local.get $op) (i32.const 2)) (then
      (loop
        (i32.store (i32.const 0x200004) (local.get $b))
        (br_if 0 (i64.ne (i64.load (i32.const 0x100458)) (i64.const 0)))
        (br_if 0 (i32.eqz (i32.load (i32.const 0x100584)))))
      (local.set $a (i32.load (i32.const 0x100584)))
      (i32.store (i32.const 0x100584) (i32.const 0))
      (return (call $word (local.get $a)))))
    ;; 3: as 2, then goes on for ever
    (if (i32.eq (local.get $op) (i32.const 3)) (then
      (loop (br_if 0 (i32.eqz (i32.load (i32.const 0x100584)))))
      (i32.store (i32.const 0x100584) (i32.const 0))
      (call $spin)))
    ;; 4: the word at a
    (if (i32.eq (local.get $op) (i32.const 4)) (then (return (call $word (i32.load (local.get $a))))))
    ;; 5: b into the word at a
    (if (i32.eq (local.get $op) (i32.const 5)) (then
      (i32.store (local.get $a) (local.get $b))
      (return (call $word (i32.const 0)))))
    ;; 6, 7: commit, decommit b bytes at a
    (if (i32.eq (local.get $op) (i32.const 6)) (then
      (return (call $word (call $commit (local.get $a) (local.get $b))))))
    (if (i32.eq (local.get $op) (i32.const 7)) (then
      (call $decommit (local.get $a) (local.get $b))
      (return (call $word (i32.const 0)))))
    ;; 8: run slot a, b times; answers where control came back
    (if (i32.eq (local.get $op) (i32.const 8)) (then
      (loop
        (call $run (local.get $a))
        (br_if 0 (local.tee $b (i32.sub (local.get $b) (i32.const 1)))))
      (return (call $word (i32.load (i32.const 0x100f08))))))
    ;; 9: unreachable, with a moved stack pointer
    (if (i32.eq (local.get $op) (i32.const 9)) (then
      (global.set $sp (i32.const 0x80000))
      unreachable))
    ;; 10: panics
    (if (i32.eq (local.get $op) (i32.const 10)) (then
      (call $panicked (i32.const 0x200100) (i32.const 14))
      unreachable))
    ;; 11: uses up the native stack
    (if (i32.eq (local.get $op) (i32.const 11)) (then (return (call $word (call $deep (i32.const 0))))))
    ;; 12: the stack pointer
    (if (i32.eq (local.get $op) (i32.const 12)) (then (return (call $word (global.get $sp)))))
    ;; 13: b bytes at a as the reply
    (if (i32.eq (local.get $op) (i32.const 13)) (then
      (return (i64.or (i64.extend_i32_u (local.get $a)) (i64.shl (i64.extend_i32_u (local.get $b)) (i64.const 32))))))
    ;; 14: says that the runtime is busy for a million loads times a, then never ends
    (if (i32.eq (local.get $op) (i32.const 14)) (then
      (i32.store (i32.const 0x100f00) (i32.const 1))
      (local.set $a (i32.mul (local.get $a) (i32.const 1000000)))
      (loop
        (br_if 0 (i32.gt_s (local.tee $a
          (i32.sub (local.get $a) (i32.load8_u (i32.const 0x100f00)))) (i32.const 0))))
      (i32.store (i32.const 0x100f00) (i32.const 0))
      (i32.store (i32.const 0x200020) (i32.const 77))
      (call $spin)))
    ;; 15: calls commit for ever
    (if (i32.eq (local.get $op) (i32.const 15)) (then
      (loop (drop (call $commit (i32.const 0x210000) (i32.const 0x10000))) (br 0))))
    ;; 16: divides by zero
    (if (i32.eq (local.get $op) (i32.const 16)) (then
      (return (call $word (i32.div_s (i32.const 1) (i32.const 0))))))
    ;; 17: logs b bytes at a
    (if (i32.eq (local.get $op) (i32.const 17)) (then
      (call $log (local.get $a) (local.get $b))
      (return (call $word (i32.const 0)))))
    ;; 18: makes a batch of adjustors in slots from a on, with records at b
    (if (i32.eq (local.get $op) (i32.const 18)) (then
      (return (call $word (call $adjustors (local.get $a) (local.get $b))))))
    unreachable))
