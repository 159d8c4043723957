//! What the checker infers and what it refuses.

use crate::stg::compile;

/// All errors of a program, without the lines they show.
fn errors(source: &str) -> String {
    match compile("t", source) {
        Ok(_) => "none".into(),
        Err(errors) => errors.errors.iter().map(|error| format!("{}\n", error.message)).collect(),
    }
}

#[track_caller]
fn refused(source: &str, message: &str) {
    let source = if source.contains("main") { source.into() } else { format!("{source}\nmain = True") };
    let errors = errors(&source);
    assert!(errors.contains(message), "{source}\n{errors}");
}

#[track_caller]
fn accepted(source: &str) {
    assert_eq!(errors(&format!("{source}\nmain = True")), "none", "{source}");
}

#[test]
fn names() {
    refused("f = g", "unknown name `g`");
    refused("f = Foo", "unknown constructor `Foo`");
    refused("f = \\x -> case x of { Foo -> x }", "unknown constructor `Foo`");
    refused("f = True\nf = False", "`f` is defined already");
    refused("data T = A\ndata U = A", "constructor `A` is defined already");
    refused("data T = True", "constructor `True` is defined already");
    refused("f = \\x x -> x", "`x` is bound twice");
    refused("f = letrec x = y; y = x; x = y in x", "`x` is bound twice");
    refused("newMutVar# = True", "is a primop");
    refused("_ = True", "needs a name");
    refused("f = _", "unknown name `_`");
    refused("f = let x = x in x", "unknown name `x`");
    refused("f = let x = True in x\ng = x", "unknown name `x`");
    accepted("f = \\_ _ -> letrec x = x in x");
    accepted("f = \\f -> case f of { True -> let f = False in f; f -> f }");
}

#[test]
fn the_entry() {
    let no_main = compile("t", "f = True").unwrap_err().to_string();
    assert!(no_main.contains("t:1:1: error: the program defines no `main`"), "{no_main}");
    refused("main = \\x -> x", "takes one State#");
    refused("main = \\(s :: State#) -> True", "must return");
    refused("main = \\(s :: State#) -> newMutVar# s s", "`newMutVar#` wants a pointer");
    refused("main = \\(s :: State#) -> newByteArray# 1# s", "must return");
    refused("main = 1#", "this is a word");
    assert_eq!(errors("main = \\(s :: State#) -> s"), "none");
    assert_eq!(errors("main = \\(s :: State#) -> (# s, True #)"), "none");
}

#[test]
fn numbers_of_arguments() {
    refused("f = I# 1# 2#", "constructor `I#` has 1 field, but 2 stand here");
    refused("f = let x = I# in x", "constructor `I#` has 1 field, but 0");
    refused("f = \\x -> x I#", "`I#` has fields");
    refused("f = \\x -> case x of { I# -> x }", "constructor `I#` has 1 field, but 0");
    refused("f = case +# 1# of x -> I# x", "primop `+#` has 2 arguments, but 1 stand here");
    refused("f = \\g -> g +#", "stands where an argument");
    refused("f = \\g -> g raise#", "primop `raise#` must be called");
}

