//! Shared libraries that a policy names run outside the sandbox, and nothing else of theirs is called: a library made by gcc,
//! called by byte code, by GHC's own objects, and by lifted C. Needs GHC 9.0.2 (see `ghc_iserv`) and gcc.

mod ghc_iserv;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bcvm_engine::os::{Event, Verdict};
use ghc_iserv::{find_server, run};
use tempfile::TempDir;

const LIBRARY: &str = include_str!("native_library/trusted.c");
const PROGRAM: &str = include_str!("native_library/Trusted.hs");

/// What the policy says of the library.
const FUNCTIONS: &str = r#"
functions = [
  "int readable(const char *path)", "int constructed(void)",
  "signed char add8(int8_t, unsigned char)", "uint8_t flip8(uint8_t)",
  "short add16(int16_t a, unsigned short b)", "uint16_t flip16(uint16_t)",
  "int add32(int a, unsigned b)", "uint32_t flip32(uint32_t)",
  "long add64(int64_t a, unsigned long long b)", "size_t flip64(size_t)", "_Bool both(_Bool, bool)",
  "long ten(long a, int b, short c, signed char d, unsigned long e, unsigned f, unsigned short g, unsigned char h, long i, int j)",
  "double sums(double a, float b, double c, float d, double e, float f, double g, float h, double i, float j, int k, double l)",
  "float halved(float x)",
  "void fill(unsigned char to[n], unsigned long n, int with)", "double total(const double from[n], int n)",
  "unsigned long take(unsigned char to[*room], unsigned long *room)",
  "unsigned char *after(unsigned char *at, unsigned long n)", "unsigned long measure(const char *text)",
  "const char *version(void)", "const char *name_of(int n)",
  "struct counter *counter_new(long n)", "long counter_add(struct counter *c, long n)",
  "struct counter *counter_same(struct counter *c)", "void counter_free(struct counter *c)", "long counter_alive(void)",
  "int *numbers(void)", "int number_at(int *from, int n)",
  "int failing(int number)", "int harmless(void)", "void slowly(unsigned char *at, int milliseconds)",
]
frees = ["counter_free"]
"#;

/// A directory for programs, one beside it for libraries, and a policy.
struct Place {
    top: TempDir,
}

impl Place {
    /// With the library and the program; none without GHC.
    fn new() -> Option<Place> {
        find_server()?;
        let place = Place { top: tempfile::tempdir().unwrap() };
        for directory in ["lib", "work", "out"] {
            fs::create_dir(place.path(directory)).unwrap();
        }
        place.library("lib/libtrusted.so", LIBRARY, &[]);
        fs::write(place.path("work/Trusted.hs"), PROGRAM).unwrap();
        fs::write(place.path("secret"), "").unwrap();
        place.policy("policy.toml", FUNCTIONS);
        Some(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.path().canonicalize().unwrap().join(name)
    }

    /// Makes a library that nobody else can write.
    fn library(&self, name: &str, source: &str, options: &[&str]) {
        let (source_file, file) = (self.path("source.c"), self.path(name));
        fs::write(&source_file, source).unwrap();
        let mut gcc = Command::new("gcc");
        gcc.current_dir(self.path("lib"))
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&file)
            .arg(&source_file)
            .args(options);
        run(&mut gcc);
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(file.parent().unwrap(), Permissions::from_mode(0o755)).unwrap();
    }

    /// A policy that grants the library like this.
    fn policy(&self, name: &str, grant: &str) {
        let text =
            format!("preset = 'repl'\n[[native]]\nlibrary = '{}'\n{grant}", self.path("lib/libtrusted.so").display());
        fs::write(self.path(name), text).unwrap();
    }

