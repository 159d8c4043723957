//! Splices that ask GHC to act for them: a message of every kind, without a policy, under the strictest, and under one that
//! grants what may be granted. GHC would do it outside the sandbox, so what it did is looked for there.

mod escape_common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bcvm_engine::os::Verdict::Denied;
use escape_common::{Place, SECRET, wire};

/// Asks one thing: a splice, what GHCi says of it without a policy, under [`STRICT`] and under [`OWN`], and what of it is
/// on record when it is denied.
struct Attempt {
    splice: &'static str,
    says: [&'static str; 3],
    denied: Option<(&'static str, &'static str)>,
}

/// Grants no more than is needed to see what came of it.
const STRICT: &str = "preset = 'strict'\n[streams]\nstdout = 'inherit'\n";

/// Grants what may be granted.
const OWN: &str = "preset = 'th'\n[[directory]]\npath = 'work'\n[template-haskell]\n\
    allow = ['addForeignFile', 'addCorePlugin']\n";

// As GHC reports them.
const C: &str = "• addForeignFile is not allowed: it compiles C into the program, outside the sandbox";
const PLUGIN: &str = "• addCorePlugin is not allowed: it runs code inside GHC, outside the sandbox";
const NOT_GRANTED: &str = "• the file lies where nothing is granted";

/// OUT stands for the directory beside the working directory.
const ATTEMPTS: &[Attempt] = &[
    same("do { n <- newName \"x\"; stringE (nameBase n) }", "\"x\""),
    same("reportWarning \"\\ESC]0;title\\BEL\" >> [| 1 |]", "1"),
    same("fail \"on purpose\"", "on purpose"),
    same("recover [| 2 |] (fail \"unheard\")", "2"),
    same("lookupValueName \"map\" >>= stringE . show", "Just GHC.Base.map"),
    same("reify ''Bool >>= stringE . pprint", "data GHC.Types.Bool"),
    same("reifyFixity '(+) >>= stringE . show", "InfixL"),
    same("reifyInstances ''Show [ConT ''Bool] >>= stringE . show . length", "\"1\""),
    same("reifyRoles ''Maybe >>= stringE . show", "RepresentationalR"),
    same("(reifyAnnotations (AnnLookupName 'map) :: Q [Int]) >>= stringE . show", "[]"),
    same("reifyConStrictness 'Just >>= stringE . show", "DecidedLazy"),
    same("reifyType 'not >>= stringE . pprint", "GHC.Types.Bool -> GHC.Types.Bool"),
    same("isExtEnabled TemplateHaskell >>= stringE . show", "True"),
    same("extsEnabled >>= stringE . show . elem TemplateHaskell", "True"),
    same("addModFinalizer (pure ()) >> [| 3 |]", "3"),
    Attempt {
        splice: "addForeignSource LangC \"int f;\" >> [| 4 |]",
        says: [C, C, "4"],
        denied: Some(("AddForeignFilePath", "")),
    },
    Attempt {
        splice: "addForeignFilePath LangAsm \"OUT/secret\" >> [| 5 |]",
        says: [C, C, "5"],
        denied: Some(("AddForeignFilePath", "/secret")),
    },
    Attempt {
        splice: "recover [| 6 |] (addForeignFilePath RawObject \"x.o\" >> [| 7 |])",
        says: ["6", "6", "7"],
        denied: Some(("AddForeignFilePath", "x.o")),
    },
    Attempt {
        splice: "addCorePlugin \"Evil\" >> [| 8 |]",
        says: [PLUGIN, PLUGIN, "8"],
        denied: Some(("AddCorePlugin", "Evil")),
    },
    Attempt { splice: "addDependentFile \"data\" >> [| 9 |]", says: ["9", NOT_GRANTED, "9"], denied: None },
    Attempt {
        splice: "addDependentFile \"../secret\" >> [| 10 |]",
        says: [NOT_GRANTED; 3],
        denied: Some(("AddDependentFile", "../secret")),
    },
    Attempt {
        splice: "addDependentFile \"OUT/secret\" >> [| 11 |]",
        says: [NOT_GRANTED; 3],
        denied: Some(("AddDependentFile", "/secret")),
    },
    Attempt {
        splice: "addDependentFile \"link\" >> [| 12 |]",
        says: [NOT_GRANTED; 3],
        denied: Some(("AddDependentFile", "link")),
    },
    Attempt {
        splice: "addDependentFile \"/proc/self/environ\" >> [| 13 |]",
        says: [NOT_GRANTED; 3],
        denied: Some(("AddDependentFile", "/proc/self/environ")),
    },
    // GHC removes what it has named, too.
    Attempt {
        splice: "addTempFile \"/../../../../../OUT/secret\" >>= \\p -> runIO (writeFile p \"x\") >> [| 14 |]",
        says: ["• the suffix of a temporary file is a path"; 3],
        denied: Some(("AddTempFile", "/secret")),
    },
    same("addTempFile \".txt\" >>= \\p -> runIO (writeFile p \"kept\" >> readFile p) >>= stringE", "kept"),
    same(
        "addTempFile \".d\" >>= \\p -> runIO (System.Directory.createFileLink \"OUT/secret\" p >> readFile p) >>= stringE",
        "does not exist",
    ),
    Attempt {
        splice: "runIO (readFile \"data\") >>= stringE",
        says: ["some data", "does not exist", "some data"],
        denied: None,
    },
    same("runIO (readFile \"OUT/secret\") >>= stringE", "does not exist"),
    same("runIO (writeFile \"data\" \"x\") >> [| 15 |]", ""),
    same("runIO (System.Environment.lookupEnv \"CANARY\") >>= stringE . show", "Nothing"),
    // What GHC hears is whole messages and nothing else.
    same(
        "runIO (withCString \"\\18garbage\" (\\p -> cwrite 255 p 8)) >> newName \"x\" >> [| 15 |]",
        "says itself that it is done",
    ),
    same("runIO (withCString \"\\99\" (\\p -> cwrite 255 p 1)) >> newName \"x\" >> [| 16 |]", "makes no sense"),
    same("runIO (withCString \"\\16\\1\" (\\p -> cwrite 255 p 2)) >> newName \"x\" >> [| 17 |]", "has not begun"),
    same("runIO (allocaBytes 1 (\\p -> cread 254 p 1)) >> [| 18 |]", ""),
    same("let flood = cwrite 255 nullPtr 0 >> flood in runIO (flood :: IO ()) >> [| 19 |]", "its time was up"),
    same(
        "let flood = allocaBytes 1000000 (\\p -> let go = cwrite 255 p 1000000 >>= \\n -> if n < 0 then pure () else go in go)\
         in runIO (flood :: IO ()) >> [| 20 |]",
        "says more than",
    ),
];

const fn same(splice: &'static str, says: &'static str) -> Attempt {
    Attempt { splice, says: [says; 3], denied: None }
}

const PRELUDE: &str = "\
:set -XTemplateHaskell
:load Calls.hs
:module + Calls
import Foreign
import Foreign.C
import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import qualified System.Directory
import qualified System.Environment
";

const CALLS: &str = "\
module Calls where
import Foreign
import Foreign.C
import System.Posix.Types
foreign import ccall \"write\" cwrite :: CInt -> Ptr CChar -> CSize -> IO CSsize
foreign import ccall \"read\" cread :: CInt -> Ptr CChar -> CSize -> IO CSsize
";

#[test]
fn ghc_does_not_do_what_a_splice_may_not() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    for (i, policy) in [None, Some(STRICT), Some(OWN)].into_iter().enumerate() {
        let place = Place::new();
        let out = place.outside("").to_string_lossy().trim_end_matches('/').to_owned();
        fs::write(place.work().join("Calls.hs"), CALLS).unwrap();
        fs::write(place.work().join("data"), "some data").unwrap();
        std::os::unix::fs::symlink("../secret", place.work().join("link")).unwrap();
        let mut options = vec!["--timeout=2s".to_owned()];
        let directory = tempfile::tempdir().unwrap();
        if let Some(policy) = policy {
            let file = directory.path().join("policy.toml");
            fs::write(&file, policy.replace("'work'", &format!("{:?}", place.work()))).unwrap();
            options.push(format!("--policy={}", file.display()));
        }
        let mut script = PRELUDE.to_owned();
        for (n, attempt) in ATTEMPTS.iter().enumerate() {
            let splice = attempt.splice.replace("OUT", &out);
            script.push_str(&format!("$({splice})\n{n} + 1000\nputStrLn \"<{n}>\"\n"));
        }
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let said = place.ghci(&script, &options);
        let mut wrong = Vec::new();
        for (n, attempt) in ATTEMPTS.iter().enumerate() {
            let (part, splice) = (said.before_mark(n), attempt.splice);
            assert!(part.ends_with(&format!("{}\n", n + 1000)), "{splice}: the session did not go on\n{part}");
            let says = attempt.says[i];
            if !part.contains(says) {
                wrong.push(format!("under {policy:?} {splice} should say {says:?}\n{part}"));
            }
            if let Some((operation, argument)) = attempt.denied.filter(|_| says != attempt.says[2] || i < 2)
                && !said.recorded(Denied, operation, argument)
            {
                wrong.push(format!("under {policy:?} {splice} is not on record"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(!said.text.contains(SECRET), "{}", said.text);
        assert_eq!(fs::read_to_string(place.work().join("data")).unwrap(), "some data");
        place.check_untouched();
    }
}

/// GHC starts a C compiler of ours, which leaves a trace: only when a policy says that a splice may have C compiled.
#[test]
fn no_c_is_compiled_for_a_splice() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    const MODULE: &str = "{-# LANGUAGE TemplateHaskell #-}\nmodule M where\n\
        import Language.Haskell.TH\nimport Language.Haskell.TH.Syntax\n\
        $(addForeignSource LangC \"int from_a_splice(void) { return 7; }\" >> pure [])\n";
    let place = tempfile::tempdir().unwrap();
    let trace = place.path().join("compiled");
    let compiler = place.path().join("cc");
    // GHC passes arguments in files, too.
    let script = format!(
        "#!/bin/sh\n\
        look() {{ for a; do case $a in\n\
            @*) look $(tr -d '\"' < \"${{a#@}}\");;\n\
            *.c) grep -q from_a_splice \"$a\" && touch {trace:?};;\n\
        esac; done; }}\n\
        look \"$@\"\nexec gcc \"$@\"\n"
    );
    fs::write(&compiler, script).unwrap();
    fs::set_permissions(&compiler, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(place.path().join("M.hs"), MODULE).unwrap();
    let policy = place.path().join("policy.toml");
    fs::write(&policy, OWN.replace("'work'", &format!("{:?}", place.path()))).unwrap();
    let own = format!("--policy={}", policy.display());
    for (options, is_compiled) in [(vec![], false), (vec![own], true)] {
        let mut command = wire::ghc(place.path(), wire::BCVM_ISERV.as_ref(), &options);
        command.args(["-c", "-fforce-recomp", "M.hs", "-pgmc"]).arg(&compiler);
        command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY");
        let output = command.output().unwrap();
        assert_eq!((output.status.success(), trace.exists()), (is_compiled, is_compiled), "{}", wire::show(&output));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(is_compiled || said.contains(C.trim_start_matches("• ")), "{said}");
    }
}
