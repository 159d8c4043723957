//! `glob`: the paths that a pattern matches.
//!
//! A `glob_t` is, in words: how many paths, the array of them, how many nulls before the first, flags.

use super::call::{allocate, fail, system, try_system};
use super::dir::{DIRECTORY, DIRENT_BYTES};
use super::fd::STAT_BYTES;
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::EINVAL;
use crate::libc::memory::c_string;
use crate::libc::pattern::{self, Rules};
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// Flags of `glob`. That of the tilde changes nothing: nobody is at home in the sandbox.
const ERR: Word = 1;
const MARK: Word = 1 << 1;
const NO_SORT: Word = 1 << 2;
const DO_OFFSETS: Word = 1 << 3;
const NO_CHECK: Word = 1 << 4;
const APPEND: Word = 1 << 5;
const NO_ESCAPE: Word = 1 << 6;
const PERIOD: Word = 1 << 7;
const BRACE: Word = 1 << 10;
const NO_MAGIC: Word = 1 << 11;
const ONLY_DIRECTORIES: Word = 1 << 13;
/// All that glibc knows.
const ALL: Word = 0x7eff;

/// Answers.
const NO_SPACE: Word = 1;
const ABORTED: Word = 2;
const NO_MATCH: Word = 3;

/// Words of a `glob_t`.
const COUNT: u32 = 0;
const PATHS: u32 = 1;
const OFFSETS: u32 = 2;

/// The longest pattern, and how many patterns and paths there are at most.
const MOST_BYTES: usize = 4096;
const MOST_PATTERNS: usize = 1 << 10;
const MOST_PATHS: usize = 1 << 16;
/// Where a `struct dirent` has its name.
const D_NAME: u32 = 19;
/// Where a `struct stat` has its mode.
const ST_MODE: u32 = 24;

/// A search.
struct Search<'m> {
    m: &'m mut Machine,
    flags: Word,
    rules: Rules,
    found: Vec<Vec<u8>>,
    /// For what the system writes.
    area: Addr,
}

impl Search<'_> {
    /// Has the system do something with a path.
    fn with_path(
        &mut self,
        path: &[u8],
        call: impl FnOnce(&mut Machine, Word) -> Result<Word, i32>,
    ) -> Result<Word, i32> {
        let path = self.m.c_string(path).ok_or(crate::libc::errno::ENOMEM)?;
        let answer = call(self.m, path.word());
        self.m.c_free(path.word());
        answer
    }

    /// Whether there is such a path, and whether it is a directory.
    fn look(&mut self, path: &[u8]) -> Option<bool> {
        const FOLLOW: Word = 1;
        let area = self.area;
        self.with_path(path, |m, path| try_system(m, System::Stat, &[path, FOLLOW, area.word(), STAT_BYTES])).ok()?;
        Some(self.m.mem.u32(area + ST_MODE) & 0o170_000 == 0o040_000)
    }

    /// The names in a directory; none if it cannot be read.
    fn names(&mut self, directory: &[u8]) -> Option<Vec<Vec<u8>>> {
        let path = if directory.is_empty() { b"." } else { directory };
        let fd = self.with_path(path, |m, path| try_system(m, System::Open, &[path, DIRECTORY, 0])).ok()?;
        let (mut names, area) = (Vec::new(), self.area.word());
        while names.len() < MOST_PATHS
            && matches!(try_system(self.m, System::Readdir, &[fd, area, DIRENT_BYTES]), Ok(n) if n > 0)
        {
            names.push(c_string(&self.m.mem, area + Word::from(D_NAME)));
        }
        system(self.m, System::Close, &[fd]);
        Some(names)
    }

    /// Finds what matches the rest of a pattern behind `path`. False if it is to stop.
    fn expand(&mut self, path: Vec<u8>, rest: &[u8]) -> bool {
        let slashes = rest.iter().take_while(|c| **c == b'/').count();
        let (mut path, rest) = ([&path[..], &rest[..slashes]].concat(), &rest[slashes..]);
        if rest.is_empty() {
            self.add(path);
            return true;
        }
        let (component, rest) = rest.split_at(rest.iter().position(|c| *c == b'/').unwrap_or(rest.len()));
        if !pattern::is_magic(component, self.rules) {
            path.extend(pattern::literal(component, self.rules));
            return self.expand(path, rest);
        }
        let Some(names) = self.names(&path) else { return self.flags & ERR == 0 };
        for name in names {
            if pattern::matches(component, &name, self.rules) && self.found.len() < MOST_PATHS {
                let further = [&path[..], &name[..]].concat();
                // Only a directory has something further.
                if (rest.is_empty() || self.look(&further) == Some(true)) && !self.expand(further, rest) {
                    return false;
                }
            }
        }
        true
    }

    /// Takes in a path, if it is there.
    fn add(&mut self, mut path: Vec<u8>) {
        let Some(is_directory) = self.look(&path) else { return };
        if self.flags & ONLY_DIRECTORIES != 0 && !is_directory {
            return;
        }
        if self.flags & MARK != 0 && is_directory && path.last() != Some(&b'/') {
            path.push(b'/');
        }
        self.found.push(path);
    }
}

