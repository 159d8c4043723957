//! A policy in plain words.

use std::fmt::Write;

use super::limits::Limits;
use super::th::SIDES;
use crate::os::{Access, Clock, Policy, Randomness, Stream};

/// What a policy lets programs do, a line for each thing, the same order always.
pub fn explain(policy: &Policy, limits: &Limits) -> String {
    let mut lines = Lines(String::from("Programs in the sandbox\n"));
    lines.files(policy);
    lines.stdin(policy);
    let streams = ["write to standard output", "write to standard error"];
    for (stream, does) in policy.streams[1..].iter().zip(streams) {
        lines.add(!matches!(stream, Stream::Null), does);
    }
    lines.add(policy.escapes, "send escape sequences to the terminal");
    let mut names: Vec<_> = policy.environment.iter().map(|(name, _)| name.to_string_lossy()).collect();
    names.sort();
    if !names.is_empty() {
        lines.add(true, format!("see the environment variables {}", names.join(", ")));
    }
    lines.add(false, format!("see {} environment variables", if names.is_empty() { "any" } else { "other" }));
    lines.time_and_chance(policy);
    lines.add(false, "start processes");
    lines.add(false, "use the network");
    lines.natives(policy);
    lines.0.push_str("Splices of Template Haskell\n");
    if let Some(splices) = &policy.splices {
        lines.files(splices);
        lines.stdin(splices);
        lines.time_and_chance(splices);
        lines.natives(splices);
    }
    lines.add(true, "read and change the temporary files that GHC names for them");
    for side in SIDES {
        lines.add(policy.th.allows(side.kind), format!("use {}, which {}", side.name, side.does));
    }
    lines.add(true, "name files as dependencies that they may read");
    lines.add(true, "ask GHC about the program, and add declarations to it");
    let limits = limits.explained();
    if !limits.is_empty() {
        lines.0.push_str("Limits\n");
    }
    limits.iter().for_each(|limit| lines.0.push_str(&format!("  {limit}\n")));
    lines.0
}

struct Lines(String);

impl Lines {
    fn add(&mut self, may: bool, what: impl AsRef<str>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "  {} {}", if may { "may" } else { "may not" }, what.as_ref());
    }

    fn files(&mut self, policy: &Policy) {
        for grant in &policy.grants {
            let seen =
                if grant.guest == grant.host { String::new() } else { format!(" (as {})", grant.guest.display()) };
            let verb = match grant.access {
                Access::Read => "read",
                Access::ReadWrite => "read and change",
            };
            self.add(true, format!("{verb} what is in {}{seen}", grant.host.display()));
        }
        self.add(false, format!("reach {} files", if policy.grants.is_empty() { "any" } else { "other" }));
    }

    fn natives(&mut self, policy: &Policy) {
        for library in &policy.natives {
            let names: Vec<&str> = library.functions().iter().map(|function| function.name()).collect();
            self.add(
                true,
                format!(
                    "run native code outside the sandbox, with all your rights: {} of {}",
                    names.join(", "),
                    library.path().display()
                ),
            );
        }
        self.add(
            false,
            format!("run {}native code outside the sandbox", if policy.natives.is_empty() { "" } else { "other " }),
        );
    }

    fn stdin(&mut self, policy: &Policy) {
        self.add(!matches!(policy.streams[0], Stream::Null), "read standard input");
    }

    fn time_and_chance(&mut self, policy: &Policy) {
        match policy.clock {
            Clock::Real => self.add(true, "tell the time"),
            Clock::Coarse => self.add(true, "tell the time in whole seconds"),
            Clock::Frozen(at) => self.add(false, format!("tell the time: it is always {at} seconds after 1970 began")),
        }
        match policy.randomness {
            Randomness::Real => self.add(true, "draw random numbers"),
            Randomness::Seeded(seed) => {
                self.add(false, format!("draw random numbers: they follow from the seed {seed}"));
            }
        }
    }
}
