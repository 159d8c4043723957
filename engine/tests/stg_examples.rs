//! Every example compiles, and where GHC is installed its own server computes the expected value from our byte code.
//! So it does for small programs, each about one way in which lowering could go wrong.

mod ghc_iserv;

use bcvm_engine::show::{Bounds, show};
use bcvm_engine::stg;
use bcvm_engine::unlinked::{container, link};
use std::path::{Path, PathBuf};

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "stg"))
        .collect();
    files.sort();
    files
}

/// Runs a program on GHC's server, or answers nothing where there is none.
fn run(name: &str, source: &str) -> Option<String> {
    let program = stg::compile(name, source).unwrap_or_else(|error| panic!("{error}"));
    let again = container::read(&container::write(&program).unwrap()).unwrap();
    assert_eq!(again, program);
    let server = ghc_iserv::start()?;
    let entry = link::link(&again, &server).unwrap_or_else(|error| panic!("{name}: {error}")).into_entry();
    Some(show(&server, &again, &entry, Bounds::default()).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn examples_compute_what_is_written_beside_them() {
    let files = examples();
    assert!(files.len() >= 10, "the examples are there");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(file.with_extension("out"));
        if let Some(got) = run(&name, &std::fs::read_to_string(&file).unwrap()) {
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(file.with_extension("out"), format!("{got}\n")).unwrap();
            } else {
                assert_eq!(got, expected.expect("an expected value").trim_end(), "{name}");
            }
        }
    }
}

