//! Lowering: instruction sequences worth pinning down, and sizes at their limits. That the code computes the right
//! thing, the tests of whole programs say.

use crate::stg::compile;
use crate::unlinked::{UnlinkedBco, listing};

/// The listing of one function and what is nested in it, without the operands' names and notes.
fn code(source: &str, name: &str) -> String {
    let program = compile("t", &format!("{source}\nmain = True")).unwrap_or_else(|error| panic!("{error}"));
    let bco = program.bcos.iter().find(|bco| bco.name == name).expect("the function");
    let mut text = String::new();
    listing::bco(bco, &mut text);
    let short = |line: &str| {
        let line = line.split(';').next().unwrap_or("").replace(['>'], "");
        line.split_whitespace().map(|word| word.rsplit('=').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
    };
    text.trim().lines().map(|line| short(line) + "\n").collect()
}

#[test]
fn an_unlifted_case_has_its_value_under_an_info_pointer() {
    let got = code("f = \\(x :: Int#) -> case +# x 1# of { 5# -> x; y -> -# y x }", "f");
    let expected = "\
BCO f, arity 1, stack n
0 PUSH_ALTS_N 0
2 PUSH_UBX 0 1
5 PUSH_APPLY_N
6 PUSH_L 4
8 PUSH_APPLY_N
9 PUSH_G 1
11 ENTER

BCO f.alts, arity 0, stack n
0 TESTEQ_I 0 9
3 PUSH_L 4
5 SLIDE 1 5
8 RETURN_N
9 PUSH_L 4
11 PUSH_APPLY_N
12 PUSH_L 3
14 PUSH_APPLY_N
15 PUSH_G 0
17 SLIDE 5 5
20 ENTER
";
    assert_eq!(got, expected);
}

#[test]
fn recursive_bindings_are_allocated_before_any_is_filled() {
    let got = code("f = \\a -> letrec x = g y a; y = x; g = \\b c -> x in x", "f");
    let expected = "\
BCO f, arity 1, stack p
0 ALLOC_AP 3
2 ALLOC_AP 1
4 ALLOC_PAP 2 1
7 PUSH_LLL 3 1 0
11 PUSH_G 0
13 MKAP 6 3
16 PUSH_L 2
18 PUSH_G 1
20 MKAP 3 1
23 PUSH_L 2
25 PUSH_G 2
27 MKPAP 2 1
30 PUSH_L 2
32 SLIDE 1 4
35 ENTER
";
    assert_eq!(got.split_once("\n\n").map(|(own, _)| own), Some(expected.trim_end()));
}

#[test]
fn state_takes_no_room() {
    let got = code("f = \\x (s :: State#) -> case newMutVar# x s of (# s1, v #) -> writeMutVar# v x s1", "f");
    let expected = "\
BCO f, arity 2, stack p
0 PUSH_ALTS_P 0
2 PUSH_APPLY_V
3 PUSH_L 3
5 PUSH_APPLY_P
6 PUSH_G 1
8 ENTER

BCO f.alts, arity 0, stack p
0 PUSH_APPLY_V
1 PUSH_LL 5 2
4 PUSH_APPLY_PP
5 PUSH_G 0
7 SLIDE 5 5
10 ENTER
";
    assert_eq!(got, expected);
}

#[test]
fn long_functions_check_the_stack() {
    let body: String = (0..40).map(|i| format!("case f x of x{i} -> ")).collect();
    let got = code(&format!("f = \\x -> {body} x"), "f");
    assert!(got.contains("\n0 STKCHECK "), "{got}");
    assert_eq!(got.matches("STKCHECK").count(), 1, "continuations rely on the function's check");
    assert!(!code("f = \\x -> case x of y -> f y", "f").contains("STKCHECK"));
}

#[test]
fn what_does_not_fit_instructions_is_an_error() {
    let params = |n: usize| (0..n).map(|i| format!(" x{i}")).collect::<String>();
    assert!(compile("t", &format!("main = let f = \\{} -> x0 in f", params(60_000))).is_ok());
    let error = compile("t", &format!("f = \\{} -> x69999\nmain = True", params(70_000))).unwrap_err();
    assert!(error.to_string().contains("does not fit 16 bits"), "{error}");
}

#[test]
fn wide_programs_need_no_deep_stack() {
    let bindings = |n: usize| (1..n).map(|i| format!("x{i} = f x{}; ", i - 1)).collect::<String>();
    let source = |n, word| format!("f = \\x0 -> {word} {} in x0\nmain = True", bindings(n));
    assert!(compile("t", &source(20_000, "let")).is_ok());
    assert!(compile("t", &source(20_000, "letrec")).is_ok());
    assert!(compile("t", &source(70_000, "let")).is_err(), "offsets are 16 bits");
    let alternatives: String = (0..50_000).map(|i| format!("{i}# -> n; ")).collect();
    assert!(compile("t", &format!("f = \\(n :: Int#) -> case n of {{ {alternatives} _ -> n }}\nmain = True")).is_ok());
}

#[test]
fn deepest_nesting_compiles_and_survives_a_file() {
    let source = format!("f = \\x -> {} x\nmain = True", "case x of y -> ".repeat(crate::stg::parse::MAX_DEPTH - 1));
    let program = compile("t", &source).unwrap();
    let bytes = crate::unlinked::container::write(&program).unwrap();
    assert_eq!(crate::unlinked::container::read(&bytes).unwrap(), program);
    assert!(program.bcos.iter().map(UnlinkedBco::count).max() >= Some(crate::stg::parse::MAX_DEPTH));
}
