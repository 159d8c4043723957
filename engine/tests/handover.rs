//! The machine and compiled code hand a thread to each other: functions, thunks and continuations generated as wasm, and
//! byte code, calling, entering and returning to one another. What may go wrong on the way ends the evaluation only.

mod handover_code;

use bcvm::abi::request::{Closure, Expr, Mode, Outcome, Reply, Request};
use bcvm::abi::{BASE_REG, STOP_SLOTS, reg};
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr, encode_chunk};
use bcvm::bytecode::Bci::{self, *};
use bcvm::bytecode::raw::Instr;
use bcvm::layout::{ClosureType, info_table};
use bcvm_engine::embed::{Aftermath, Cache, CodeTable, Deadline, Engine, Limits, Sandbox, StopReason, Trap, TrapKind};
use handover_code::{CODES, JUMP, WAT};
use std::sync::OnceLock;
use std::time::Duration;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("the guest compiles"))
}

/// A sandboxed machine with the code of [`handover_code`].
struct Native {
    sandbox: Sandbox,
    info: Vec<u64>,
}

impl Native {
    fn new() -> Native {
        Native::with(|_| {})
    }

    fn with(tune: impl FnOnce(&mut bcvm::Config)) -> Native {
        let mut config = bcvm::Config::sandboxed(64 << 20);
        tune(&mut config);
        let limits = Limits { memory_bytes: 256 << 20, ..Limits::default() };
        let sandbox = Sandbox::new(engine(), limits, &config.to_bytes()).expect("a sandbox");
        let mut native = Native { sandbox, info: Vec::new() };
        native.make_info_tables();
        native.link_code();
        native
    }

    fn try_ask(&mut self, request: &Request<'_>, time: Duration) -> Result<Reply, Trap> {
        let bytes = bincode::encode_to_vec(request, bincode::config::standard()).expect("requests encode");
        let reply = self.sandbox.request(&bytes, Deadline::after(time))?;
        Ok(bincode::decode_from_slice(&reply, bincode::config::standard()).expect("replies decode").0)
    }

    fn ask(&mut self, request: &Request<'_>) -> Reply {
        self.try_ask(request, Duration::from_secs(20)).expect("no trap")
    }

    fn malloc(&mut self, bytes: &[u8]) -> u64 {
        match self.ask(&Request::Malloc { blocks: vec![bytes], nul: false }) {
            Reply::Addrs(addrs) => addrs[0],
            other => panic!("Malloc: {other:?}"),
        }
    }

    fn symbol(&mut self, name: &str) -> u64 {
        match self.ask(&Request::LookupSymbol(name)) {
            Reply::Addrs(addrs) if !addrs.is_empty() => addrs[0],
            other => panic!("{name}: {other:?}"),
        }
    }

    fn make_info_tables(&mut self) {
        let first = self.sandbox.grow_table(CodeTable::Stg, CODES.len() as u32).expect("room in the table");
        const AT: usize = info_table::MAX_BYTES as usize;
        for (slot, code) in (first..).zip(&CODES) {
            let mut bytes = [0; AT + 8];
            let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
            put(AT - info_table::LAYOUT as usize, &code.layout.to_le_bytes());
            put(AT - info_table::TYPE as usize, &(code.closure_type as u32).to_le_bytes());
            put(AT - info_table::ARITY as usize, &code.arity.to_le_bytes());
            put(AT - info_table::FUN_TYPE as usize, &code.fun_type.to_le_bytes());
            put(AT - info_table::FUN_BITMAP as usize, &code.bitmap.to_le_bytes());
            put(AT, &slot.to_le_bytes());
            let at = self.malloc(&bytes) + AT as u64;
            // The slow entry of a function of a general pattern is the code behind it; its offset is relative.
            if let Some(of) = self.info.last().filter(|_| code.name.ends_with("_slow")) {
                let offset = at.wrapping_sub(*of) as u32;
                self.sandbox.memory().write(*of as u32 - 40, &offset.to_le_bytes()).expect("it was just written");
            }
            self.info.push(at);
        }
    }

