//! Files that are right, files that are wrong, and projects that want more than they get.

use super::*;
use crate::native::NativeLibrary;
use crate::os::{Access, Clock, Grant, Policy, Randomness, Stream};
use crate::protocol::ThMessageKind;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn built(text: &str) -> Result<Built, String> {
    Built::parse(Path::new("/etc/bcvm.toml"), text).map_err(|e| e.to_string())
}

/// What is wrong with a text.
fn wrong(text: &str) -> String {
    built(text).expect_err(text)
}

#[test]
fn presets_grant_what_they_say() {
    let strict = built("preset = 'strict'").unwrap().policy;
    assert!(strict.grants.is_empty() && strict.environment.is_empty());
    assert!(strict.streams.iter().all(|stream| matches!(stream, Stream::Null)));
    assert_eq!((strict.clock, strict.randomness), (Clock::Frozen(0), Randomness::Seeded(0)));
    let th = built("preset = 'th'").unwrap().policy;
    assert!(matches!(th.streams, [Stream::Null, Stream::Inherit, Stream::Inherit]));
    assert_eq!(th.grants.iter().map(|grant| grant.access).collect::<Vec<_>>(), [Access::Read]);
    assert!(th.environment.is_empty());
    let repl = built("preset = 'repl'").unwrap().policy;
    assert_eq!(repl.grants.iter().map(|grant| grant.access).collect::<Vec<_>>(), [Access::ReadWrite]);
    assert_eq!(repl.clock, Clock::Real);
    assert!(!repl.escapes);
}

#[test]
fn everything_that_can_be_said() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let text = "
preset = 'strict'
working-directory = '/data/x'
clock = { frozen = 17 }
randomness = { seed = 4 }
[[directory]]
path = 'data'
as = '/data'
access = 'read-write'
[environment]
pass = ['PATH']
set = { MODE = 'test' }
[streams]
stdin = 'null'
stdout = 'inherit'
escapes = 'allow'
[template-haskell]
allow = ['addForeignFile']
deny = ['addCorePlugin']
[limits]
memory = '64M'
stack = '1M'
time = '2s'
output = '10K'
code = '100M'
message = '1M'
refs = 1000
fuel = 1000000
table = 5000
";
    let Built { policy, limits, .. } = Built::parse(&dir.path().join("bcvm.toml"), text).unwrap();
    let host = dir.path().canonicalize().unwrap().join("data");
    assert_eq!(policy.grants, [Grant { host, guest: "/data".into(), access: Access::ReadWrite }]);
    assert_eq!((policy.clock, policy.randomness), (Clock::Frozen(17), Randomness::Seeded(4)));
    let names: Vec<_> = policy.environment.iter().map(|(name, _)| name.to_str().unwrap()).collect();
    assert_eq!(names, ["PATH", "MODE"]);
    assert!(matches!(policy.streams, [Stream::Null, Stream::Inherit, Stream::Null]));
    assert!(policy.escapes);
    assert_eq!(policy.th_message(ThMessageKind::AddForeignFilePath), Decision::Allow);
    assert!(matches!(policy.th_message(ThMessageKind::AddCorePlugin), Decision::Deny(_)));
    let said = Limits {
        memory: Some(64 << 20),
        stack: Some(1 << 20),
        time: Some(Duration::from_secs(2)),
        output: Some(10 << 10),
        refs: Some(1000),
        code: Some(100 << 20),
        message: Some(1 << 20),
        fuel: Some(1_000_000),
        table: Some(5000),
    };
    assert_eq!(limits, said);
}

