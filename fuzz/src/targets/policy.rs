//! Any text as a policy file: an error that says where, or a policy that can be explained; and found in a project it adds
//! nothing to what is granted without it.

use bcvm_engine::os::Policy;
use bcvm_engine::policy::{Built, Limits, Preset, explain};
use std::path::{Path, PathBuf};

use crate::driver::Random;

/// Where the text is said to come from: beside what the presets grant.
fn place() -> PathBuf {
    std::env::current_dir().unwrap_or_default().join("bcvm.toml")
}

/// See the top of the file.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let place = place();
    match Built::parse(&place, text) {
        Ok(built) => {
            assert_ne!(explain(&built.policy, &built.limits), "");
            adds_nothing(&built);
        }
        Err(error) => {
            let said = error.to_string();
            let at = said.strip_prefix(&format!("{}:", place.display())).and_then(|rest| rest.split(':').next());
            let line = at.and_then(|line| line.parse::<usize>().ok());
            assert!(line.is_some_and(|line| (1..=text.lines().count() + 1).contains(&line)), "{said}");
        }
    }
}

/// What applies with such a file in the project does nothing that applies without it. Read off the explanations.
fn adds_nothing(project: &Built) {
    for (name, preset) in Preset::ALL {
        let base = preset.policy();
        let Ok(narrowed) = project.narrow(&base) else { continue };
        let [wide, narrow] = [&base, &narrowed].map(granted);
        for line in &narrow {
            assert!(wide.iter().any(|wide| holds(wide, line)), "{name} with it adds {line:?} to {wide:#?}");
        }
    }
}

/// What a policy grants, a line each. Variables may be new: the file itself can set them.
fn granted(policy: &Policy) -> Vec<String> {
    let said = explain(policy, &Limits::default());
    let granted = said.lines().filter(|line| line.starts_with("  may ") && !line.starts_with("  may not "));
    granted.filter(|line| !line.contains("environment variables")).map(str::to_owned).collect()
}

/// Whether one line of an explanation grants what another one does.
fn holds(wide: &str, line: &str) -> bool {
    match (wide.split_once(" what is in "), line.split_once(" what is in ")) {
        (Some((wide_verb, wide_path)), Some((verb, path))) => {
            let path = path.split(" (as ").next().unwrap_or_default();
            wide_verb.starts_with(verb) && Path::new(path).starts_with(wide_path)
        }
        // "may tell the time" holds "may tell the time in whole seconds".
        (None, None) => line.starts_with(wide),
        _ => false,
    }
}

/// A few of the keys that there are, in any order.
pub fn sound(random: &mut Random) -> Vec<u8> {
    const TOP: &[&str] =
        &["clock = 'coarse'\n", "clock = { frozen = 17 }\n", "randomness = { seed = 4 }\n", "randomness = 'seeded'\n"];
    const TABLES: &[&str] = &[
        "[[directory]]\npath = '.'\naccess = 'read-write'\n",
        "[[directory]]\npath = '/usr'\nas = '/data'\n",
        "[[directory]]\npath = '..'\n",
        "[environment]\npass = ['LANG']\nset = { A = 'b' }\n",
        "[streams]\nstdin = 'null'\nescapes = 'allow'\n",
        "[template-haskell]\nallow = ['addForeignFile']\ndeny = ['addCorePlugin']\n",
        "[[native]]\nlibrary = '/usr/bin/env'\nfunctions = ['size_t sum(size_t n, const unsigned char of[*len], unsigned *len)']\n",
        "[[native]]\nlibrary = '/bin/sh'\nfunctions = ['struct s *make(void)', 'void drop(struct s *s)']\nfrees = ['drop']\n",
        "[limits]\nmemory = '64M'\ntime = '10s'\noutput = '1K'\nrefs = 10\n",
    ];
    let preset = ["strict", "th", "repl"][random.below(3)];
    let mut text = format!("preset = '{preset}'\n");
    let top = random.below(TOP.len() + 1);
    text.extend(TOP.get(top).copied());
    let first = random.below(TABLES.len());
    text.extend(TABLES[first..].iter().take(random.below(4)).copied());
    text.into_bytes()
}