    /// GHC in the programs' directory, with these options for the server.
    fn ghc(&self, server: &Path, options: &[String]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["120", "ghc", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
        command.args(options.iter().map(|option| format!("-opti{option}")));
        command.arg(format!("-L{}", self.path("lib").display())).arg("-outputdir").arg(self.path("out"));
        command.current_dir(self.path("work")).env("GHC_ENVIRONMENT", "-").env("LC_ALL", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY");
        command
    }

    /// Our server's options for a policy, and a record.
    fn options(&self, policy: &str) -> Vec<String> {
        let _ = fs::remove_file(self.path("audit"));
        [("policy", policy), ("audit", "audit")]
            .map(|(option, name)| format!("--{option}={}", self.path(name).display()))
            .into()
    }

    /// What `expression` of a module prints, to both streams.
    fn evaluate(&self, server: &Path, options: &[String], arguments: &[&str]) -> (bool, String) {
        let output = self.ghc(server, options).args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.success(), text)
    }

    /// What a session with GHCi says to a script about the program.
    fn session(&self, options: &[String], script: &str) -> String {
        let mut command = self.ghc(ours(), options);
        command.args(["-ltrusted", "--interactive", "Trusted.hs"]).stdin(Stdio::piped());
        let (mut from, to) = std::io::pipe().unwrap();
        let mut child = command.stdout(to.try_clone().unwrap()).stderr(to).spawn().unwrap();
        drop(command);
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut from, &mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(child.wait().unwrap().success(), "{text}");
        text
    }

    /// Whether a use is on record.
    fn recorded(&self, verdict: Verdict, operation: &str, argument: &str) -> bool {
        let record = fs::read_to_string(self.path("audit")).unwrap_or_default();
        let mut events = record.lines().map(|line| serde_json::from_str::<Event>(line).unwrap());
        events
            .any(|event| event.verdict == verdict && event.operation == operation && event.argument.ends_with(argument))
    }
}

fn ours() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bcvm-iserv"))
}

#[test]
fn functions_do_what_they_do_in_a_process() {
    let Some(place) = Place::new() else { return };
    let main = ["-ltrusted", "-e", "main", "Trusted.hs"];
    let theirs = place.evaluate(find_server().unwrap(), &[], &main);
    assert!(theirs.0 && theirs.1.lines().count() == 31, "{}", theirs.1);
    assert_eq!(place.evaluate(ours(), &place.options("policy.toml"), &main), theirs, "byte code");
    assert!(place.recorded(Verdict::Granted, "native_load", "/libtrusted.so"));
    for function in ["ten", "counter_new", "version", "halved"] {
        assert!(place.recorded(Verdict::Granted, "native_call", &format!("/libtrusted.so: {function}")), "{function}");
    }
    let objects = ["-ltrusted", "-fobject-code", "-e", "main", "Trusted.hs"];
    assert_eq!(place.evaluate(ours(), &place.options("policy.toml"), &objects), theirs, "objects");
    assert!(place.recorded(Verdict::Granted, "native_call", "/libtrusted.so: sums"));
}

#[test]
fn without_a_grant_a_library_stays_inside() {
    let Some(place) = Place::new() else { return };
    let secret = format!("Foreign.C.withCString {:?} readable >>= print", place.path("secret").display().to_string());
    let ask = ["-ltrusted", "-e", &secret, "-e", "main", "Trusted.hs"];
    let theirs = place.evaluate(find_server().unwrap(), &[], &ask);
    assert!(theirs.0 && theirs.1.starts_with("1\n"), "{}", theirs.1);
    // Outside it reads what the user can read.
    assert_eq!(place.evaluate(ours(), &place.options("policy.toml"), &ask), theirs);
    // Inside it is a program like others, and the same otherwise.
    fs::write(place.path("inside.toml"), "preset = 'repl'").unwrap();
    let inside = place.evaluate(ours(), &place.options("inside.toml"), &ask);
    assert_eq!(inside, (true, theirs.1.replacen('1', "0", 1)));
    assert!(place.recorded(Verdict::Denied, "access", "/secret"));
    assert!(!place.recorded(Verdict::Granted, "native_load", "/libtrusted.so"));
}

#[test]
fn libraries_inside_call_those_outside() {
    let Some(place) = Place::new() else { return };
    let source = "struct counter; struct counter *counter_new(long); long counter_add(struct counter *, long);
void counter_free(struct counter *); long ten(long, int, short, signed char, long, int, short, char, long, int);
double sums(double, float, double, float, double, float, double, float, double, float, int, double);
const char *version(void); unsigned long measure(const char *);
long ask(long n) {
  struct counter *c = counter_new(n);
  long sum = 0;
  for (int i = 0; i < 10; i++) sum += counter_add(c, i) * ten(1, 2, 3, 4, 5, 6, 7, 8, 9, i);
  counter_free(c);
  return sum + (long)(1000 * sums(1, 2, 3, 4, 5, 6, 7, 8, 9, n, 11, 0.125)) + (long)measure(version() + 2);
}";
    place.library("lib/libasking.so", source, &["-L.", "-ltrusted", "-Wl,-rpath,$ORIGIN"]);
    fs::write(place.path("work/Ask.hs"), "foreign import ccall \"ask\" ask :: Int -> IO Int\nmain = ask 3 >>= print\n")
        .unwrap();
    let main = ["-lasking", "-e", "main", "Ask.hs"];
    let theirs = place.evaluate(find_server().unwrap(), &[], &main);
    assert!(theirs.0, "{}", theirs.1);
    assert_eq!(place.evaluate(ours(), &place.options("policy.toml"), &main), theirs);
    assert!(place.recorded(Verdict::Granted, "native_call", "/libtrusted.so: counter_add"));
}

