//! Shared objects of the user's own, in a real session of GHC: what their functions answer is what they answer in GHC's
//! own server. Libraries are made by the installed gcc and g++, in every way that changes what is left to link.
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::fs;
use std::path::Path;
use std::process::Command;

use ghc_iserv::find_server;
use tempfile::TempDir;

/// Runs a tool in `place`, which must succeed.
fn tool(place: &Path, name: &str, arguments: &[&str]) {
    let output = Command::new(name).args(arguments).current_dir(place).output().expect("the tool is installed");
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Evaluates `main` of `file` with a server; answers what it printed, to both streams.
fn evaluate(place: &Path, server: &Path, file: &str, options: &[&str]) -> (bool, String) {
    let mut command = Command::new("ghc");
    command.args(["-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
    // GHC hands on what it finds, and its own server looks for what has no folder elsewhere.
    let here = |option: &&str| option.replace("-L", &format!("-L{}/", place.display()));
    command.args(options.iter().map(here)).args(["-e", "main", file]);
    let output = command.current_dir(place).env("GHC_ENVIRONMENT", "-").env("LC_ALL", "C.UTF-8").output();
    let output = output.expect("GHC starts");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), text)
}

fn ours() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bcvm-iserv"))
}

/// Both servers evaluate `main` alike.
fn check(place: &Path, what: &str, file: &str, options: &[&str]) -> String {
    let theirs = evaluate(place, find_server().expect("looked for before"), file, options);
    assert!(theirs.0, "{what}: GHC's own server: {}", theirs.1);
    assert_eq!(evaluate(place, ours(), file, options), theirs, "{what}");
    theirs.1
}

/// A place with some files in it; none without GHC.
fn place(files: &[(&str, &str)]) -> Option<TempDir> {
    find_server()?;
    let place = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(place.path().join(name), text).unwrap();
    }
    Some(place)
}

const LIBRARY: &str = include_str!("shared_objects/library.c");
const PROGRAM: &str = include_str!("shared_objects/Library.hs");

#[test]
fn libraries_of_every_make() {
    let Some(place) = place(&[("library.c", LIBRARY), ("Library.hs", PROGRAM)]) else { return };
    let makes: &[&[&str]] = &[
        &["-O0"],
        &["-O2"],
        // Nothing but dynamic symbols.
        &["-O2", "-s"],
        // Functions without alignment, so that short ones touch.
        &["-Os", "-falign-functions=1"],
        &["-O2", "-Wl,-Bsymbolic"],
        // Calls through the table of addresses, and a table of calls for processors that guard jumps.
        &["-O1", "-fno-plt"],
        &["-O2", "-fcf-protection=full", "-Wl,-z,ibtplt"],
        // The thread pointer.
        &["-O2", "-ftls-model=initial-exec", "-fstack-protector-all"],
        &["-O2", "-fno-asynchronous-unwind-tables"],
        &["-O3", "-ffunction-sections", "-Wl,--gc-sections", "-Wl,-z,now", "-Wl,-z,noseparate-code"],
    ];
    for make in makes {
        let arguments = [&["-shared", "-fPIC", "library.c", "-o", "libmade.so"], *make].concat();
        tool(place.path(), "gcc", &arguments);
        let text = check(place.path(), &format!("{make:?}"), "Library.hs", &["-L.", "-lmade"]);
        assert_eq!(text.lines().count(), 20, "{text}");
    }
}

const NEEDED: &str = "static int order; int next(void) { return ++order; }
int who(void) { return 1; } int ask_needed(void) { return who(); }
int needed_began; __attribute__((constructor)) static void begin(void) { needed_began = next(); }";
const NEEDING: &str = "int next(void); int ask_needed(void); extern int needed_began;
int who(void) { return 2; } int ask(void) { return 10 * who() + ask_needed(); }
static int began; __attribute__((constructor)) static void begin(void) { began = next(); }
int order(void) { return 10 * needed_began + began; }";
const ASKING: &str = "foreign import ccall \"ask\" ask :: IO Int
foreign import ccall \"order\" order :: IO Int
foreign import ccall \"who\" who :: IO Int
main = mapM_ (>>= print) [ask, order, who]\n";

#[test]
fn libraries_that_need_others() {
    let Some(place) = place(&[("needed.c", NEEDED), ("needing.c", NEEDING), ("Asking.hs", ASKING)]) else { return };
    fs::create_dir(place.path().join("deep")).unwrap();
    tool(place.path(), "gcc", &["-shared", "-fPIC", "needed.c", "-o", "deep/libneeded.so"]);
    let needing =
        ["-shared", "-fPIC", "needing.c", "-o", "libneeding.so", "-Ldeep", "-lneeded", "-Wl,-rpath,$ORIGIN/deep"];
    tool(place.path(), "gcc", &needing);
    // The library's own definition comes before that of the one it needs, which is initialised before it.
    assert_eq!(check(place.path(), "needing", "Asking.hs", &["-L.", "-lneeding"]), "22\n12\n2\n");
    // One that was loaded before keeps its own.
    let both = ["-Ldeep", "-lneeded", "-L.", "-lneeding"];
    assert_eq!(check(place.path(), "one after the other", "Asking.hs", &both), "21\n12\n2\n");
    tool(place.path(), "gcc", &[&needing[..], &["-Wl,-Bsymbolic"]].concat());
    check(place.path(), "symbolic", "Asking.hs", &both);
}

#[test]
fn objects_are_linked_into_one_by_ghc() {
    let Some(place) = place(&[("library.c", LIBRARY), ("Library.hs", PROGRAM)]) else { return };
    tool(place.path(), "gcc", &["-O2", "-fPIC", "-c", "library.c"]);
    check(place.path(), "object", "Library.hs", &["library.o"]);
}