#[test]
fn what_is_wrong_has_a_line() {
    for (text, line, what) in [
        ("preset = 'strict'\nclok = 'real'", 2, "unknown field `clok`"),
        ("preset = 'lax'", 1, "\"lax\" is none of \"strict\", \"th\", \"repl\""),
        ("\n[limits]\ntime = '1s'", 1, "preset is missing"),
        ("preset = 'strict'\n[limits]\ntime = '1 day'", 3, "a duration is"),
        ("preset = 'strict'\n[limits]\nmemory = '1X'", 3, "a size is"),
        ("preset = 'strict'\n[limits]\nrefs = -1", 3, "does not begin with a number"),
        ("preset = 'strict'\npreset = 'th'", 2, "duplicate key"),
        ("preset = 'strict'\n[[directory]]\npath = '/nowhere-at-all'", 3, "No such file"),
        ("preset = 'strict'\n[[directory]]\npath = '/'\nas = 'x'", 4, "no absolute path"),
        ("preset = 'strict'\n[[directory]]\npath = '/'\nas = '/a/../b'", 4, "no absolute path"),
        ("preset = 'strict'\n[[directory]]\npath = '/'\nacess = 'read'", 4, "unknown field `acess`"),
        ("preset = 'strict'\n[[directory]]\npath = '/'\naccess = 'write'", 4, "\"write\" is none of"),
        (
            "preset = 'strict'\n[[directory]]\npath = '/tmp'\n[[directory]]\npath = '/tmp'",
            5,
            "granted twice, first in line 3",
        ),
        (
            "preset = 'strict'\n[[directory]]\npath = '/tmp'\n[[directory]]\npath = '/tmp'\nas = '/t'\naccess = 'read-write'",
            6,
            "for reading and for writing",
        ),
        ("preset = 'strict'\nworking-directory = '/tmp'", 2, "is in no directory that is granted"),
        ("preset = 'strict'\n[environment]\npass = ['A', 'A']", 3, "mentioned twice"),
        ("preset = 'strict'\n[environment]\npass = ['A']\nset = { A = '1' }", 4, "mentioned twice"),
        ("preset = 'strict'\n[environment]\npass = ['A=B']", 3, "no name of a variable"),
        ("preset = 'strict'\nclock = 'fast'", 2, "\"fast\" is none of"),
        ("preset = 'strict'\nrandomness = 'dice'", 2, "\"dice\" is none of"),
        ("preset = 'strict'\n[streams]\nstdin = 'tty'", 3, "\"tty\" is none of"),
        ("preset = 'strict'\n[template-haskell]\nallow = ['addTempFile']", 3, "is none of"),
        (
            "preset = 'strict'\n[template-haskell]\nallow = ['addCorePlugin']\ndeny = ['addCorePlugin']",
            4,
            "addCorePlugin is allowed and denied",
        ),
        ("preset = 'strict'\nexec = true", 2, "nothing can grant that"),
        ("preset = 'strict'\nnetwork = ['all']", 2, "nothing can grant that"),
        ("preset = 'strict'\n[native]\nlibrary = 'libc.so.6'", 2, "expected a sequence"),
        ("preset = ", 1, ""),
    ] {
        let found = wrong(text);
        assert!(found.starts_with(&format!("/etc/bcvm.toml:{line}: ")) && found.contains(what), "{text}\n{found}");
    }
}

/// A directory that `base` grants, with a project's policy in it.
struct Project {
    dir: TempDir,
}

impl Project {
    fn new() -> Project {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir_all(dir.path().join("project/src")).unwrap();
        Project { dir }
    }

    fn here(&self) -> std::path::PathBuf {
        self.dir.path().canonicalize().unwrap().join("project")
    }

    fn base(&self, access: Access) -> Policy {
        let here = self.here();
        Policy::strict().grant(Grant { host: here.clone(), guest: here.clone(), access }).working_directory(here)
    }

    /// The base narrowed by a project's policy of this text.
    fn narrow(&self, base: &Policy, text: &str) -> Result<Policy, String> {
        let built = Built::parse(&self.here().join(PROJECT_FILE), text).map_err(|e| e.to_string())?;
        built.narrow(base).map_err(|e| e.to_string())
    }
}