#[test]
fn representations() {
    refused("f = I# 1##\ng = I# 1.0##", "this is a Double#, but a word");
    refused("f = \\x -> +# x 1#", "this is a lifted value, but `+#` wants a word");
    refused("f = \\(x :: Int#) -> x\ng = let y = f 1# in y", "this is a word");
    refused("f = \\(x :: Int#) -> x\ng = \\y -> f y", "this is a lifted value, but a word");
    refused("f = \\(v :: MutVar#) -> v\ng = \\v -> f v", "this is a lifted value, but an unlifted pointer");
    refused("f = \\(x :: Int#) y -> case y of { True -> x; False -> y }", "this is a lifted value, but a word");
    refused("f = \\x -> case x of { True -> 1#; False -> 1.0# }", "this is a Float#, but a word");
    refused("f = \\(x :: Int#) -> case x of { True -> x; False -> x }", "this is a word");
    refused("f = \\(x :: Int#) -> x True", "this is a word");
    refused("f = \\(x :: Double#) -> case x of { 1# -> x; _ -> x }", "but a");
    refused("f = \\(x :: Foo#) -> x", "unknown unlifted type `Foo#`");
    refused("data T = T (State# s)", "State# can't be a field");
    // Results of functions are found whatever the order of definitions, also through calls of each other.
    refused("f = \\x -> case g x of y -> D# y\ng = \\x -> h x\nh = \\x -> 1#", "but a");
    accepted("f = \\x -> case g x of y -> I# y\ng = \\x -> h x\nh = \\x -> 1#");
    accepted("f = \\x -> case x True of (y :: Double#) -> D# y");
    accepted("f = \\x -> case raise# x of (y :: Float#) -> F# y");
    refused("f = \\x -> case f x of (y :: Int#) -> y\ng = case f True of z -> z True", "this is a word");
}

#[test]
fn unboxed_tuples_and_state() {
    refused("f = \\(s :: State#) x -> (# x, x #)", "this is a lifted value, but a State#");
    refused("f = \\(s :: State#) -> (# s, s #)", "that is none");
    refused("f = \\(s :: State#) x -> (# s, x, x #)", "byte code returns one value");
    refused("f = \\x (s :: State#) -> case newMutVar# x s of v -> s", "`(# s, x #)`, but a value by itself");
    refused("f = \\x (s :: State#) -> case newMutVar# x s of (# v #) -> s", "but an unboxed tuple `(# x #)`");
    refused("f = \\(s :: State#) -> case f s of (# s1, x #) -> s1", "a value by itself");
    refused("f = \\(s :: State#) -> let x = f s in (# s, x #)", "an unboxed tuple `(# s, x #)`, but a value by itself");
    refused("f = \\x -> case x of y { (# s, z #) -> z }", "an unboxed tuple has no name");
    accepted("f = \\x (s :: State#) -> case newMutVar# x s of (# s1, v #) -> readMutVar# v s1");
    accepted("f = \\(a :: Array#) -> case indexArray# a 0# of (# x #) -> x");
}

#[test]
fn alternatives() {
    refused("f = \\x -> case x of { True -> x }", "no alternative for `False`");
    refused("data T = A | B | C\nf = \\x -> case x of { B -> x }", "no alternative for `A`, `C`");
    refused("f = \\x -> case x of { True -> x; True -> x; _ -> x }", "`True` comes twice");
    refused("f = \\x -> case x of { True -> x; LT -> x; _ -> x }", "`True` and `LT` are of different types");
    refused("f = \\x -> case x of { _ -> x; True -> x }", "behind one that matches anything");
    refused("f = \\(x :: Int#) -> case x of { 1# -> x }", "needs an alternative for all others");
    refused("f = \\(x :: Int#) -> case x of { 1# -> x; 1# -> x; _ -> x }", "this literal comes twice");
    refused("f = \\(x :: Int#) -> case x of { 1# -> x; 'a'# -> x; _ -> x }", "literals of different types");
    refused("f = \\(x :: Double#) -> case x of { 0.0## -> x; -0.0## -> x; _ -> x }", "this literal comes twice");
    refused("f = \\(x :: Addr#) -> case x of { \"a\"# -> x; _ -> x }", "no pattern");
    refused("f = \\x -> case x of { True -> x; 1# -> x; _ -> x }", "constructors and literals");
    accepted("f = \\x -> case x of y { True -> y; z -> z }");
}

#[test]
fn all_errors_are_reported_with_their_lines() {
    let text = compile("prog.stg", "main = a\nf =\n  b True\n").unwrap_err().to_string();
    let expected = "\
prog.stg:1:8: error: unknown name `a`
  |
1 | main = a
  |        ^
prog.stg:3:3: error: unknown name `b`
  |
3 |   b True
  |   ^";
    assert_eq!(text, expected);
}
