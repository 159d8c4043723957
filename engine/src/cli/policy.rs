//! `bcvm policy` and `bcvm audit`: what programs may reach, and what they reached for.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use super::Output;
use super::args::{AuditOptions, ExplainOptions, PolicyOptions};
use super::exit::{Exit, Failure};
use super::file;
use crate::os::{Event, Os, Verdict};
use crate::policy::{self, Built, Effective, Sources};

/// The longest line of a record that is looked at.
const MAX_LINE_BYTES: u64 = 1 << 20;
/// How many different things of a record are listed.
const MAX_ROWS: usize = 100_000;

/// `policy check`: reads a policy and opens what it grants, as a session would.
pub fn check(options: &PolicyOptions, output: &mut Output) -> Result<(), Failure> {
    let built = Built::read(&options.file).map_err(|e| Failure::from_error(Exit::Input, &e))?;
    Os::new(&built.policy).map_err(|e| Failure::from_error(Exit::Input, &e))?;
    file::print(output, &format!("{}: in order\n", options.file.display()))
}

/// `policy explain`.
pub fn explain(options: &ExplainOptions, output: &mut Output) -> Result<(), Failure> {
    let sources = match &options.file {
        Some(file) => Sources { named: Some(file.clone()), ..Sources::default() },
        None => Sources::usual(env::var_os("BCVM_POLICY").map(PathBuf::from)),
    };
    let Effective { policy, limits, files } = sources.effective().map_err(|e| Failure::from_error(Exit::Input, &e))?;
    let mut from: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    if from.is_empty() {
        from.push("the preset repl".into());
    }
    let text = format!("From {}\n{}", from.join(", narrowed by "), policy::explain(&policy, &limits));
    file::print(output, &text)
}

/// `audit`: how often what was denied and granted. The arguments come from programs, so they are shown quoted.
pub fn audit(options: &AuditOptions, output: &mut Output) -> Result<(), Failure> {
    let failed = |what: String| Failure::new(Exit::Input, format!("{}: {what}", options.file.display()));
    let mut from = BufReader::new(File::open(&options.file).map_err(|e| failed(e.to_string()))?);
    let mut rows: BTreeMap<(Verdict, String, String), u64> = BTreeMap::new();
    for number in 1.. {
        let mut line = Vec::new();
        let read = from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(|e| failed(e.to_string()))? == 0 {
            break;
        }
        let event: Event = serde_json::from_slice(&line).map_err(|e| failed(format!("line {number}: {e}")))?;
        *rows.entry((event.verdict, event.operation, event.argument)).or_default() += 1;
        if rows.len() > MAX_ROWS {
            return Err(failed(format!("more than {MAX_ROWS} different things are recorded")));
        }
    }
    let mut text = String::new();
    for verdict in [Verdict::Denied, Verdict::Granted] {
        let of = rows.iter().filter(|((other, ..), _)| *other == verdict);
        let total: u64 = of.clone().map(|(_, n)| n).sum();
        text.push_str(&format!("{} {total}\n", if verdict == Verdict::Denied { "denied" } else { "granted" }));
        for ((_, operation, argument), n) in of {
            let argument = if argument.is_empty() { String::new() } else { format!(" {argument:?}") };
            text.push_str(&format!("  {n:6}  {}{argument}\n", operation.escape_debug()));
        }
    }
    file::print(output, &text)
}