#[test]
fn a_project_gets_no_more_than_there_is() {
    let project = Project::new();
    let (wide, narrow) = (project.base(Access::ReadWrite), project.base(Access::Read));
    let src = "preset = 'strict'\n[[directory]]\npath = 'src'\naccess = 'read-write'";
    let granted = project.narrow(&wide, src).unwrap();
    assert_eq!(granted.grants.len(), 1);
    assert_eq!(granted.grants[0].host, project.here().join("src"));
    for (base, text, what) in [
        (&narrow, src, "adds writing in"),
        (&wide, "preset = 'strict'\n\n[[directory]]\npath = '..'", "bcvm.toml:4: "),
        (&wide, "preset = 'strict'\n[[directory]]\npath = '/'\nas = '/data'", "adds reading in /;"),
        (&wide, "preset = 'strict'\n[environment]\npass = ['PATH']", "the environment variable PATH"),
        (&wide, "preset = 'strict'\n[streams]\nstdin = 'inherit'", "standard input"),
        (&wide, "preset = 'strict'\n[streams]\nescapes = 'allow'", "escape sequences"),
        (&wide, "preset = 'strict'\nclock = 'coarse'", "the time"),
        (&wide, "preset = 'strict'\nrandomness = 'real'", "random numbers"),
        (&wide, "preset = 'strict'\n[template-haskell]\nallow = ['addForeignFile']", "addForeignFile"),
    ] {
        let refused = project.narrow(base, text).expect_err(text);
        assert!(refused.contains(what) && refused.contains("--policy"), "{text}\n{refused}");
    }
}

#[test]
fn a_link_in_a_project_leads_no_further() {
    let project = Project::new();
    std::os::unix::fs::symlink("/", project.here().join("all")).unwrap();
    let text = "preset = 'strict'\n[[directory]]\npath = 'all'\nas = '/all'";
    assert!(project.narrow(&project.base(Access::ReadWrite), text).is_err());
}

#[test]
fn a_preset_in_a_project_is_met_as_far_as_it_can_be() {
    let project = Project::new();
    let granted = project.narrow(&project.base(Access::Read), "preset = 'repl'").unwrap();
    assert_eq!((granted.clock, granted.randomness), (Clock::Frozen(0), Randomness::Seeded(0)));
    assert!(granted.streams.iter().all(|stream| matches!(stream, Stream::Null)));
    assert!(granted.environment.is_empty(), "{:?}", granted.environment);
    // This test's own working directory is not the project's.
    assert!(granted.grants.is_empty());
}

#[test]
fn a_project_narrows_everything() {
    let project = Project::new();
    let base = Policy::repl().template_haskell(ThGrants::default().allow(ThMessageKind::AddCorePlugin)).escapes(true);
    let granted = project.narrow(&base, "preset = 'strict'").unwrap();
    assert!(granted.grants.is_empty() && granted.environment.is_empty() && !granted.escapes);
    assert!(granted.streams.iter().all(|stream| matches!(stream, Stream::Null)));
    assert_eq!((granted.clock, granted.randomness), (Clock::Frozen(0), Randomness::Seeded(0)));
    assert!(matches!(granted.th_message(ThMessageKind::AddCorePlugin), Decision::Deny(_)));
    let set = project.narrow(&base, "preset = 'strict'\n[environment]\nset = { MODE = 'x' }").unwrap();
    assert_eq!(set.environment, [("MODE".into(), "x".into())]);
}

