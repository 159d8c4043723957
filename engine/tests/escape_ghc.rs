//! Attempts to get out of the sandbox, made in a real GHCi: each must fail, be on record if it reached the outside at all,
//! and leave the session as it was. What must not be reached is looked at afterwards: a record can lie.

mod escape_common;

use bcvm_engine::os::Verdict::{Denied, Granted};
use escape_common::{Place, SECRET, wire};

/// An attempt: statements, what GHCi must say, and what must be on record as denied, if anything.
struct Attempt {
    name: &'static str,
    script: &'static str,
    says: &'static str,
    denied: Option<(&'static str, &'static str)>,
}

/// OUT stands for the directory beside the working directory.
const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "an absolute path",
        script: "readFile \"OUT/secret\"",
        says: "does not exist",
        denied: Some(("open", "/secret")),
    },
    Attempt {
        name: "a relative path",
        script: "readFile \"../secret\"",
        says: "does not exist",
        denied: Some(("open", "../secret")),
    },
    Attempt {
        name: "a path that goes in and out",
        script: "System.Directory.createDirectory \"sub\"\nreadFile \"sub/../../secret\"",
        says: "does not exist",
        denied: Some(("open", "sub/../../secret")),
    },
    Attempt {
        name: "writing",
        script: "writeFile \"../new\" \"x\"",
        says: "does not exist",
        denied: Some(("open", "../new")),
    },
    Attempt {
        name: "appending",
        script: "appendFile \"OUT/secret\" \"x\"",
        says: "does not exist",
        denied: Some(("open", "/secret")),
    },
    Attempt {
        name: "an absolute link",
        script: "System.Directory.createFileLink \"OUT/secret\" \"a\"\nreadFile \"a\"",
        says: "does not exist",
        denied: Some(("open", "a")),
    },
    Attempt {
        name: "a relative link",
        script: "System.Directory.createFileLink \"../secret\" \"b\"\nreadFile \"b\"",
        says: "does not exist",
        denied: Some(("open", "b")),
    },
    Attempt {
        name: "a link to a directory",
        script: "System.Directory.createDirectoryLink \"..\" \"up\"\nreadFile \"up/secret\"",
        says: "does not exist",
        denied: Some(("open", "up/secret")),
    },
    Attempt {
        name: "a file that GHCi obeys when it next starts",
        script: "writeFile \".ghci\" \":! touch ../new\"",
        says: "ermission denied",
        denied: Some(("open", ".ghci")),
    },
    Attempt {
        name: "the same under another name first",
        script: "writeFile \"other\" \":! touch ../new\"\nSystem.Directory.renameFile \"other\" \".ghci\"",
        says: "ermission denied",
        denied: Some(("rename", ".ghci")),
    },
    Attempt {
        name: "renaming something away",
        script: "writeFile \"mine\" \"x\"\nSystem.Directory.renameFile \"mine\" \"../mine\"",
        says: "does not exist",
        denied: Some(("rename", "../mine")),
    },
    Attempt {
        name: "renaming something here",
        script: "System.Directory.renameFile \"../secret\" \"got\"",
        says: "does not exist",
        denied: None,
    },
    Attempt {
        name: "copying",
        script: "System.Directory.copyFile \"../secret\" \"got\"",
        says: "does not exist",
        denied: Some(("open", "../secret")),
    },
    Attempt {
        name: "removing",
        script: "System.Directory.removeFile \"../secret\"",
        says: "does not exist",
        denied: Some(("unlink", "../secret")),
    },
    Attempt {
        name: "making a directory",
        script: "System.Directory.createDirectory \"../dir\"",
        says: "does not exist",
        denied: Some(("mkdir", "../dir")),
    },
    Attempt {
        name: "listing what is outside",
        script: "System.Directory.listDirectory \"..\"",
        // What leads to a granted directory exists, and that is all that is told.
        says: "permission denied",
        denied: Some(("open", "..")),
    },
    Attempt {
        name: "asking whether something exists",
        script: "System.Directory.doesFileExist \"../secret\"",
        says: "False",
        denied: Some(("stat", "../secret")),
    },
    Attempt {
        name: "going elsewhere",
        script: "System.Directory.setCurrentDirectory \"/etc\"",
        says: "does not exist",
        denied: Some(("chdir", "/etc")),
    },
    Attempt {
        name: "the environment of the process",
        script: "readFile \"/proc/self/environ\"",
        says: "does not exist",
        denied: Some(("open", "/proc/self/environ")),
    },
    Attempt {
        name: "the memory of the process",
        script: "writeFile \"/proc/self/mem\" \"x\"",
        says: "does not exist",
        denied: Some(("open", "/proc/self/mem")),
    },
    Attempt {
        name: "the root by /proc",
        script: "readFile \"/proc/self/root/etc/passwd\"",
        says: "does not exist",
        denied: Some(("open", "/proc/self/root")),
    },
    Attempt {
        name: "descriptors by /dev",
        script: "readFile \"/dev/fd/3\"",
        says: "does not exist",
        denied: Some(("open", "/dev/fd/3")),
    },
    Attempt {
        name: "a device",
        script: "writeFile \"/dev/null\" \"x\"",
        says: "does not exist",
        denied: Some(("open", "/dev/null")),
    },
    Attempt {
        name: "a path with a zero byte",
        script: "readFile \"x\\0/../../secret\"",
        says: "Exception",
        denied: None,
    },
    Attempt {
        name: "an environment variable",
        script: "System.Environment.lookupEnv \"CANARY\"",
        says: "Nothing",
        denied: None,
    },
    Attempt {
        name: "all of the environment",
        script: "lookup \"CANARY\" <$> System.Environment.getEnvironment",
        says: "Nothing",
        denied: None,
    },
    Attempt {
        name: "a shell",
        script: "System.Process.callCommand \"touch ../new\"",
        says: "Operation not permitted",
        denied: Some(("refused", "spawn")),
    },
    Attempt { name: "GHC's own pipes", script: "System.Posix.IO.fdRead 3 10", says: "Exception", denied: None },
    Attempt { name: "fork", script: "cfork", says: "-1", denied: Some(("refused", "fork")) },
    Attempt {
        name: "exec",
        script: "withCString \"/bin/true\" (\\p -> cexecv p nullPtr)",
        says: "-1",
        denied: Some(("refused", "exec")),
    },
    Attempt {
        name: "the list of users",
        script: "readFile \"/etc/passwd\"",
        says: "does not exist",
        denied: Some(("open", "/etc/passwd")),
    },
    Attempt {
        name: "what the kernel knows of the machine",
        script: "readFile \"/sys/class/net/lo/address\"",
        says: "does not exist",
        denied: Some(("open", "/sys/class")),
    },
    Attempt {
        name: "a hard link",
        script: "System.Posix.Files.createLink \"../secret\" \"hard\"",
        says: "does not exist",
        denied: Some(("link", "../secret")),
    },
    Attempt {
        name: "permissions",
        script: "System.Posix.Files.setFileMode \"../secret\" 0o777",
        says: "does not exist",
        denied: Some(("chmod", "../secret")),
    },
    Attempt {
        name: "shortening",
        script: "System.Posix.Files.setFileSize \"../secret\" 0",
        says: "does not exist",
        denied: Some(("truncate", "../secret")),
    },
    Attempt {
        name: "a fifo",
        script: "System.Posix.Files.createNamedPipe \"fifo\" 0o666",
        says: "Operation not permitted",
        denied: Some(("refused", "mkfifo")),
    },
    Attempt {
        name: "a signal to GHC",
        script: "System.Posix.Process.getParentProcessID >>= System.Posix.Signals.signalProcess 9",
        says: "Operation not permitted",
        denied: Some(("refused", "kill")),
    },
    Attempt {
        name: "a process",
        script: "System.Posix.Process.forkProcess (return ()) >>= print",
        says: "xception",
        denied: None,
    },
    Attempt { name: "a socket", script: "csocket 2 1 0", says: "-1", denied: Some(("refused", "socket")) },
];