    fn link_code(&mut self) {
        let mut text = WAT
            .replace("RETURN)", "(local.set $info (i64.load (i32.wrap_i64 (local.get $sp)))) JUMP)")
            .replace(
                "ENTER)",
                "(if (i64.ne (i64.and (local.get $r1) (i64.const 7)) (i64.const 0)) (then
                   (local.set $info (i64.load (i32.wrap_i64 (local.get $sp)))) JUMP))
                 (local.set $info (i64.load (i32.wrap_i64 (local.get $r1)))) JUMP)",
            )
            .replace("JUMP", &JUMP.replace("INFO", "(local.get $info)"))
            .replace("(param $hp i64)\n", "(param $hp i64) (local $info i64)\n")
            .replace("STOP_SLOTS", &STOP_SLOTS.to_string())
            .replace("HP_LIM", &(BASE_REG + reg::HP_LIM).to_string());
        for (code, info) in CODES.iter().zip(&self.info) {
            text = text.replace(&format!("{{{}}}", code.name), &info.to_string());
        }
        while let Some((before, rest)) = text.split_once('{') {
            let (name, after) = rest.split_once('}').expect("closed");
            text = format!("{before}{}{after}", self.symbol(name));
        }
        let names: String = CODES.iter().map(|code| format!(" (ref.func ${})", code.name)).collect();
        let imports: String =
            ["r3", "r4", "r5", "r6"].map(|r| format!("(import \"glue\" \"{r}\" (global ${r} (mut i64)))")).concat();
        let first = STOP_SLOTS + 1;
        let wat = format!(
            r#"(module
              (type $stg (func (param i64 i64 i64 i64)))
              (import "env" "memory" (memory 65536 65536))
              (import "glue" "stg_table" (table $stg_table {first} (ref null $stg)))
              {imports}
              (import "glue" "xmm1" (global $xmm1 (mut v128)))
              (import "glue" "xmm2" (global $xmm2 (mut v128)))
              {text}
              (elem (table $stg_table) (i32.const {first}) (ref null $stg){names}))"#
        );
        let wasm = wat::parse_str(&wat).unwrap_or_else(|e| panic!("{e}"));
        let module = engine().compile(&wasm).expect("compiled");
        self.sandbox.link(&module).expect("linked");
    }

    /// A static closure of a compiled function.
    fn function(&mut self, name: &str) -> ResolvedBcoPtr {
        let n = CODES.iter().position(|code| code.name == name).expect("there is such code");
        let closure = [self.info[n], 0].map(u64::to_le_bytes).concat();
        ResolvedBcoPtr::StaticPtr(self.malloc(&closure))
    }

    fn create(&mut self, bcos: &[ResolvedBco]) -> Vec<u64> {
        match self.ask(&Request::CreateBcos(vec![&encode_chunk(bcos)])) {
            Reply::Refs(refs) => refs,
            other => panic!("CreateBcos: {other:?}"),
        }
    }

    /// The first of `bcos` evaluated: a box of one word.
    fn run(&mut self, bcos: &[ResolvedBco]) -> Outcome {
        self.try_run(bcos, Duration::from_secs(20)).expect("no trap")
    }

    fn try_run(&mut self, bcos: &[ResolvedBco], time: Duration) -> Result<Outcome, Trap> {
        let main = self.create(bcos)[0];
        match self.try_ask(&Request::Eval(Mode::Seq, Expr::Ref(main)), time)? {
            Reply::Evaluated { outcome: Outcome::Refs(_), .. } => {}
            Reply::Evaluated { outcome, .. } => return Ok(outcome),
            other => panic!("Eval: {other:?}"),
        }
        let value = self.value(main);
        assert_eq!(value.words.len(), 1, "{value:?}");
        Ok(Outcome::Refs(value.words))
    }

    /// What an evaluated thunk refers to: the thunk itself has become an indirection.
    fn value(&mut self, main: u64) -> Closure {
        let mut at = main;
        loop {
            match self.ask(&Request::GetClosure(at)) {
                Reply::Closure(c) if c.closure_type == ClosureType::BLACKHOLE as u32 => at = c.ptrs[0],
                Reply::Closure(c) => return c,
                other => panic!("GetClosure: {other:?}"),
            }
        }
    }

    fn check_runs(&mut self, bcos: &[ResolvedBco], word: u64) {
        assert_eq!(self.run(bcos), Outcome::Refs(vec![word]));
    }

    /// Byte code and compiled code still work.
    fn check_alive(&mut self) {
        let (f, con) = (self.function("succ"), self.int_con());
        let main = Bco::thunk().lit(41).op(PUSH_APPLY_N, &[]).ptr(f).op(ENTER, &[]).0;
        self.check_runs(&[main], 42);
        let main = Bco::thunk().lit(7).pack(con, 1).op(ENTER, &[]).0;
        self.check_runs(&[main], 7);
    }

    fn int_con(&mut self) -> u64 {
        self.symbol("ghczmprim_GHCziTypes_Izh_con_info")
    }
}