#[test]
fn named_files_widen_and_others_do_not() {
    let project = Project::new();
    let put = |name: &str, text: &str| {
        let path = project.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let named = put("named.toml", "preset = 'strict'\nclock = 'real'\n[limits]\nmemory = '1G'");
    let user = put("user.toml", "preset = 'strict'\nclock = 'coarse'\n[limits]\nmemory = '64M'");
    put("project/bcvm.toml", "preset = 'repl'\n[limits]\nmemory = '1G'\ntime = '1s'");
    // Found from a directory below.
    let here = project.here().join("src");
    let sources = Sources { named: Some(named), user: Some(user), project: Some(here) };
    let by_name = sources.effective().unwrap();
    assert_eq!((by_name.policy.clock, by_name.limits.memory, by_name.files.len()), (Clock::Real, Some(1 << 30), 1));
    let by_user = Sources { named: None, ..sources.clone() }.effective().unwrap();
    assert_eq!((by_user.policy.clock, by_user.limits.memory), (Clock::Coarse, Some(64 << 20)));
    assert_eq!((by_user.limits.time, by_user.files.len()), (Some(Duration::from_secs(1)), 2));
    let missing = Sources { named: Some("/nowhere.toml".into()), ..sources }.effective().unwrap_err();
    assert!(missing.to_string().starts_with("/nowhere.toml: "), "{missing}");
}

#[test]
fn splices_ask_but_do_not_act() {
    let policy = Policy::repl();
    for &kind in ThMessageKind::ALL {
        let decision = policy.th_message(kind);
        match kind {
            ThMessageKind::AddForeignFilePath | ThMessageKind::AddCorePlugin => {
                assert!(
                    matches!(&decision, Decision::Deny(why) if why.contains("outside the sandbox")),
                    "{decision:?}"
                );
            }
            ThMessageKind::AddDependentFile => assert_eq!(decision, Decision::AllowPath),
            _ => assert_eq!(decision, Decision::Allow, "{kind:?}"),
        }
    }
    let project = Project::new();
    let base = project.base(Access::Read);
    assert!(base.may_read(&project.here().join("src")));
    assert!(base.may_read(&project.here().join("not/there/yet")));
    assert!(!base.may_read(&project.here().join("src/../../secret")));
    assert!(!base.may_read(Path::new("/etc/passwd")));
    std::os::unix::fs::symlink("/etc", project.here().join("out")).unwrap();
    assert!(!base.may_read(&project.here().join("out/passwd")));
}

/// A file beside the project's that only we can write, as a native library is.
fn library(project: &Project, name: &str) -> std::path::PathBuf {
    let path = project.dir.path().canonicalize().unwrap().join(name);
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    path
}

#[test]
fn native_libraries_are_granted_by_prototypes() {
    let project = Project::new();
    library(&project, "libone.so");
    library(&project, "libtwo.so");
    library(&project, "libm.so.6");
    std::os::unix::fs::symlink("libone.so", project.dir.path().join("libalias.so")).unwrap();
    let built = |text: &str| {
        let text = format!("preset = 'strict'\n[[native]]\n{text}");
        Built::parse(&project.dir.path().join("policy.toml"), &text).map_err(|e| e.to_string())
    };
    let right =
        "library = 'libone.so'\nfunctions = ['int f(int)', 'struct s *g(void)', 'void h(struct s *)']\nfrees = ['h']
[[native]]\nlibrary = 'libtwo.so'\nfunctions = ['int i(void)']";
    let policy = built(right).unwrap().policy;
    let names: Vec<Vec<&str>> =
        policy.natives.iter().map(|library| library.functions().iter().map(|f| f.name()).collect()).collect();
    assert_eq!(names, [vec!["f", "g", "h"], vec!["i"]]);
    let many = (0..257).map(|n| format!("'int f{n}(void)'")).collect::<Vec<_>>().join(", ");
    for (text, line, what) in [
        ("library = 'nowhere.so'\nfunctions = []", 3, "No such file"),
        ("library = '.'\nfunctions = []", 3, "not a regular file"),
        ("library = 'libone.so'", 2, "missing field `functions`"),
        ("library = 'libm.so.6'\nfunctions = []", 3, "the sandbox has a libm of its own"),
        ("library = 'libone.so'\nfunctions = [\n'int f(int)',\n'int g(struct s)']", 6, "only pointers to such"),
        ("library = 'libone.so'\nfunctions = ['int f(int, ...)']", 4, "a variable number of arguments"),
        ("library = 'libone.so'\nfunctions = ['int f(int (*)(int))']", 4, "functions are not passed"),
        ("library = 'libone.so'\nfunctions = ['int f(int)',\n'int f(int)']", 5, "f is granted twice"),
        ("library = 'libone.so'\nfunctions = ['long strlen(const char *)']", 4, "the sandbox has its own"),
        ("library = 'libone.so'\nfunctions = ['int f(int)']\nfrees = ['f']", 5, "f frees nothing"),
        ("library = 'libone.so'\nfunctions = []\nfrees = ['f']", 5, "f frees nothing"),
        (
            "library = 'libone.so'\nfunctions = []\n[[native]]\nlibrary = 'libalias.so'\nfunctions = []",
            6,
            "libone.so is granted twice, first in line 3",
        ),
        (
            "library = 'libone.so'\nfunctions = ['int f(int)']\n[[native]]\nlibrary = 'libtwo.so'\nfunctions = ['int f(int)']",
            7,
            "f is granted twice, first in line 4",
        ),
        (&format!("library = 'libone.so'\nfunctions = [{many}]"), 3, "more than 256 native functions"),
        ("library = 'libone.so'\nfunctions = []\nsymbols = []", 5, "unknown field `symbols`"),
    ] {
        let error = built(text).expect_err(text);
        assert!(error.contains(&format!("policy.toml:{line}: ")) && error.contains(what), "{text}\n{error}");
    }
}

#[test]
fn native_libraries_are_narrowed_like_the_rest() {
    let project = Project::new();
    let path = library(&project, "libone.so");
    let one = || NativeLibrary::new(&path).unwrap();
    let granted = one().function("int f(int)").unwrap().function("void g(void *)").unwrap();
    let base = project.base(Access::Read).native(granted.clone());
    let text = |functions: &str| {
        format!("preset = 'strict'\n[[native]]\nlibrary = '{}'\nfunctions = [\n{functions}]", path.display())
    };
    let left = |text: &str| project.narrow(&base, text).unwrap().natives;
    assert_eq!(left("preset = 'strict'"), []);
    assert_eq!(left(&text("'int f(int x)'")), [one().function("int f(int)").unwrap()]);
    assert_eq!(left(&text("'void g(void *)', 'int f(int)'")), [granted]);
    // What is declared otherwise, or frees, is something else.
    let frees = text("'void g(void *)'") + "\nfrees = ['g']";
    for wide in [
        &text("'int f(int)',\n'int h(int)'"),
        &text("\n'int f(void *)'"),
        &text("\n'int f(long)'"),
        &text("\n'int h(int)'"),
    ] {
        let refused = project.narrow(&base, wide).expect_err(wide);
        assert!(refused.contains("bcvm.toml:6: ") && refused.contains("native code outside the sandbox"), "{refused}");
    }
    assert!(project.narrow(&base, &frees).unwrap_err().contains("native code outside the sandbox, g of "));
    let refused = project.narrow(&project.base(Access::Read), &text("'int f(int)'")).unwrap_err();
    assert!(refused.contains("bcvm.toml:5: ") && refused.contains("--policy"), "{refused}");
}

#[test]
fn native_libraries_are_explained() {
    let project = Project::new();
    let path = library(&project, "libone.so");
    let library = NativeLibrary::new(&path).unwrap().function("int f(int)").unwrap().function("int g(int)").unwrap();
    let policy = Policy::strict().splices(Policy::strict());
    let none = "  may not run native code outside the sandbox\n";
    assert_eq!(explain(&policy, &Limits::default()).matches(none).count(), 2);
    let text = explain(&policy.native(library), &Limits::default());
    let line = format!("  may run native code outside the sandbox, with all your rights: f, g of {}\n", path.display());
    assert!(text.contains(&line) && text.contains("may not run other native code outside the sandbox\n"), "{text}");
    assert_eq!(text.matches(none).count(), 1, "{text}");
}

#[test]
fn explained_in_plain_words() {
    let policy = built("preset = 'strict'\nclock = 'coarse'").unwrap().policy;
    let limits = Limits { memory: Some(64 << 20), output: Some(100), ..Limits::default() };
    let text = explain(&policy, &limits);
    for line in [
        "may not reach any files",
        "may not read standard input",
        "may tell the time in whole seconds",
        "may not start processes",
        "may not use addForeignFile, which compiles C",
        "memory: 64 MiB of heap",
        "output: 100 bytes for each evaluation",
    ] {
        assert!(text.contains(&format!("  {line}")), "{line}\n{text}");
    }
}