/// The patterns that a pattern with braces stands for.
fn unbrace(pattern: &[u8], out: &mut Vec<Vec<u8>>) {
    let braces = pattern.iter().position(|c| *c == b'{').and_then(|open| {
        let (mut depth, mut starts) = (0, Vec::from([open + 1]));
        for (i, c) in pattern.iter().enumerate().skip(open) {
            match c {
                b'{' => depth += 1,
                b',' if depth == 1 => starts.push(i + 1),
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                starts.push(i + 1);
                return Some((open, starts));
            }
        }
        None
    });
    match braces {
        Some((open, starts)) if pattern[open..] != *b"{}" && out.len() < MOST_PATTERNS => {
            let end = starts[starts.len() - 1];
            for choice in starts.windows(2) {
                let choice = &pattern[choice[0]..choice[1] - 1];
                unbrace(&[&pattern[..open], choice, &pattern[end..]].concat(), out);
            }
        }
        _ => out.push(pattern.to_vec()),
    }
}

/// `glob`.
fn glob(m: &mut Machine, pattern: Word, flags: Word, result: Word) -> Word {
    let flags = flags & Word::from(u32::MAX);
    if pattern == 0 || result == 0 || flags & !ALL != 0 {
        return fail(m, EINVAL);
    }
    let text = c_string(&m.mem, pattern);
    if text.len() > MOST_BYTES {
        return NO_SPACE;
    }
    let rules =
        Rules { pathname: true, no_escape: flags & NO_ESCAPE != 0, period: flags & PERIOD == 0, case_fold: false };
    let mut patterns = Vec::new();
    if flags & BRACE != 0 {
        unbrace(&text, &mut patterns)
    } else {
        patterns.push(text.clone())
    }
    let Ok(area) = allocate(m, STAT_BYTES.max(DIRENT_BYTES)) else { return NO_SPACE };
    let mut search = Search { m, flags, rules, found: Vec::new(), area };
    let mut goes_on = true;
    for pattern in patterns {
        let first = search.found.len();
        goes_on = goes_on && search.expand(Vec::new(), &pattern);
        if flags & NO_SORT == 0 {
            search.found[first..].sort();
        }
    }
    let Search { mut found, .. } = search;
    m.c_free(area.word());
    if !goes_on {
        return ABORTED;
    }
    if found.is_empty() {
        if flags & NO_CHECK == 0 && (flags & NO_MAGIC == 0 || pattern::is_magic(&text, rules)) {
            return NO_MATCH;
        }
        found.push(text);
    }
    store(m, &found, flags, Addr::from_word(result)).map_or(NO_SPACE, |()| 0)
}

/// Writes what was found to a `glob_t`, behind what is there if it is to be appended.
fn store(m: &mut Machine, found: &[Vec<u8>], flags: Word, result: Addr) -> Option<()> {
    let before = if flags & APPEND == 0 { 0 } else { m.mem.word(result.offset_w(COUNT)) };
    let offsets = if flags & DO_OFFSETS == 0 { 0 } else { m.mem.word(result.offset_w(OFFSETS)) };
    let old = if flags & APPEND == 0 { 0 } else { m.mem.word(result.offset_w(PATHS)) };
    let kept = offsets.checked_add(before)?;
    let words = kept.checked_add(found.len() as Word + 1)?;
    let paths = m.c_reallocate(old, words.checked_mul(8)?)?;
    if old == 0 {
        m.mem.fill_words(paths, u32::try_from(kept).ok()?, 0);
    }
    for (i, path) in (kept as u32..).zip(found) {
        let path = m.c_string(path)?;
        m.mem.set_word(paths.offset_w(i), path.word());
    }
    m.mem.set_word(paths.offset_w(words as u32 - 1), 0);
    for (word, value) in [(COUNT, before + found.len() as Word), (PATHS, paths.word()), (OFFSETS, offsets)] {
        m.mem.set_word(result.offset_w(word), value);
    }
    Some(())
}

/// `globfree`.
fn globfree(m: &mut Machine, result: Word) {
    let result = Addr::from_word(result);
    let [count, paths, offsets] = [COUNT, PATHS, OFFSETS].map(|word| m.mem.word(result.offset_w(word)));
    if paths == 0 {
        return;
    }
    for i in 0..count.min(MOST_PATHS as Word) as u32 {
        let path = m.mem.word(Addr::from_word(paths).offset_w((offsets as u32).wrapping_add(i)));
        m.c_free(path);
        if !m.crash_report.is_empty() || m.mem.fault().is_some() {
            return;
        }
    }
    m.c_free(paths);
    m.mem.set_word(result.offset_w(PATHS), 0);
}

functions! {
    "glob" "nnnn" b'n' = |m, [pattern, flags, _, result, ..]| glob(m, pattern, flags, result);
    "globfree" "n" b'v' = |m, [result, ..]| {
        globfree(m, result);
        0
    };
}

#[cfg(test)]
mod tests {
    use super::unbrace;

    #[test]
    fn braces_stand_for_several_patterns() {
        for (pattern, expected) in [
            ("a{b,c}d", &["abd", "acd"][..]),
            ("{x,y{1,2}}", &["x", "y1", "y2"]),
            ("{a,b}{c,d}", &["ac", "ad", "bc", "bd"]),
            ("{}", &["{}"]),
            ("a{b", &["a{b"]),
            ("plain", &["plain"]),
        ] {
            let mut out = Vec::new();
            unbrace(pattern.as_bytes(), &mut out);
            let out: Vec<_> = out.iter().map(|pattern| String::from_utf8_lossy(pattern)).collect();
            assert_eq!(out, expected, "{pattern}");
        }
    }
}