/// Builds a BCO.
struct Bco(ResolvedBco);

impl Bco {
    fn thunk() -> Bco {
        Bco::function(0, &[])
    }

    /// The words it finds on the stack: whether each is a pointer.
    fn function(arity: u32, pointers: &[bool]) -> Bco {
        let bits = pointers.iter().enumerate().fold(0, |bits, (i, p)| bits | u64::from(!p) << i);
        Bco(ResolvedBco { arity, bitmap: vec![pointers.len() as u64, bits], ..ResolvedBco::default() })
    }

    fn op(mut self, op: Bci, operands: &[u64]) -> Bco {
        Instr::new(op, operands).encode(false, &mut self.0.instrs);
        self
    }

    fn lit(mut self, w: u64) -> Bco {
        self.0.lits.push(w);
        let i = self.0.lits.len() as u64 - 1;
        self.op(PUSH_UBX, &[i, 1])
    }

    fn ptr(self, p: ResolvedBcoPtr) -> Bco {
        self.with_ptr(PUSH_G, p)
    }

    fn alts(self, op: Bci, alts: Bco) -> Bco {
        self.with_ptr(op, ResolvedBcoPtr::Bco(alts.0))
    }

    fn with_ptr(mut self, op: Bci, p: ResolvedBcoPtr) -> Bco {
        self.0.ptrs.push(p);
        let i = self.0.ptrs.len() as u64 - 1;
        self.op(op, &[i])
    }

    fn pack(mut self, con: u64, n: u64) -> Bco {
        self.0.lits.push(con);
        let i = self.0.lits.len() as u64 - 1;
        self.op(PACK, &[i, n])
    }

    /// Alternatives that put an unlifted word into a box.
    fn box_it(con: u64) -> Bco {
        Bco::thunk().op(PUSH_L, &[1]).pack(con, 1).op(SLIDE, &[1, 4]).op(ENTER, &[])
    }
}

#[test]
fn a_compiled_function_is_called_and_returns_a_constructor() {
    let mut native = Native::new();
    native.check_alive();
}

#[test]
fn numbers_travel_in_their_registers() {
    let mut native = Native::new();
    let (half, double_con) = (native.function("half"), native.symbol("ghczmprim_GHCziTypes_Dzh_con_info"));
    let main = Bco::thunk().alts(PUSH_ALTS_D, Bco::box_it(double_con)).lit(5f64.to_bits()).op(PUSH_APPLY_D, &[]);
    native.check_runs(&[main.ptr(half).op(ENTER, &[]).0], 2.5f64.to_bits());

    let (add, float_con) = (native.function("add_float"), native.symbol("ghczmprim_GHCziTypes_Fzh_con_info"));
    let float = |x: f32| u64::from(x.to_bits());
    let main = Bco::thunk().alts(PUSH_ALTS_F, Bco::box_it(float_con)).lit(float(0.5)).op(PUSH_APPLY_F, &[]);
    let main = main.lit(float(1.0)).op(PUSH_APPLY_F, &[]).ptr(add).op(ENTER, &[]).0;
    native.check_runs(&[main], float(1.5));
}

