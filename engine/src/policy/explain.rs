//! A policy in plain words.

use std::fmt::Write;

use super::limits::Limits;
use super::th::SIDES;
use crate::os::{Access, Clock, Policy, Randomness, Stream};

/// What a policy lets programs do, a line for each thing, the same order always.
pub fn explain(policy: &Policy, limits: &Limits) -> String {
    let mut text = String::from("Programs in the sandbox\n");
    let mut line = |may: bool, what: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {} {what}", if may { "may" } else { "may not" });
    };
    for grant in &policy.grants {
        let seen = if grant.guest == grant.host { String::new() } else { format!(" (as {})", grant.guest.display()) };
        let verb = match grant.access {
            Access::Read => "read",
            Access::ReadWrite => "read and change",
        };
        line(true, format!("{verb} what is in {}{seen}", grant.host.display()));
    }
    line(false, format!("reach {} files", if policy.grants.is_empty() { "any" } else { "other" }));
    let streams = ["read standard input", "write to standard output", "write to standard error"];
    for (stream, does) in policy.streams.iter().zip(streams) {
        line(!matches!(stream, Stream::Null), does.into());
    }
    line(policy.escapes, "send escape sequences to the terminal".into());
    let mut names: Vec<_> = policy.environment.iter().map(|(name, _)| name.to_string_lossy()).collect();
    names.sort();
    if !names.is_empty() {
        line(true, format!("see the environment variables {}", names.join(", ")));
    }
    line(false, format!("see {} environment variables", if names.is_empty() { "any" } else { "other" }));
    match policy.clock {
        Clock::Real => line(true, "tell the time".into()),
        Clock::Coarse => line(true, "tell the time in whole seconds".into()),
        Clock::Frozen(at) => line(false, format!("tell the time: it is always {at} seconds after 1970 began")),
    }
    match policy.randomness {
        Randomness::Real => line(true, "draw random numbers".into()),
        Randomness::Seeded(seed) => line(false, format!("draw random numbers: they follow from the seed {seed}")),
    }
    line(false, "start processes".into());
    line(false, "use the network".into());
    line(false, "run native code outside the sandbox".into());
    text.push_str("Splices of Template Haskell\n");
    for side in SIDES {
        let may = if policy.th.allows(side.kind) { "may" } else { "may not" };
        let _ = writeln!(text, "  {may} use {}, which {}", side.name, side.does);
    }
    text.push_str("  may name files as dependencies that programs may read\n");
    text.push_str("  may ask GHC about the program, and add declarations to it\n");
    text.push_str(&limits_text(limits));
    text
}

fn limits_text(limits: &Limits) -> String {
    let size =
        |name: &str, limit: Option<u64>, of: &str| limit.map(|bytes| format!("  {name}: {} {of}\n", Size(bytes)));
    let lines = [
        size("memory", limits.memory, "of heap"),
        size("stack", limits.stack, "for each thread"),
        limits.time.map(|time| format!("  time: {time:?} for each evaluation\n")),
        size("output", limits.output, "for each evaluation"),
        limits.refs.map(|refs| format!("  references: {refs}\n")),
        size("code", limits.code, "of object files"),
        size("message", limits.message, "for each message of GHC's"),
    ];
    let lines: String = lines.into_iter().flatten().collect();
    if lines.is_empty() { String::new() } else { format!("Limits\n{lines}") }
}

/// Bytes with a unit if that is exact.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        match units.iter().find(|(_, shift)| self.0 > 0 && self.0.trailing_zeros() >= *shift) {
            Some((unit, shift)) => write!(f, "{} {unit}", self.0 >> shift),
            None => write!(f, "{} bytes", self.0),
        }
    }
}
