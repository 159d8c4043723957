//! STG programs whose value is an Int, with the number of steps that each takes.

use bcvm_engine::stg;
use bcvm_engine::unlinked::Program;

/// A program to measure.
pub struct Bench {
    /// What it is called.
    pub name: &'static str,
    /// Its byte code.
    pub program: Program,
    /// What it comes to.
    pub value: u64,
    /// Calls, rounds or cells: what the time is divided by.
    pub steps: u64,
    /// What a step is.
    pub unit: &'static str,
}

impl Bench {
    /// A program of these declarations; each begins a line.
    fn new(name: &'static str, declarations: &[&str], value: u64, steps: u64, unit: &'static str) -> Bench {
        let lines: Vec<&str> = declarations.iter().map(|d| d.trim_start()).collect();
        let program = stg::compile(name, &lines.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
        Bench { name, program, value, steps, unit }
    }
}

/// The number of calls that nfib n makes, which is its value.
fn nfib_calls(n: u32) -> u64 {
    if n < 2 { 1 } else { nfib_calls(n - 1) + nfib_calls(n - 2) + 1 }
}

/// The example, with thunks and boxes for everything, as the byte code of unoptimised Haskell has them.
pub fn nfib_lazy(n: u32) -> Bench {
    let source = include_str!("../../examples/nfib.stg");
    assert!(source.contains("main = nfib' 17#"), "the example is as this bench knows it");
    let source = source.replace("main = nfib' 17#", &format!("main = nfib' {n}#"));
    let calls = nfib_calls(n);
    Bench::new("nfib, lazy", &[&source], calls, calls, "call")
}

/// Strict: primops on unboxed numbers, and a box at each call.
pub fn nfib_strict(n: u32) -> Bench {
    let nfib = "nfib = \\n -> case n of I# k -> case <# k 2# of {
        1# -> I# 1#;
        _ -> case -# k 1# of j -> let a = I# j in case nfib a of I# p ->
             case -# k 2# of i -> let b = I# i in case nfib b of I# q ->
             case +# p q of r -> case +# r 1# of s -> I# s }";
    let calls = nfib_calls(n);
    Bench::new("nfib, strict", &[nfib, &format!("main = let n = I# {n}# in nfib n")], calls, calls, "call")
}

/// A loop on unboxed numbers, which allocates nothing.
pub fn sum_loop(n: u64) -> Bench {
    let round = "loop = \\(k :: Int#) (s :: Int#) -> case k of {
        0# -> I# s;
        _ -> case +# s k of t -> case -# k 1# of j -> loop j t }";
    Bench::new("loop", &[round, &format!("main = loop {n}# 0#")], n * (n + 1) / 2, n, "round")
}

const REPEAT: &str =
    "repeat = \\f (n :: Int#) x -> case n of { 0# -> x; _ -> case f x of y -> case -# n 1# of m -> repeat f m y }";
const INC: &str = "inc = \\x -> case x of I# a -> case +# a 1# of b -> I# b";

/// Calls of an unknown function with the right number of arguments.
pub fn unknown_calls(n: u64) -> Bench {
    let main = format!("main = let zero = I# 0# in repeat inc {n}# zero");
    Bench::new("unknown call", &[REPEAT, INC, &main], n, n, "call")
}

/// Calls of a partial application.
pub fn partial_calls(n: u64) -> Bench {
    let plus = "plus = \\x y -> case x of I# a -> case y of I# b -> case +# a b of c -> I# c";
    let main = format!("main = let zero = I# 0#; one = I# 1#; f = plus one in repeat f {n}# zero");
    Bench::new("partial application", &[REPEAT, plus, &main], n, n, "call")
}

/// Calls of a function with more arguments than it takes.
pub fn uneven_calls(n: u64) -> Bench {
    let choose = "choose = \\a b c d e f -> f";
    let over = "over = \\x -> choose x x x x x inc x";
    let main = format!("main = let zero = I# 0# in repeat over {n}# zero");
    Bench::new("too many arguments", &[REPEAT, INC, choose, over, &main], n, n, "call")
}

const ENUM: &str = "enum = \\(i :: Int#) (n :: Int#) -> case ># i n of {
    1# -> [];
    _ -> let x = I# i; rest = case +# i 1# of j -> enum j n in x : rest }";
const SUM: &str =
    "sum = \\xs (s :: Int#) -> case xs of { [] -> I# s; y : ys -> case y of I# a -> case +# s a of t -> sum ys t }";

/// A list that is garbage as soon as it is made.
pub fn short_lived(n: u64) -> Bench {
    let main = format!("main = let xs = enum 1# {n}# in sum xs 0#");
    Bench::new("short-lived list", &[ENUM, SUM, &main], n * (n + 1) / 2, n, "cell")
}

/// A list of which all is alive until it has been walked a second time.
pub fn long_lived(n: u64) -> Bench {
    let main = format!(
        "main = let xs = enum 1# {n}# in case sum xs 0# of I# a -> case sum xs 0# of I# b -> case -# a b of d -> I# d"
    );
    Bench::new("long-lived list", &[ENUM, SUM, &main], 0, n, "cell")
}
