//! Every Note that is referred to is written down, once.
//!
//! A definition is the title alone in a comment line with a line of tildes below; anything else that names a title is a
//! reference, and may be broken over two comment lines. Notes of GHC and other projects are named with their owner
//! before them ("GHC's Note ...").

use std::collections::HashMap;

use super::Problem;
use super::source::File;

/// Put together here so that this file does not refer to a Note.
const OPEN: &str = concat!("Note", " [");

pub(super) fn check(files: &[File], problems: &mut Vec<Problem>) {
    let mut defined: HashMap<String, String> = HashMap::new();
    for file in files {
        for (line, title) in definitions(&file.text) {
            let place = format!("{}:{line}", file.path);
            if let Some(first) = defined.insert(title.to_owned(), place) {
                problems.push(Problem::new(&file.path, line, format!("{OPEN}{title}] is also at {first}")));
            }
        }
    }
    for file in files.iter().filter(|file| file.is_rust() || file.path.ends_with(".md")) {
        for (line, title) in references(&file.text) {
            // A title with dots or blanks only is a placeholder in prose.
            let is_title = title.chars().any(char::is_alphanumeric) && title != "Title" && title != "X";
            if is_title && !defined.contains_key(&title) {
                problems.push(Problem::new(&file.path, line, format!("{OPEN}{title}] is written down nowhere")));
            }
        }
    }
}

/// A line without indentation and comment marks.
fn uncommented(line: &str) -> &str {
    let line = line.trim_start();
    line.trim_start_matches(['/', '!', '#', ';', '-']).trim()
}

fn definitions(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().map(uncommented).collect();
    let pairs = (1..).zip(lines.iter().zip(lines.iter().skip(1)));
    pairs
        .filter(|(_, (_, below))| below.starts_with("~~~"))
        .filter_map(|(number, (line, _))| Some((number, line.strip_prefix(OPEN)?.strip_suffix(']')?)))
        .collect()
}

fn references(text: &str) -> Vec<(usize, String)> {
    // One string with the lines joined by blanks, and where each line starts in it.
    let mut joined = String::new();
    let mut starts = Vec::new();
    for line in text.lines() {
        starts.push(joined.len());
        joined.push_str(uncommented(line));
        joined.push(' ');
    }
    let mut found = Vec::new();
    for (at, _) in joined.match_indices(OPEN) {
        let before = joined[..at].trim_end();
        let foreign = before.ends_with("GHC") || before.ends_with("'s");
        let title = joined[at + OPEN.len()..].split(']').next().unwrap_or_default();
        if !foreign {
            found.push((starts.partition_point(|&start| start <= at), title.to_owned()));
        }
    }
    found
}
