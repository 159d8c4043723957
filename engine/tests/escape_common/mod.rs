//! What the tests of the sandbox with a real GHC share: a GHCi session in a directory of its own, beside it what must
//! not be reached, and the record of what was tried.

#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use bcvm_engine::os::{Event, Verdict};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

#[path = "../wire_common/mod.rs"]
pub mod wire;

/// What stands in files and variables that programs must not see.
pub const SECRET: &str = "canary-4711";

/// A directory to work in, and one beside it.
pub struct Place {
    top: TempDir,
}

/// What a session said.
pub struct Said {
    /// Standard output and error, in the order in which GHCi flushed them.
    pub text: String,
    /// What it tried.
    pub events: Vec<Event>,
}

impl Place {
    /// A new one.
    pub fn new() -> Place {
        let top = TempDir::new().unwrap();
        std::fs::create_dir(top.path().join("work")).unwrap();
        std::fs::write(top.path().join("secret"), SECRET).unwrap();
        Place { top }
    }

    /// Where programs work.
    pub fn work(&self) -> PathBuf {
        self.top.path().canonicalize().unwrap().join("work")
    }

    /// A file that lies beside it.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.top.path().canonicalize().unwrap().join(name)
    }

    /// The secret is what it was, and nobody left anything beside the working directory.
    pub fn check_untouched(&self) {
        assert_eq!(std::fs::read_to_string(self.outside("secret")).unwrap(), SECRET);
        let mut beside: Vec<_> =
            std::fs::read_dir(self.top.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        beside.sort();
        beside.retain(|name| name != "audit");
        assert_eq!(beside, ["secret", "work"]);
    }

    /// Runs GHCi on a script, with options for the server.
    pub fn ghci(&self, script: &str, options: &[&str]) -> Said {
        let audit = self.outside("audit");
        let _ = std::fs::remove_file(&audit);
        let mut options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        options.push(format!("--audit={}", audit.display()));
        let mut command = wire::ghc(&self.work(), Path::new(wire::BCVM_ISERV), &options);
        command.args(["--interactive", "-ignore-dot-ghci"]).env("CANARY", SECRET);
        // The user's own policies are not this test's.
        command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY");
        // One pipe for both, so that errors stand where they belong.
        let (mut from, to) = std::io::pipe().unwrap();
        command.process_group(0).stdin(Stdio::piped()).stdout(to.try_clone().unwrap()).stderr(to);
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut stdin = child.stdin.take().unwrap();
        let script = script.to_owned();
        let feed = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
        let group = Pid::from_child(&child);
        let (done, over) = std::sync::mpsc::channel::<()>();
        let guard = std::thread::spawn(move || {
            if over.recv_timeout(Duration::from_secs(120)) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process_group(group, Signal::KILL);
            }
        });
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        let status = child.wait().unwrap();
        drop(done);
        guard.join().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // GHC that ends early closes its end of the pipe.
        let fed = feed.join().unwrap();
        assert!(status.success() && fed.is_ok(), "{status}\n{text}");
        let record = std::fs::read_to_string(&audit).unwrap_or_default();
        let events = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Said { text, events }
    }
}

impl Said {
    /// What was said between the marks `<i - 1>` and `<i>`.
    pub fn before_mark(&self, i: usize) -> &str {
        let all = match i.checked_sub(1).map(|last| format!("<{last}>\n")) {
            Some(last) => self.text.split_once(&last).map_or("", |(_, rest)| rest),
            None => &self.text,
        };
        all.split_once(&format!("<{i}>\n")).map_or(all, |(part, _)| part)
    }

    /// Whether a use of `operation` whose argument contains `argument` is on record with this verdict.
    pub fn recorded(&self, verdict: Verdict, operation: &str, argument: &str) -> bool {
        self.events
            .iter()
            .any(|event| event.verdict == verdict && event.operation == operation && event.argument.contains(argument))
    }
}