#[test]
fn arguments_beyond_the_registers_lie_on_the_stack() {
    let mut native = Native::new();
    let (digits, con) = (native.function("digits"), native.int_con());
    // A partial application grows argument by argument; the last one makes it enter by the slow entry.
    let mut main = Bco::thunk().alts(PUSH_ALTS_N, Bco::box_it(con));
    for digit in (1..=7).rev() {
        main = main.lit(digit).op(PUSH_APPLY_N, &[]);
    }
    native.check_runs(&[main.ptr(digits).op(ENTER, &[]).0], 1234567);

    let sixth = native.function("sixth");
    let mut main = Bco::thunk();
    for n in (1..=6).rev() {
        main = main.lit(n).pack(con, 1);
    }
    native.check_runs(&[main.op(PUSH_APPLY_PPPPPP, &[]).ptr(sixth).op(ENTER, &[]).0], 6);
}

#[test]
fn functions_are_applied_to_too_few_and_too_many() {
    let mut native = Native::new();
    let (sixth, con) = (native.function("sixth"), native.int_con());
    // sixth, given three and later three: the partial application is entered through the pattern of its function.
    let mut main = Bco::thunk();
    for n in (4..=6).rev() {
        main = main.lit(n).pack(con, 1);
    }
    main = main.op(PUSH_APPLY_PPP, &[]);
    for n in (1..=3).rev() {
        main = main.lit(n).pack(con, 1);
    }
    native.check_runs(&[main.op(PUSH_APPLY_PPP, &[]).ptr(sixth.clone()).op(ENTER, &[]).0], 6);

    // sixth a b c d e succ 8: what compiled code returns is applied further. The pointer carries its arity.
    let ResolvedBcoPtr::StaticPtr(succ) = native.function("succ") else { unreachable!("it is a static pointer") };
    let succ = ResolvedBcoPtr::StaticPtr(succ + 1);
    let mut main = Bco::thunk().lit(8).op(PUSH_APPLY_N, &[]).ptr(succ);
    for n in (1..=5).rev() {
        main = main.lit(n).pack(con, 1);
    }
    native.check_runs(&[main.op(PUSH_APPLY_PPPPPP, &[]).ptr(sixth).op(ENTER, &[]).0], 9);
}

#[test]
fn a_compiled_thunk_evaluates_byte_code_and_is_updated() {
    let mut native = Native::new();
    let (delay, con) = (native.function("delay"), native.int_con());
    let value = Bco::thunk().lit(20).pack(con, 1).op(ENTER, &[]).0;
    // The argument is a thunk of byte code, then the value it has become.
    let main = || {
        let x = ResolvedBcoPtr::Ref(2);
        Bco::thunk().ptr(x).op(PUSH_APPLY_P, &[]).ptr(delay.clone()).op(ENTER, &[]).0
    };
    let refs = native.create(&[main(), main(), value]);
    for main in &refs[..2] {
        let reply = native.ask(&Request::Eval(Mode::Seq, Expr::Ref(*main)));
        assert!(matches!(reply, Reply::Evaluated { outcome: Outcome::Refs(_), .. }), "{reply:?}");
        let closure = native.value(*main);
        assert_eq!((closure.con_desc.as_deref(), &closure.words[..]), (Some("ghc-prim:GHC.Types.I#"), &[21][..]));
    }
}

