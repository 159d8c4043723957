//! A policy found in a project narrows what is granted anyway; it never adds to it, for a stranger may have written it.
//!
//! What it takes from a preset is granted as far as it can be. What it spells out and cannot have is an error: it would
//! not work as its author meant it, and the user should hear why.

use std::path::Path;

use super::build::{Built, Spelled};
use super::error::PolicyError;
use crate::os::{Access, Clock, Grant, Policy, Randomness, Stream};

/// Whether what `wide` grants holds `grant`, changing of files included.
fn holds(wide: &Grant, grant: &Grant) -> bool {
    grant.host.starts_with(&wide.host) && (wide.access == Access::ReadWrite || grant.access == Access::Read)
}

/// How much of the time a clock tells.
fn clock_width(clock: Clock) -> u32 {
    match clock {
        Clock::Frozen(_) => 0,
        Clock::Coarse => 1,
        Clock::Real => 2,
    }
}

/// With symbolic links followed: grants are compared by where they lead.
fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What `base` grants without the project, narrowed by what the project says.
pub(super) fn narrowed(base: &Policy, project: &Built) -> Result<Policy, PolicyError> {
    let wide = canonical_grants(base);
    for (line, spelled) in &project.spelled {
        let refused = refusal(base, &wide, &project.policy, spelled);
        if let Some(what) = refused {
            let what = format!(
                "a policy found in a project only narrows what is granted, and this adds {what}; if you trust it, pass \
                 it by --policy"
            );
            return Err(PolicyError { path: project.path.clone(), line: *line, what });
        }
    }
    let mut policy = intersection(base, &project.policy).protect(&project.path);
    // What splices get is less to begin with, so what the project spells out for all may be more.
    policy.splices = base.splices.as_ref().map(|splices| Box::new(intersection(splices, &project.policy)));
    Ok(policy)
}

fn canonical_grants(policy: &Policy) -> Vec<Grant> {
    policy.grants.iter().map(|grant| Grant { host: canonical(&grant.host), ..grant.clone() }).collect()
}

/// What both grant.
fn intersection(base: &Policy, asked: &Policy) -> Policy {
    let wide = canonical_grants(base);
    // Everything else of the base, above all what is protected and who is told, stays.
    let mut policy = base.clone();
    for (stream, asked) in policy.streams.iter_mut().zip(&asked.streams) {
        if matches!(asked, Stream::Null) {
            *stream = Stream::Null;
        }
    }
    policy.escapes &= asked.escapes;
    policy.grants = asked.grants.iter().filter_map(|grant| within(&wide, grant)).collect();
    policy.working_directory = asked.working_directory.clone();
    // A value that the file itself sets says nothing about the host.
    let is_granted = |(name, value): &&(_, _)| match base.environment.iter().find(|(other, _)| other == name) {
        Some(_) => true,
        None => std::env::var_os(name).as_ref() != Some(value),
    };
    policy.environment = asked.environment.iter().filter(is_granted).cloned().collect();
    if clock_width(asked.clock) <= clock_width(base.clock) {
        policy.clock = asked.clock;
    }
    if matches!(asked.randomness, Randomness::Seeded(_)) {
        policy.randomness = asked.randomness;
    }
    policy.th = base.th.narrowed(&asked.th);
    policy.natives = base.natives.iter().filter_map(|library| library.narrowed(&asked.natives)).collect();
    policy
}

/// The grant as far as there is one that holds it.
fn within(wide: &[Grant], grant: &Grant) -> Option<Grant> {
    let grant = Grant { host: canonical(&grant.host), ..grant.clone() };
    if wide.iter().any(|wide| holds(wide, &grant)) {
        return Some(grant);
    }
    let readable = Grant { access: Access::Read, ..grant };
    wide.iter().any(|wide| holds(wide, &readable)).then_some(readable)
}

/// What is not to be had, in words, if something spelled out is not.
fn refusal(base: &Policy, wide: &[Grant], asked: &Policy, spelled: &Spelled) -> Option<String> {
    const STREAMS: [&str; 3] = ["standard input", "standard output", "standard error"];
    match spelled {
        Spelled::Directory(grant) => {
            let verb = if grant.access == Access::Read { "reading" } else { "writing" };
            let is_held = wide.iter().any(|wide| holds(wide, grant));
            (!is_held).then(|| format!("{verb} in {}", grant.host.display()))
        }
        Spelled::Variable(name) => {
            // One that is not set anywhere cannot be told.
            let is_held = base.environment.iter().any(|(other, _)| other == name.as_str());
            (!is_held && std::env::var_os(name).is_some()).then(|| format!("the environment variable {name}"))
        }
        Spelled::Stream(i) => {
            let is_null = matches!(base.streams.get(*i), Some(Stream::Null) | None);
            is_null.then(|| STREAMS.get(*i).copied().unwrap_or("a stream").to_owned())
        }
        Spelled::Escapes => (!base.escapes).then(|| "escape sequences for the terminal".into()),
        Spelled::Clock => (clock_width(asked.clock) > clock_width(base.clock)).then(|| "the time".into()),
        Spelled::Randomness => {
            let adds = asked.randomness == Randomness::Real && base.randomness != Randomness::Real;
            adds.then(|| "random numbers of the system".into())
        }
        Spelled::Th(name) => {
            let added = super::th::SIDES.iter().find(|side| side.name == *name && !base.th.allows(side.kind));
            added.map(|side| format!("{} for splices", side.name))
        }
        Spelled::Native(one) => {
            let is_held = base.natives.iter().filter_map(|library| one.narrowed(std::slice::from_ref(library)));
            let is_held = is_held.flat_map(|library| library.functions).next().is_some();
            let name = one.functions.first().map_or("nothing", |function| function.name());
            (!is_held).then(|| format!("native code outside the sandbox, {name} of {}", one.path.display()))
        }
    }
}