/// What the attempts need in scope.
const PRELUDE: &str = "\
import Foreign
import Foreign.C
import qualified System.Directory
import qualified System.Environment
import qualified System.Process
import qualified System.IO
import qualified System.Posix.Files
import qualified System.Posix.IO
import qualified System.Posix.Process
import qualified System.Posix.Signals
:load Calls.hs
";

/// C functions that no package of GHC calls for what they do here.
const CALLS: &str = "\
module Calls where
import Foreign
import Foreign.C
foreign import ccall \"fork\" cfork :: IO CInt
foreign import ccall \"execv\" cexecv :: CString -> Ptr CString -> IO CInt
foreign import ccall \"socket\" csocket :: CInt -> CInt -> CInt -> IO CInt
";

#[test]
fn nothing_gets_out() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    std::fs::write(place.work().join("Calls.hs"), CALLS).unwrap();
    let mut script = PRELUDE.to_owned();
    script.push_str("import Foreign\nimport Foreign.C\n");
    for (i, attempt) in ATTEMPTS.iter().enumerate() {
        let out = place.outside("").to_string_lossy().trim_end_matches('/').to_owned();
        script.push_str(&format!("{}\n{i} + 1000\nputStrLn \"<{i}>\"\n", attempt.script.replace("OUT", &out)));
    }
    let said = place.ghci(&script, &[]);
    for (i, attempt) in ATTEMPTS.iter().enumerate() {
        let name = attempt.name;
        let part = said.before_mark(i);
        assert!(part.ends_with(&format!("{}\n", i + 1000)), "{name}: the session did not go on\n{}", said.text);
        assert!(part.contains(attempt.says), "{name}\n{}", said.text);
        if let Some((operation, argument)) = attempt.denied {
            assert!(said.recorded(Denied, operation, argument), "{name}: not on record\n{:#?}", said.events);
        }
    }
    assert!(!said.text.contains(SECRET), "{}", said.text);
    // A shell, fork, exec and a socket: the user is told once.
    assert_eq!(said.text.matches("none starts processes or uses the network").count(), 1, "{}", said.text);
    place.check_untouched();
}