#[test]
fn byte_code_returns_a_word_to_a_compiled_frame() {
    let mut native = Native::new();
    let (tenfold, con) = (native.function("tenfold"), native.int_con());
    // f k = k, as an Int#
    let f = Bco::function(1, &[false]).op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(RETURN_N, &[]).0;
    let main = Bco::thunk().alts(PUSH_ALTS_N, Bco::box_it(con)).lit(13).op(PUSH_APPLY_N, &[]);
    let main = main.ptr(ResolvedBcoPtr::Ref(1)).op(PUSH_APPLY_P, &[]).ptr(tenfold).op(ENTER, &[]).0;
    native.check_runs(&[main, f], 130);
}

#[test]
fn compiled_code_calls_a_partial_application_of_compiled_code() {
    let mut native = Native::new();
    let (again, con) = (native.function("again"), native.int_con());
    // The one has its argument in a frame, the other in a register.
    for (caller, expected) in [("tenfold", 130), ("call_fast", 13)] {
        let caller = native.function(caller);
        // case again g of p -> caller p 14, where g k = k
        let alts = Bco::thunk().lit(14).op(PUSH_APPLY_N, &[]).op(PUSH_L, &[2]).op(PUSH_APPLY_P, &[]).ptr(caller);
        let alts = alts.op(SLIDE, &[5, 3]).op(ENTER, &[]);
        let main = Bco::thunk().alts(PUSH_ALTS_N, Bco::box_it(con)).alts(PUSH_ALTS, alts);
        let main = main.ptr(ResolvedBcoPtr::Ref(1)).op(PUSH_APPLY_P, &[]).ptr(again.clone()).op(ENTER, &[]).0;
        let g = Bco::function(1, &[false]).op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(RETURN_N, &[]).0;
        native.check_runs(&[main, g], expected);
    }
}

#[test]
fn arguments_in_several_frames_make_one_call() {
    let mut native = Native::new();
    let (again, con) = (native.function("again"), native.int_con());
    // again g 14 for compiled code, h 5 8 for byte code, with a frame for each argument.
    let g = Bco::function(1, &[false]).op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(RETURN_N, &[]).0;
    let h = Bco::function(2, &[false, false]).op(PUSH_L, &[1]).op(SLIDE, &[1, 2]).op(RETURN_N, &[]).0;
    let call = || Bco::thunk().alts(PUSH_ALTS_N, Bco::box_it(con));
    let main = call().lit(14).op(PUSH_APPLY_N, &[]).ptr(ResolvedBcoPtr::Ref(1)).op(PUSH_APPLY_P, &[]).ptr(again);
    native.check_runs(&[main.op(ENTER, &[]).0, g], 13);
    let main = call().lit(8).op(PUSH_APPLY_N, &[]).lit(5).op(PUSH_APPLY_N, &[]).ptr(ResolvedBcoPtr::Ref(1));
    native.check_runs(&[main.op(ENTER, &[]).0, h], 8);
}

#[test]
fn compiled_code_calls_a_primop() {
    let mut native = Native::new();
    let (add5, con) = (native.function("add5"), native.int_con());
    let main = Bco::thunk().alts(PUSH_ALTS_N, Bco::box_it(con)).lit(37).op(PUSH_APPLY_N, &[]).ptr(add5);
    native.check_runs(&[main.op(ENTER, &[]).0], 42);
}

