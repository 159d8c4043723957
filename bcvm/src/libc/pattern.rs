//! Patterns of names (`fnmatch.h`): `*`, `?`, sets in brackets, characters behind backslashes.

use super::character;
use super::memory::c_string;
use super::table::functions;
use crate::word::Word;
use alloc::vec::Vec;

/// A slash is matched by a slash alone (`FNM_PATHNAME`).
const PATHNAME: Word = 1;
/// A backslash is a character like others (`FNM_NOESCAPE`).
const NO_ESCAPE: Word = 1 << 1;
/// A period at the beginning is matched by a period alone (`FNM_PERIOD`).
const PERIOD: Word = 1 << 2;
/// What follows a match behind a slash does not count (`FNM_LEADING_DIR`).
const LEADING_DIR: Word = 1 << 3;
/// Letters are the same in both cases (`FNM_CASEFOLD`).
const CASE_FOLD: Word = 1 << 4;
/// The answer when there is no match (`FNM_NOMATCH`).
const NO_MATCH: Word = 1;

/// How to match.
#[derive(Clone, Copy, Default)]
pub struct Rules {
    /// A slash is matched by a slash alone.
    pub pathname: bool,
    /// Backslashes are characters.
    pub no_escape: bool,
    /// A period at the beginning, of a component if slashes count, is matched by a period alone.
    pub period: bool,
    /// Letters are the same in both cases.
    pub case_fold: bool,
}

/// Whether a pattern has more than one match.
pub fn is_magic(pattern: &[u8], rules: Rules) -> bool {
    let mut rest = pattern;
    while let Some((c, after)) = rest.split_first() {
        match c {
            b'*' | b'?' | b'[' => return true,
            b'\\' if !rules.no_escape => rest = after.get(1..).unwrap_or_default(),
            _ => rest = after,
        }
    }
    false
}

/// The only match of a pattern that is not magic.
pub fn literal(pattern: &[u8], rules: Rules) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some((c, after)) = rest.split_first() {
        match after.split_first() {
            Some((escaped, after)) if *c == b'\\' && !rules.no_escape => {
                out.push(*escaped);
                rest = after;
            }
            _ => {
                out.push(*c);
                rest = after;
            }
        }
    }
    out
}

/// Whether a pattern matches all of a text. After a star, only the last one is tried at other places: what an earlier one
/// could take more of, the last one could as well.
pub fn matches(pattern: &[u8], text: &[u8], rules: Rules) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star does not match: behind the star, one character further.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(p) {
            Some(b'*') if !hides(text, t, rules) => {
                star = Some((p + 1, t));
                p += 1;
                continue;
            }
            None if t == text.len() => return true,
            Some(_) => text.get(t).and_then(|c| one(&pattern[p..], *c, hides(text, t, rules), rules)),
            None => None,
        };
        match (step, star) {
            (Some(used), _) => {
                p += used;
                t += 1;
            }
            // The star takes one character more, if it may.
            (None, Some((behind, from))) if from < text.len() && !(rules.pathname && text[from] == b'/') => {
                star = Some((behind, from + 1));
                (p, t) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

/// Whether the character at `t` is a period that only a period matches.
fn hides(text: &[u8], t: usize, rules: Rules) -> bool {
    let begins = t == 0 || rules.pathname && text[t - 1] == b'/';
    rules.period && begins && text.get(t) == Some(&b'.')
}

/// Whether what the pattern begins with, which is no star, matches a character; how long it is.
fn one(pattern: &[u8], c: u8, is_hidden: bool, rules: Rules) -> Option<usize> {
    let fold = |c: u8| if rules.case_fold { c.to_ascii_lowercase() } else { c };
    let is_wild = !(is_hidden || rules.pathname && c == b'/');
    match pattern {
        [b'?', ..] => is_wild.then_some(1),
        [b'[', set @ ..] => match bracket(set, c, fold) {
            Some((found, used)) => (is_wild && found).then_some(used + 1),
            None => (c == b'[').then_some(1),
        },
        [b'\\', escaped, ..] if !rules.no_escape => (fold(*escaped) == fold(c)).then_some(2),
        [plain, ..] => (fold(*plain) == fold(c)).then_some(1),
        [] => None,
    }
}

/// Whether a set, behind its bracket, has a character, and how long it is; none if no bracket ends it.
fn bracket(set: &[u8], c: u8, fold: impl Fn(u8) -> u8) -> Option<(bool, usize)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let (mut at, mut found) = (negated as usize, false);
    let first = at;
    loop {
        match set.get(at..)? {
            [b']', ..] if at > first => return Some((found != negated, at + 1)),
            [b'[', b':', name @ ..] => {
                let len = name.windows(2).position(|end| end == b":]")?;
                found |= character::named(&name[..len]).is_some_and(|is_in| is_in(&c));
                at += len + 4;
            }
            [low, b'-', high, ..] if *high != b']' => {
                found |= (fold(*low)..=fold(*high)).contains(&fold(c));
                at += 3;
            }
            [plain, ..] => {
                found |= fold(*plain) == fold(c);
                at += 1;
            }
            [] => return None,
        }
    }
}

/// `fnmatch`.
fn fnmatch(pattern: &[u8], text: &[u8], flags: Word) -> Word {
    let has = |flag| flags & flag != 0;
    let rules =
        Rules { pathname: has(PATHNAME), no_escape: has(NO_ESCAPE), period: has(PERIOD), case_fold: has(CASE_FOLD) };
    let ends = text.iter().enumerate().filter(|(_, c)| has(LEADING_DIR) && **c == b'/').map(|(i, _)| i);
    let found = ends.chain([text.len()]).any(|end| matches(pattern, &text[..end], rules));
    if found { 0 } else { NO_MATCH }
}

functions! {
    "fnmatch" "nnn" b'n' = |m, [pattern, text, flags, ..]| {
        fnmatch(&c_string(&m.mem, pattern), &c_string(&m.mem, text), flags)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_c() {
        for (pattern, text, flags, expected) in [
            ("*.c", "main.c", 0, 0),
            ("*.c", "main.h", 0, 1),
            ("a*b*c", "aXbYbZc", 0, 0),
            ("a*b*c", "aXbYbZ", 0, 1),
            ("?at", "cat", 0, 0),
            ("[a-c]at", "cat", 0, 0),
            ("[!a-c]at", "cat", 0, 1),
            ("[]x]", "]", 0, 0),
            ("[[:digit:]]*", "7up", 0, 0),
            ("[x", "[x", 0, 0),
            ("\\*", "*", 0, 0),
            ("\\*", "x", 0, 1),
            ("\\*", "\\x", NO_ESCAPE, 0),
            ("*", "a/b", 0, 0),
            ("*", "a/b", PATHNAME, 1),
            ("*/b", "a/b", PATHNAME, 0),
            ("*", ".hidden", PERIOD, 1),
            (".*", ".hidden", PERIOD, 0),
            ("a/*", "a/.b", PATHNAME | PERIOD, 1),
            ("usr", "usr/lib", LEADING_DIR, 0),
            ("MAIN.C", "main.c", CASE_FOLD, 0),
            ("", "", 0, 0),
            ("*", "", 0, 0),
        ] {
            assert_eq!(fnmatch(pattern.as_bytes(), text.as_bytes(), flags), expected, "{pattern} {text} {flags}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(1000) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(5000).as_bytes(), Rules::default()));
    }
}