/// Declarations for all the small programs.
const PRELUDE: &str = "
data Nat = N0 | N1 | N2 | N3 | N4 | N5 | N6 | N7 | N8 | N9
data Halves = Halves Float# Float# Float#
plus = \\x y -> case x of I# a -> case y of I# b -> case +# a b of c -> I# c
number = \\n -> case n of { N0 -> 0#; N3 -> 3#; N4 -> 4#; N8 -> 8#; N9 -> 9#; _ -> -1# }
all = \\n -> case n of { N0 -> 0#; N1 -> 1#; N2 -> 2#; N3 -> 3#; N4 -> 4#; N5 -> 5#; N6 -> 6#; N7 -> 7#; N8 -> 8#;
  N9 -> 9# }
int = \\(n :: Int#) -> I# n
";

/// What `main` is and what it comes to.
const CASES: &[(&str, &str)] = &[
    // Trees of tests over constructors, with holes and without; nine constructors share pointer tags.
    (
        "let a = case number N0 of n -> I# n; b = case number N3 of n -> I# n; c = case number N5 of n -> I# n;
             d = case number N8 of n -> I# n; e = case number N9 of n -> I# n; r0 = []; r1 = e : r0; r2 = d : r1;
             r3 = c : r2; r4 = b : r3 in a : r4",
        "[0,3,-1,8,9]",
    ),
    (
        "let a = case all N6 of n -> I# n; b = case all N7 of n -> I# n; c = case all N0 of n -> I# n in (a, b, c)",
        "(6,7,0)",
    ),
    // Literals: signed, unsigned, characters beyond ASCII, the least Int#.
    ("case -# 0# 9223372036854775807# of { -9223372036854775807# -> True; _ -> False }", "True"),
    ("case int2Word# -1# of { 0## -> N0; 18446744073709551614## -> N1; 18446744073709551615## -> N2; _ -> N3 }", "N2"),
    ("case chr# 955# of { 'a'# -> N0; 'λ'# -> N1; _ -> N2 }", "N1"),
    ("case negateDouble# 0.0## of { -1.0## -> N0; 0.0## -> N1; 1.0## -> N2; _ -> N3 }", "N1"),
    ("case /## 0.0## 0.0## of { -1.0## -> N0; 0.0## -> N1; 1.0## -> N2; _ -> N3 }", "N3"),
    ("case divideFloat# 1.0# 4.0# of { 0.5# -> N0; 0.25# -> N1; 0.75# -> N2; _ -> N3 }", "N1"),
    // Half words in constructors, from literals, variables and other constructors' halves.
    (
        "let h = Halves 1.5# -2.5# 0.125# in case h of Halves a b c -> case plusFloat# a b of d -> Halves c d a",
        "Halves 0.125# -1.0# 1.5#",
    ),
    ("let h = Halves 1.5# 2.5# 3.5# in case h of Halves _ b _ -> let f = \\x -> case x of _ -> F# b in f h", "2.5"),
    // Free variables of every representation, in thunks and functions.
    (
        "let f = \\(i :: Int#) (d :: Double#) (g :: Float#) x ->
           let t = case double2Int# d of j -> case float2Int# g of k -> case +# i j of s -> case +# s k of r -> I# r
           in (t, x)
         in f 1# 2.5## 3.5# N5",
        "(6,N5)",
    ),
    // Partial applications, too many arguments, mixed representations.
    ("let f = \\a (b :: Int#) c (d :: Double#) -> case double2Int# d of e -> case +# b e of g -> I# g; g = f N0;
          h = g 4#; i = h N1 in i 2.5##", "6"),
    ("let k = \\a -> let g = \\(b :: Int#) c -> (a, c) in g in k N1 5# N2", "(N1,N2)"),
    ("let f = \\a b c d e g h i -> let l = [] in i : l in f N0 N1 N2 N3 N4 N5 N6 N7", "[N7]"),
    ("let f = \\a b c -> c; g = f N0; h = g N1; x = h N2 in (g, x)", "(<function>,N2)"),
    // Scrutinees that are cases and lets themselves; the value is named.
    (
        "case (case (case N3 of x { N3 -> let y = int 5# in (x, y); _ -> let z = int 6# in (x, z) }) of (a, b) -> (b, a))
         of (c, d) -> (d, c, c)",
        "(N3,5,5)",
    ),
    ("case number N4 of n { 4# -> case *# n n of m -> I# m; _ -> I# n }", "16"),
    // A thunk that is used twice, a recursive constructor, a cyclic structure through a function.
    ("let y = int 4#; x = plus y y; z = plus x x in (z, x)", "(16,8)"),
    ("letrec xs = N1 : ys; ys = N2 : zs; zs = case xs of { w : _ -> let n = [] in w : n; [] -> xs } in xs", "[N1,N2,N1]"),
    (
        "letrec even = \\(n :: Int#) -> case n of { 0# -> True; _ -> case -# n 1# of m -> odd m };
                odd = \\(n :: Int#) -> case n of { 0# -> False; _ -> case -# n 1# of m -> even m } in even 1001#",
        "False",
    ),
    // Nothing as a result, and unboxed tuples of one.
    (
        "case newByteArray# 8# realWorld# of (# s, b #) -> case writeIntArray# b 0# 77# s of s1 ->
         case readIntArray# b 0# s1 of (# _, n #) -> I# n",
        "77",
    ),
    ("case newSmallArray# 3# N7 realWorld# of (# s, a #) -> case unsafeFreezeSmallArray# a s of (# _, f #) ->
      case indexSmallArray# f 2# of (# x #) -> x", "N7"),
    // Not seq#: of GHC 9.0.2, a thunk of byte code that it enters returns to PUSH_ALTS_P's frame as to PUSH_ALTS's.
    ("let e = int 3#; act = \\(s :: State#) -> raiseIO# e s; h = \\x (s :: State#) -> let p = (x, x) in (# s, p #) in
      case catch# act h realWorld# of (# _, r #) -> r", "(3,3)"),
    ("case ord# 'x'# of n -> case dataToTag# N7 of t -> case +# n t of r -> I# r", "127"),
];

#[test]
fn small_programs_compute_what_they_should() {
    for (main, expected) in CASES {
        let indented = main.replace('\n', "\n ");
        if let Some(got) = run(main, &format!("{PRELUDE}\nmain =\n {indented}\n")) {
            assert_eq!(got, *expected, "{main}");
        }
    }
}

#[test]
fn the_document_begins_with_a_program() {
    let document = include_str!("../../docs/stg.md");
    let program = document.split("```").nth(1).and_then(|block| block.strip_prefix("haskell\n")).unwrap();
    if let Some(got) = run("stg.md", program) {
        assert_eq!(got, "42");
    }
}

/// So many continuations within each other check the stack themselves, and the stack must grow while they run.
#[test]
fn long_chains_check_the_stack() {
    let steps = stg::parse::MAX_DEPTH as i64 - 2;
    let chain: String = (0..steps).map(|i| format!("case +# x{i} 1# of x{} -> ", i + 1)).collect();
    let source = format!(
        "chain = \\(x0 :: Int#) -> {chain} I# x{steps}\n\
         down = \\(n :: Int#) -> case n of {{ 0# -> chain n; _ -> case -# n 1# of m -> case down m of I# k -> chain k }}\n\
         main = down 500#"
    );
    if let Some(got) = run("chain.stg", &source) {
        assert_eq!(got, (501 * steps).to_string());
    }
}

#[test]
fn every_primop_can_be_called() {
    let mut source = String::new();
    // The wrappers of these three refer to exceptions of base, which this server has not loaded.
    let in_base = ["raiseDivZero#", "raiseOverflow#", "raiseUnderflow#"];
    // These two have no wrapper, since only compiled code calls them; the others are our own.
    let no_wrapper = ["panic#", "getThreadAllocationCounter#", "compactAddNext#", "bcvmEach#", "bcvmTimes#"];
    let primops = bcvm::primop::table::PRIMOPS.iter().filter(|primop| {
        // Nor can byte code take several results.
        primop.results.len() <= 1 && !in_base.contains(&primop.name) && !no_wrapper.contains(&primop.name)
    });
    for (i, primop) in primops.enumerate() {
        use bcvm::primop::table::Rep;
        let (mut params, mut args) = (String::new(), String::new());
        for (j, rep) in primop.args().enumerate() {
            let ty = match rep {
                Rep::P => "a",
                Rep::N => "Int#",
                Rep::F => "Float#",
                Rep::D => "Double#",
                Rep::V => "State#",
            };
            params.push_str(&format!(" (x{j} :: {ty})"));
            args.push_str(&format!(" x{j}"));
        }
        source.push_str(&format!("f{i} = \\{params} -> {}{args}\n", primop.name));
    }
    let program = stg::compile("primops.stg", &(source + "main = True")).unwrap_or_else(|error| panic!("{error}"));
    if let Some(server) = ghc_iserv::start() {
        link::link(&program, &server).unwrap_or_else(|error| panic!("{error}"));
    }
}