/// `f k = case k of 0 -> 5; _ -> again f k`, where `again f k = f (k - 1)` is compiled.
fn rounds(native: &mut Native, rounds: u64) -> [ResolvedBco; 2] {
    let (again, con) = (native.function("again"), native.int_con());
    let mut test = Bco::function(1, &[false]).op(PUSH_L, &[0]).op(PUSH_L, &[0]);
    test.0.lits.push(0);
    let done = |b: Bco| b.lit(5).pack(con, 1).op(SLIDE, &[1, 3]).op(ENTER, &[]);
    let fail_at = done(Bco(test.0.clone()).op(TESTEQ_I, &[0, 0])).0.instrs.len() as u64;
    let f = done(test.op(TESTEQ_I, &[0, fail_at]));
    // A box that nobody wants, so that there is something to collect.
    let f = f
        .lit(0)
        .pack(con, 1)
        .op(SLIDE, &[0, 2])
        .op(PUSH_APPLY_N, &[])
        .ptr(ResolvedBcoPtr::Ref(1))
        .op(PUSH_APPLY_P, &[])
        .ptr(again);
    // [again, ap_p, f, ap_n, k | k]
    let f = f.op(SLIDE, &[5, 1]).op(ENTER, &[]).0;
    let main = Bco::thunk().lit(rounds).op(PUSH_APPLY_N, &[]).ptr(ResolvedBcoPtr::Ref(1)).op(ENTER, &[]).0;
    [main, f]
}

#[test]
fn many_rounds_keep_the_stacks_flat_and_collect() {
    let mut native = Native::with(|config| config.stack_limit_w = 4096);
    let bcos = rounds(&mut native, 400_000);
    native.check_runs(&bcos, 5);
    let Reply::Stats(stats) = native.ask(&Request::Stats) else { panic!("no statistics") };
    assert!(stats.minor_collections > 0, "{stats:?}");
}

#[test]
fn rounds_through_compiled_code_end_at_the_deadline() {
    let mut native = Native::new();
    let bcos = rounds(&mut native, u64::MAX);
    let outcome = native.try_run(&bcos, Duration::from_millis(300)).expect("a soft stop");
    assert_eq!(outcome, Outcome::Deadline);
    native.check_alive();
}

fn bad(native: &mut Native, what: u64) -> Result<Outcome, Trap> {
    let f = native.function("bad");
    let main = Bco::thunk().lit(what).op(PUSH_APPLY_N, &[]).ptr(f).op(ENTER, &[]).0;
    native.try_run(&[main], Duration::from_millis(500))
}

#[test]
fn endless_compiled_code_is_stopped_and_the_machine_goes_on() {
    let mut native = Native::new();
    let trap = bad(&mut native, 0).expect_err("it never ends");
    assert!(matches!(trap.kind, TrapKind::Stopped(StopReason::Deadline)), "{:?}", trap.kind);
    assert_eq!(trap.aftermath, Aftermath::Recovered);
    native.check_alive();
}

#[test]
fn a_wild_load_of_compiled_code_ends_the_evaluation() {
    let mut native = Native::new();
    let trap = bad(&mut native, 1).expect_err("nothing is there");
    assert!(matches!(trap.kind, TrapKind::WildAddress { .. }), "{:?}", trap.kind);
    assert_eq!(trap.aftermath, Aftermath::Recovered);
    native.check_alive();
}

#[test]
fn registers_beyond_their_bounds_are_not_believed() {
    let mut native = Native::new();
    for (what, word) in [(2, "Sp"), (3, "Hp"), (4, "slot 2047")] {
        match bad(&mut native, what).expect("no trap") {
            Outcome::Crash(why) => assert!(why.contains(word), "{why}"),
            other => panic!("{word}: {other:?}"),
        }
        native.check_alive();
    }
}

#[test]
fn a_closure_without_code_is_not_entered_for_ever() {
    // The code of a closure that is built in comes back at once, and would for ever.
    let mut native = Native::new();
    let array = match native.ask(&Request::NewBreakArray(1)) {
        Reply::Refs(refs) => refs[0],
        other => panic!("NewBreakArray: {other:?}"),
    };
    let main = Bco::thunk().ptr(ResolvedBcoPtr::BreakArray(array)).op(ENTER, &[]).0;
    match native.run(&[main]) {
        Outcome::Crash(why) => assert!(why.contains("ARR_WORDS"), "{why}"),
        other => panic!("{other:?}"),
    }
    native.check_alive();
}