/// Statements that native functions must not be called with, and what is said about them.
const REFUSED: &[(&str, &str)] = &[
    ("counterAdd (nullPtr `plusPtr` 12345) 1", "counter_add: its argument 1, 0x3039, is no handle of a struct counter"),
    ("alloca (\\at -> counterAdd (castPtr (at :: Ptr Int)) 1)", "is no handle of a struct counter"),
    ("counterAdd (nullPtr `plusPtr` 0x7fff12345678) 1", "is no handle of a struct counter"),
    ("counterAdd (c `plusPtr` 8) 1", "is no handle of a struct counter"),
    ("counterAdd (c `plusPtr` (2 ^ 32)) 1", "is no handle of a struct counter"),
    ("counterFree freed", "is no handle of a struct counter"),
    ("counterAdd freed 1", "that this library has given and not freed"),
    ("numberAt (castPtr c) 0", "number_at: its argument 1, "),
    ("numberAt (nullPtr `plusPtr` 0x7fff12345678) 0", "is neither in the program's memory nor a handle of int"),
    ("fill (nullPtr `plusPtr` 8) 4 0", "does not point to 4 bytes of memory that the program can change"),
    ("fill (nullPtr `plusPtr` 0x7fff0000) 4 0", "does not point to 4 bytes of memory that the program can change"),
    ("fill (castFunPtrToPtr constructedPtr) 4 0", "does not point to 4 bytes of memory that the program can change"),
    ("allocaBytes 8 (\\at -> fill at (2 ^ 31) 0)", "does not point to 2147483648 bytes"),
    ("allocaBytes 8 (\\at -> fill at maxBound 0)", "does not point to 18446744073709551615 bytes"),
    ("allocaBytes 8 (\\at -> total at (-1))", "elements, which no memory has"),
    ("allocaBytes 8 (\\at -> take_ at (nullPtr `plusPtr` 0x7fff0000))", "has as many elements as argument 2 points to"),
    ("allocaBytes 8 (\\at -> with maxBound (take_ at))", "does not point to 18446744073709551615 bytes"),
    ("with 8 (\\room -> take_ (castPtr room) room)", "is an array that overlaps its length, argument 2"),
    ("measure (nullPtr `plusPtr` 0x7ffffff0)", "is no text"),
    ("peek (castPtr c :: Ptr Int)", "a null pointer"),
    ("peekElemOff (castPtr c :: Ptr Int) 100", "a null pointer"),
];

#[test]
fn what_would_name_the_hosts_memory_is_refused_and_the_session_goes_on() {
    let Some(place) = Place::new() else { return };
    let mut script = "import Foreign\nc <- counterNew 1\nfreed <- counterNew 2\ncounterFree freed\n".to_owned();
    for (n, (statement, _)) in REFUSED.iter().enumerate() {
        script += &format!("{statement}\ncounterAdd c 0 >>= \\n -> putStrLn (\"<{n}> \" ++ show n)\n");
    }
    let text = place.session(&place.options("policy.toml"), &script);
    let mut rest = &text[..];
    for (n, (statement, why)) in REFUSED.iter().enumerate() {
        let (said, after) = rest.split_once(&format!("<{n}> 1\n")).unwrap_or_else(|| panic!("{statement}: {text}"));
        assert!(said.contains(why), "{statement}: {said}");
        rest = after;
    }
    assert!(place.recorded(Verdict::Denied, "native_call", "/libtrusted.so: counter_add"));
}

#[test]
fn a_long_call_ends_before_its_program_is_stopped() {
    let Some(place) = Place::new() else { return };
    let options = [place.options("policy.toml"), vec!["--timeout=3s".into()]].concat();
    let script = "import Foreign\nat <- mallocBytes 1 :: IO (Ptr Word8)\npoke at 0\nslowly at 4000\npeek at\n1 + 2\n";
    let text = place.session(&options, script);
    // The function has used memory all the while, past the time at which its program would have lost it.
    assert!(text.contains("time was up") && text.ends_with(&format!("{}\n3\n", 4000 % 256)), "{text}");
}

