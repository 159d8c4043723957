//! The document on policies: its example is a policy, its tables name every key, and the commands say what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

const BCVM: &str = env!("CARGO_BIN_EXE_bcvm");

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policy.md");
    std::fs::read_to_string(path).unwrap()
}

/// The first block of that language.
fn block(document: &str, language: &str) -> String {
    let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn bcvm(directory: &Path, args: &[&str]) -> (bool, String) {
    let mut command = Command::new(BCVM);
    command.current_dir(directory).args(args).env_remove("BCVM_POLICY").env("XDG_CONFIG_HOME", "/nonexistent");
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn put(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_example_is_in_order() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "bcvm.toml", &block(&document(), "toml"));
    assert_eq!(bcvm(dir.path(), &["policy", "check", "bcvm.toml"]), (true, "bcvm.toml: in order\n".into()));
    let (ok, text) = bcvm(dir.path(), &["policy", "explain", "bcvm.toml"]);
    assert!(ok, "{text}");
    let here = dir.path().canonicalize().unwrap();
    for line in [
        format!("may read what is in {}", here.display()),
        "may not read standard input".into(),
        "may not tell the time".into(),
        "time: 10s for each evaluation".into(),
        "output: 1 MiB for each evaluation".into(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[test]
fn the_example_of_a_native_library_is_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let document = document();
    let (_, section) = document.split_once("## Native libraries").unwrap();
    let library = put(dir.path(), "libthing.so.1", "");
    std::fs::set_permissions(library, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let text = format!("preset = 'strict'\n{}", block(section, "toml"));
    let text = text.replace("/usr/lib/x86_64-linux-gnu/", &format!("{}/", dir.path().display()));
    put(dir.path(), "policy.toml", &text);
    let (ok, text) = bcvm(dir.path(), &["policy", "explain", "policy.toml"]);
    let names = "crc32, thing_version, thing_open, thing_read, thing_close of ";
    assert!(
        ok && text.contains(&format!("may run native code outside the sandbox, with all your rights: {names}")),
        "{text}"
    );
}

#[test]
fn errors_say_the_line() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "wrong.toml", "preset = 'th'\n\n[limits]\nmemroy = '1M'\n");
    let (ok, text) = bcvm(dir.path(), &["policy", "check", "wrong.toml"]);
    assert!(!ok && text.starts_with("bcvm: wrong.toml:4: unknown field `memroy`"), "{text}");
    // It lists those that there are, and the document has a row for each.
    let limits: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
    assert!(limits.len() > 5 && limits.iter().all(|limit| document().contains(&format!("\n| `{limit}` | "))), "{text}");
    for key in ["exec", "network"] {
        put(dir.path(), "wrong.toml", &format!("preset = 'th'\n{key} = true\n"));
        let (ok, text) = bcvm(dir.path(), &["policy", "check", "wrong.toml"]);
        assert!(!ok && text.contains("wrong.toml:2: ") && document().contains(&format!("`{key}`")), "{text}");
    }
}

#[test]
fn what_applies_here_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, text) = bcvm(dir.path(), &["policy", "explain"]);
    assert!(ok && text.starts_with("From the preset repl\n"), "{text}");
    put(dir.path(), "bcvm.toml", "preset = 'strict'\n");
    let (ok, text) = bcvm(dir.path(), &["policy", "explain"]);
    assert!(ok && text.contains("bcvm.toml\n") && text.contains("may not reach any files"), "{text}");
}

#[test]
fn the_record_is_summarised() {
    let dir = tempfile::tempdir().unwrap();
    let line = block(&document(), "json");
    put(dir.path(), "audit", &line.repeat(3));
    let (ok, text) = bcvm(dir.path(), &["audit", "audit"]);
    assert!(ok, "{text}");
    assert_eq!(text, "denied 3\n       3  open \"/etc/passwd\"\ngranted 0\n");
    put(dir.path(), "audit", &format!("{line}nonsense\n"));
    let (ok, text) = bcvm(dir.path(), &["audit", "audit"]);
    assert!(!ok && text.contains("line 2: "), "{text}");
}