#[test]
fn what_is_granted_is_on_record_too() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    let policy = place.work().join("bcvm.toml");
    let text = "preset = 'repl'\nclock = { frozen = 1000000000 }\nrandomness = 'seeded'\n[environment]\nset = { MODE = 'test' }\n";
    std::fs::write(&policy, text).unwrap();
    let script = "writeFile \"new\" \"x\"\nreadFile \"new\"\nSystem.Environment.getEnv \"MODE\"\n\
                  Data.Time.Clock.POSIX.getPOSIXTime\nwriteFile \"bcvm.toml\" \"preset = 'repl'\"\n\
                  System.Directory.removeFile \"bcvm.toml\"\n17 + 4\n";
    let said = place.ghci(script, &[]);
    assert!(said.text.contains("\"x\"\n\"test\"\n1000000000s\n"), "{}", said.text);
    assert!(said.text.ends_with("21\n") || said.text.contains("\n21\n"), "{}", said.text);
    assert!(said.recorded(Granted, "open", "new"), "{:#?}", said.events);
    assert!(
        said.recorded(Granted, "clockgettime", "") || said.recorded(Granted, "clock_gettime", ""),
        "{:#?}",
        said.events
    );
    assert!(said.recorded(Denied, "open", "bcvm.toml"), "{:#?}", said.events);
    assert!(said.recorded(Denied, "unlink", "bcvm.toml"), "{:#?}", said.events);
    assert_eq!(std::fs::read_to_string(&policy).unwrap(), text);
}

#[test]
fn projects_only_narrow() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    let policy = place.work().join("bcvm.toml");
    std::fs::write(&policy, "preset = 'strict'\n").unwrap();
    let said = place.ghci("writeFile \"new\" \"x\"\n", &[]);
    assert!(said.text.contains("does not exist"), "{}", said.text);
    assert!(!place.work().join("new").exists());
    std::fs::write(&policy, "preset = 'repl'\n[[directory]]\npath = '..'\n").unwrap();
    let mut command = wire::ghc(&place.work(), wire::BCVM_ISERV.as_ref(), &[]);
    command.args(["-e", "readFile \"../secret\""]).env_remove("BCVM_POLICY").env("XDG_CONFIG_HOME", "/nonexistent");
    let output = wire::finish(wire::start(&mut command));
    let shown = wire::show(&output);
    assert!(
        !output.status.success() && shown.contains("bcvm.toml:3: a policy found in a project only narrows"),
        "{shown}"
    );
    // The same file, passed by somebody who trusts it.
    let said = place.ghci("readFile \"../secret\"\n", &[&format!("--policy={}", policy.display())]);
    assert!(said.text.contains(SECRET), "{}", said.text);
}

/// What a program wants a terminal to do, by every way that its text gets there. A policy can allow it.
#[test]
fn a_terminal_obeys_no_program() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    const SCRIPT: &str = ":set -XTemplateHaskell\nimport Language.Haskell.TH\nimport System.IO\n\
        putStrLn \"1\\ESC]0;owned\\BEL\"\nhPutStrLn stderr \"2\\ESC]0;owned\\BEL\"\nputStrLn \"3\\155;owned\"\n\
        ioError (userError \"4\\ESC]0;owned\\BEL\")\n$(reportWarning \"5\\ESC]0;owned\\BEL\" >> [| () |])\n\
        $(runIO (ioError (userError \"6\\ESC]0;owned\\BEL\")))\n$(fail \"7\\ESC]0;owned\\BEL\")\n";
    for is_allowed in [false, true] {
        let place = Place::new();
        let policy = place.outside("policy.toml");
        std::fs::write(&policy, "preset = 'repl'\n[streams]\nescapes = 'allow'\n").unwrap();
        let options = if is_allowed { vec![format!("--policy={}", policy.display())] } else { Vec::new() };
        let mut ghc = wire::ghc(&place.work(), wire::BCVM_ISERV.as_ref(), &options);
        ghc.args(["--interactive", "-ignore-dot-ghci", "-fdiagnostics-color=never"]);
        // A terminal between us and GHC.
        let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"));
        let line: Vec<String> = std::iter::once(ghc.get_program()).chain(ghc.get_args()).map(quoted).collect();
        let mut command = std::process::Command::new("script");
        command.args(["-qec", &line.join(" "), "/dev/null"]).current_dir(place.work());
        command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY").env("GHC_ENVIRONMENT", "-");
        command.env("LANG", "C.UTF-8").env("TERM", "dumb");
        command.stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), SCRIPT.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        for n in 1..=7 {
            let obeyed = if n == 3 { "3\u{9b};owned".into() } else { format!("{n}\u{1b}]0;owned") };
            let harmless = if n == 3 { "3\u{bf};owned".into() } else { format!("{n}?]0;owned") };
            assert_eq!(said.contains(&obeyed), is_allowed, "{said:?}");
            assert_eq!(said.contains(&harmless), !is_allowed, "{said:?}");
        }
    }
}