#[test]
fn what_was_loaded_is_there_when_the_machine_is_lost() {
    let Some(place) = Place::new() else { return };
    // The heap, which the library is told to overwrite.
    let damage = "fill (nullPtr `plusPtr` 0x80000000) 0x40000 255";
    let after = "constructed\nd <- counterNew 6\ncounterAdd d 1\nversion >>= Foreign.C.peekCString\n";
    let script = format!("import Foreign\nc <- counterNew 5\n{damage}\nlength (show [1 .. 5000])\n{after}");
    let options = [place.options("policy.toml"), vec!["--timeout=5s".into()]].concat();
    let text = place.session(&options, &script);
    assert!(text.contains("machine was begun anew"), "{text}");
    assert!(text.ends_with("7\n7\n\"1.2.3-trusted\"\n"), "{text}");
}

#[test]
fn what_is_not_granted_does_not_exist() {
    let Some(place) = Place::new() else { return };
    let program = "foreign import ccall \"secret\" secret :: IO Int\nmain = secret >>= print\n";
    fs::write(place.path("work/Secret.hs"), program).unwrap();
    for way in [&[][..], &["-fobject-code"]] {
        let arguments = [&["-ltrusted"], way, &["-e", "main", "Secret.hs"]].concat();
        let (ok, text) = place.evaluate(ours(), &place.options("policy.toml"), &arguments);
        assert!(!ok && !text.contains("4711"), "{text}");
        let hint = "secret is not among the functions of the native library ";
        assert!(text.contains(hint) && text.contains("libtrusted.so that the policy grants"), "{text}");
    }
    // One that is granted, and is not there.
    place.policy("policy.toml", "functions = ['int absent(void)']");
    let (ok, text) = place.evaluate(ours(), &place.options("policy.toml"), &["-ltrusted", "-e", "1", "Secret.hs"]);
    assert!(!ok && text.contains("the policy grants its function absent, which it does not have"), "{text}");
    assert!(place.recorded(Verdict::Granted, "native_load", "/libtrusted.so"));
}

#[test]
fn a_project_grants_nothing() {
    let Some(place) = Place::new() else { return };
    place.policy("work/bcvm.toml", FUNCTIONS);
    let (ok, text) = place.evaluate(ours(), &[], &["-ltrusted", "-e", "main", "Trusted.hs"]);
    let why = "bcvm.toml:6: a policy found in a project only narrows what is granted, and this adds native code outside the sandbox";
    assert!(!ok && text.contains(why), "{text}");
}

#[test]
fn what_programs_could_have_written_is_not_opened() {
    let Some(place) = Place::new() else { return };
    place.library("work/libinner.so", "int inner(void) { return 1; }", &[]);
    let source = "int inner(void); int outer(void) { return inner(); }";
    place.library("lib/libtrusted.so", source, &["-L../work", "-linner", "-Wl,-rpath,$ORIGIN/../work"]);
    place.policy("policy.toml", "functions = ['int outer(void)']");
    let program = "foreign import ccall \"outer\" outer :: IO Int\nmain = outer >>= print\n";
    fs::write(place.path("work/Outer.hs"), program).unwrap();
    let (ok, text) = place.evaluate(ours(), &place.options("policy.toml"), &["-ltrusted", "-e", "main", "Outer.hs"]);
    assert!(!ok && text.contains("not opened") && text.contains("libinner.so lies in "), "{text}");
    assert!(place.recorded(Verdict::Denied, "native_load", "/libtrusted.so"));

    let check = |grant: &str| {
        fs::write(place.path("work/mine.toml"), grant).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bcvm"));
        command.current_dir(place.path("work")).args(["policy", "check", "mine.toml"]);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let inside = |preset: &str| format!("preset = '{preset}'\n[[native]]\nlibrary = 'libinner.so'\nfunctions = []\n");
    let (ok, text) = check(&inside("repl"));
    assert!(!ok && text.contains("mine.toml:3: ") && text.contains("which programs may change"), "{text}");
    let (ok, text) = check(&inside("th"));
    assert!(!ok && text.contains("mine.toml:3: ") && text.contains("where programs work"), "{text}");
    assert!(check(&inside("strict")).0);
    fs::set_permissions(place.path("work/libinner.so"), Permissions::from_mode(0o777)).unwrap();
    let (ok, text) = check(&inside("strict"));
    assert!(!ok && text.contains("can be changed by other users"), "{text}");
}
