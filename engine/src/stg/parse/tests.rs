//! The parser: what it accepts, what it says otherwise, and that no text breaks it.

use super::*;
use proptest::prelude::*;

fn error(source: &str) -> String {
    let errors = parse(source).unwrap_err();
    errors.iter().map(|e| format!("{}..{}: {}\n", e.span.start, e.span.end, e.message)).collect()
}

#[test]
fn declarations_end_where_the_next_begins() {
    let module =
        parse("f = \\x\n  -> g x\n    y\ng = f {- ; -}\ndata T a = A | B (T a) [a] (a -> Int#) Int#\n").unwrap();
    assert_eq!(module.binds.len(), 2);
    let Expr::App(_, args) = &module.binds[0].body else { panic!("a call") };
    assert_eq!(args.len(), 2);
    let fields: Vec<Option<&str>> =
        module.datas[0][1].fields.iter().map(|ty| ty.head.as_ref().map(|head| head.text)).collect();
    assert_eq!(fields, [Some("T"), None, None, Some("Int#")]);
}

#[test]
fn case_takes_a_binder_or_one_alternative() {
    let case = |source: &'static str| {
        let module = parse(source).unwrap();
        let Some(Bind { body: Expr::Case(case), .. }) = module.binds.into_iter().next() else { panic!("a case") };
        (case.binder.map(|binder| binder.name.text), case.alts.len())
    };
    assert_eq!(case("f = case x of y -> y"), (None, 1));
    assert_eq!(case("f = case x of y { A -> y; _ -> y; }"), (Some("y"), 2));
    assert_eq!(case("f = case x of (y :: Int#) { 1# -> y; _ -> y }"), (Some("y"), 2));
    assert_eq!(case("f = case x of (# s, (y :: Int#) #) -> y"), (None, 1));
    assert_eq!(case("f = case x of (a, b, c) -> y"), (None, 1));
    assert_eq!(case("f = case (case x of { y : ys -> ys; [] -> x }) of { () -> y }"), (None, 1));
}

#[test]
fn errors_say_what_should_be_there() {
    for (source, message) in [
        ("f = g (h x)", "6..7: `(` stands where an argument"),
        ("f = +# 1# -# 2#", "10..12: `-#` stands where an argument"),
        ("f = case x of", "13..13: the declaration ends where a pattern"),
        ("f = case x of {}", "4..8: this case has no alternatives"),
        ("f = let y = 1# y", "16..16: the declaration ends where `;` or `in`"),
        ("f = \\ -> x", "6..8: `->` stands where a parameter"),
        ("f = g (\\x -> x)", "stands where an argument"),
        ("f = (\\x -> x)", "a lambda stands only behind `=`"),
        ("F = x", "0..1: `F` stands where a definition"),
        ("data t = A", "the name of a data type"),
        ("f = x )", "the end of the declaration"),
        ("f = 99999999999999999999#", "does not fit an Int#"),
        ("f = (a, b, c, d)", "two or three fields"),
    ] {
        assert!(error(source).contains(message), "{source}: {}", error(source));
    }
}

#[test]
fn every_declaration_reports_its_own_error() {
    assert_eq!(error("f = )\ng = x\nh = (\n").lines().count(), 2);
    assert_eq!(error(&"f = )\n".repeat(1000)).lines().count(), MAX_ERRORS);
}

#[test]
fn nesting_is_bounded() {
    let nest = |n: usize| format!("f = {}x{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nest(MAX_DEPTH - 1)).is_ok());
    assert!(error(&nest(MAX_DEPTH)).contains("deep"));
    for hostile in ["(", "case ", "let x = ", "letrec f = \\x -> case x of y -> ", "case x of y -> "] {
        assert!(parse(&format!("f = {}", hostile.repeat(100_000))).is_err(), "{hostile}");
    }
    assert!(error(&format!("data T = A {}", "(".repeat(100_000))).contains("deep"));
    assert!(error(&format!("f = \\(x :: {}", "a -> ".repeat(100_000))).contains("deep"));
}

proptest! {
    #[test]
    fn no_text_breaks_it(source in "\\PC{0,60}") {
        let _ = crate::stg::compile("t", &source).map_err(|error| error.to_string());
    }

    #[test]
    fn no_tokens_break_it(tokens in prop::collection::vec(prop::sample::select(vec![
        "f", "x", "main", "=", "\\", "->", "case", "of", "let", "letrec", "in", "{", "}", ";", "(", ")", "(#", "#)", ",",
        "1#", "2.5##", "'c'#", "\"s\"#", "True", "I#", ":", "[]", "()", "+#", "raise#", "data", "T", "|", "::", "State#",
        "\n", "_", "realWorld#",
    ]), 0..60)) {
        let source = format!("main = {}", tokens.join(" "));
        let _ = crate::stg::compile("t", &source).map_err(|error| error.to_string());
    }
}