const CPP: &str = r#"
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>
struct Shape { virtual ~Shape() { alive--; } virtual long area() const = 0; Shape() { alive++; } static long alive; };
long Shape::alive;
struct Square : Shape { long a; Square(long a) : a(a) {} long area() const override { return a * a; } };
struct Other { virtual long other() const { return 3; } };
struct Both : Square, virtual Other { Both(long a) : Square(a) {} long other() const override { return a; } };
static const std::vector<long> numbers{5, 3, 9};
template <class T> static T largest(const std::vector<T> &v) { return *std::max_element(v.begin(), v.end()); }
extern "C" long areas(long n) {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (long i = 0; i < n; i++) shapes.emplace_back(i % 2 ? new Both(i) : new Square(i));
  long sum = 0;
  for (auto &s : shapes) {
    sum += s->area();
    if (auto *other = dynamic_cast<Other *>(s.get())) sum += other->other() * 1000;
  }
  return sum * 10 + Shape::alive % 10;
}
extern "C" long words(const char *text) {
  std::map<std::string, long> count;
  std::string word;
  for (; *text; text++) { if (*text == ' ') { count[word]++; word.clear(); } else word += *text; }
  count[word]++;
  long sum = 0;
  for (auto &[w, n] : count) sum = sum * 7 + n * (long)w.size();
  return sum;
}
extern "C" long streams(double x) {
  std::ostringstream out;
  out << "x is " << x << ", " << std::setw(8) << std::setfill('.') << std::hex << 48879 << std::boolalpha << (x > 1);
  std::istringstream in("12 word -7.5");
  long n; std::string word; double d;
  in >> n >> word >> d;
  std::cout << out.str() << '|' << n << word << d << std::endl;
  return (long)out.str().size();
}
extern "C" long global() { static long calls = largest(numbers); return calls++; }
"#;
const CPP_PROGRAM: &str = "import Foreign.C
foreign import ccall \"areas\" areas :: Int -> IO Int
foreign import ccall \"words\" words_ :: CString -> IO Int
foreign import ccall \"streams\" streams :: Double -> IO Int
foreign import ccall \"global\" global :: IO Int
main = do
  streams 3.25 >>= print
  mapM areas [0, 1, 20] >>= print
  withCString \"the cat and the dog and the long-named-crocodile of somewhere else\" words_ >>= print
  sequence [global, global] >>= print\n";

#[test]
fn cplusplus() {
    let Some(place) = place(&[("shapes.cpp", CPP), ("Shapes.hs", CPP_PROGRAM)]) else { return };
    for level in ["-O0", "-O2"] {
        tool(place.path(), "g++", &["-std=c++17", "-shared", "-fPIC", level, "shapes.cpp", "-o", "libshapes.so"]);
        check(place.path(), level, "Shapes.hs", &["-L.", "-lshapes"]);
    }
}

const FAILING: &str =
    "int socketpair_of_ours(int); int good(void) { return 1; } int bad(void) { return socketpair_of_ours(2); }";
const FAILING_PROGRAM: &str = "import Control.Exception
foreign import ccall \"good\" good :: IO Int
foreign import ccall \"bad\" bad :: IO Int
main = good >>= print >> bad >>= print\n";

#[test]
fn a_function_that_nobody_defines_is_named_when_it_is_called() {
    let Some(place) = place(&[("failing.c", FAILING), ("Failing.hs", FAILING_PROGRAM)]) else { return };
    tool(place.path(), "gcc", &["-shared", "-fPIC", "failing.c", "-o", "libfailing.so"]);
    let (ok, text) = evaluate(place.path(), ours(), "Failing.hs", &["-L.", "-lfailing"]);
    assert!(!ok && text.starts_with("1\n"), "{text}");
    assert!(text.contains("socketpair_of_ours") && text.contains("libfailing.so"), "{text}");
}

/// Libraries that can't be loaded, and what has to be said about them.
const REFUSED: &[(&str, &[&str], &str)] = &[
    (
        "static int one(void) { return 1; } static void *choose(void) { return one; }
int good(void) __attribute__((ifunc(\"choose\")));",
        &[],
        "good: is an indirect function",
    ),
    ("static __thread int mine; int good(void) { return mine++; }", &["-mtls-dialect=gnu2"], "R_X86_64_TLSDESC"),
    ("extern int elsewhere; int good(void) { return elsewhere; }", &[], "elsewhere"),
    ("int good(void) { return 1; }", &["-Wl,-z,pack-relative-relocs", "-DX"], "SHT_RELR"),
    (
        "__attribute__((constructor)) static void f(void) { *(volatile int *)0 = 1; } int good(void) { return 1; }",
        &[],
        "initialisers",
    ),
];

#[test]
fn what_cannot_be_loaded_is_refused_with_a_reason() {
    let program = "foreign import ccall \"good\" good :: IO Int\nmain = good >>= print\n";
    let Some(place) = place(&[("Good.hs", program)]) else { return };
    for (source, options, why) in REFUSED {
        fs::write(place.path().join("refused.c"), source).unwrap();
        tool(place.path(), "gcc", &[&["-shared", "-fPIC", "refused.c", "-o", "librefused.so"], *options].concat());
        let (ok, text) = evaluate(place.path(), ours(), "Good.hs", &["-L.", "-lrefused"]);
        assert!(!ok && text.contains(why) && text.contains("librefused.so"), "{why}: {text}");
    }
    // What GHC adds is in the words that it uses for its own server.
    let missing = |server| evaluate(place.path(), server, "Good.hs", &["-lmissing-altogether"]);
    assert_eq!(missing(ours()), missing(find_server().expect("looked for before")));
}
