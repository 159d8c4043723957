//! `scanf` and its kin.

use super::arguments::Arguments;
use super::file;
use super::{EOF, MAX_OUTPUT};
use crate::interp::machine::Machine;
use crate::libc::memory::c_string;
use crate::libc::number;
use crate::libc::table::{MAX_ARGS, functions};
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// The longest number that is read.
const MAX_NUMBER: usize = 4096;

/// Where characters come from.
enum Input {
    /// A string in memory.
    Text(Word),
    /// A `FILE`.
    File(Word),
}

/// Reading of an input: what was read, and how much.
struct Scanner {
    input: Input,
    /// Characters taken, for `%n` and the width.
    taken: usize,
}

impl Scanner {
    fn next(&mut self, m: &mut Machine) -> Option<u8> {
        let byte = match &mut self.input {
            Input::Text(at) => {
                let byte = m.mem.u8(Addr::from_word(*at));
                *at += (byte != 0) as Word;
                (byte != 0).then_some(byte)
            }
            Input::File(file) => file::get(m, *file),
        };
        self.taken += byte.is_some() as usize;
        byte
    }

    /// Gives back the byte that was taken last.
    fn back(&mut self, m: &mut Machine, byte: u8) {
        self.taken -= 1;
        match &mut self.input {
            Input::Text(at) => *at -= 1,
            Input::File(file) => file::unget(m, *file, byte),
        }
    }

    fn peek(&mut self, m: &mut Machine) -> Option<u8> {
        let byte = self.next(m)?;
        self.back(m, byte);
        Some(byte)
    }

    fn skip_spaces(&mut self, m: &mut Machine) {
        while let Some(byte) = self.next(m) {
            if !is_space(byte) {
                return self.back(m, byte);
            }
        }
    }

    /// Takes bytes as long as `fits` says that those so far begin what is wanted, at most `most`.
    fn take(&mut self, m: &mut Machine, most: usize, fits: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < most {
            let Some(byte) = self.next(m) else { break };
            bytes.push(byte);
            if !fits(&bytes) {
                bytes.pop();
                self.back(m, byte);
                break;
            }
        }
        bytes
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// A conversion of a format.
struct Spec<'t> {
    /// Whether nothing is assigned.
    suppressed: bool,
    /// Whether memory is made for a text.
    allocates: bool,
    width: Option<usize>,
    /// Bytes of an integer; 8 is also what a double has, and 4 a float.
    bytes: u32,
    letter: u8,
    /// What is between the brackets of a set.
    set: &'t [u8],
}

/// The conversion that `text` begins with, behind the percent sign, and what follows it.
fn spec(mut text: &[u8]) -> Option<(Spec<'_>, &[u8])> {
    let mut spec = Spec { suppressed: false, allocates: false, width: None, bytes: 4, letter: 0, set: &[] };
    if let Some((b'*', rest)) = text.split_first() {
        (spec.suppressed, text) = (true, rest);
    }
    let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
    if digits > 0 {
        let width = core::str::from_utf8(&text[..digits]).ok()?.parse().unwrap_or(usize::MAX);
        spec.width = Some(width).filter(|n| *n > 0);
        text = &text[digits..];
    }
    loop {
        let (&c, rest) = text.split_first()?;
        text = rest;
        match (c, spec.bytes) {
            (b'h', 4) => spec.bytes = 2,
            (b'h', _) => spec.bytes = 1,
            (b'l' | b'z' | b'j' | b't' | b'q' | b'L', _) => spec.bytes = 8,
            (b'm', _) => spec.allocates = true,
            _ => {
                spec.letter = c;
                break;
            }
        }
    }
    if spec.letter == b'[' {
        // A bracket that comes first, or behind the negation, belongs to the set.
        let start = text.starts_with(b"^") as usize;
        let end = text.iter().skip(start + 1).position(|c| *c == b']')? + start + 1;
        (spec.set, text) = (&text[..end], &text[end + 1..]);
    }
    Some((spec, text))
}

/// Whether a set has this byte: single bytes, and ranges.
fn in_set(set: &[u8], byte: u8) -> bool {
    let (negated, mut set) = match set.split_first() {
        Some((b'^', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut found = false;
    while let Some((&low, rest)) = set.split_first() {
        set = match rest {
            [b'-', high, rest @ ..] => {
                found |= (low..=*high).contains(&byte);
                rest
            }
            rest => {
                found |= low == byte;
                rest
            }
        };
    }
    found != negated
}

/// The base that a letter means, as `strtol` has it.
fn base(letter: u8) -> u32 {
    match letter {
        b'd' | b'u' => 10,
        b'o' => 8,
        b'x' | b'X' | b'p' => 16,
        _ => 0,
    }
}

/// Whether `text` is, or may become, an integer.
fn begins_integer(text: &[u8], base: u32) -> bool {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let hex = matches!(base, 0 | 16) && matches!(digits, [b'0', b'x' | b'X', ..]);
    let (digits, base) = match (hex, base) {
        (true, _) => (&digits[2..], 16),
        (_, 0) if digits.first() == Some(&b'0') => (digits, 8),
        (_, 0) => (digits, 10),
        (_, base) => (digits, base),
    };
    digits.iter().all(|c| (*c as char).is_digit(base))
}

/// Whether `text` is, or may become, a floating-point number: one character or two more would make it one.
fn begins_double(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let is_word = |word: &[u8]| word.starts_with(&lower);
    if is_word(b"infinity") || is_word(b"nan") || is_word(b"0x") {
        return true;
    }
    [&b""[..], b"0", b"+0"].iter().any(|more| {
        let longer = [&lower[..], more].concat();
        number::double(&longer).is_some_and(|(_, used)| used == longer.len())
    })
}

/// Carries out a conversion; answers whether the input fitted, and whether something was assigned.
fn convert(m: &mut Machine, input: &mut Scanner, spec: &Spec<'_>, arguments: &mut Arguments) -> (bool, bool) {
    let most = spec.width.unwrap_or(MAX_OUTPUT);
    match spec.letter {
        b'n' => {
            if !spec.suppressed {
                let at = arguments.word(m);
                store(m, at, spec.bytes, input.taken as Word);
            }
            return (true, false);
        }
        b'c' => {
            let wanted = spec.width.unwrap_or(1).min(MAX_OUTPUT);
            let bytes = input.take(m, wanted, |_| true);
            let fits = bytes.len() == wanted;
            return (fits, fits && assign_text(m, spec, arguments, &bytes, false));
        }
        b's' => {
            let bytes = input.take(m, most, |text| text.last().is_some_and(|c| !is_space(*c)));
            let fits = !bytes.is_empty();
            return (fits, fits && assign_text(m, spec, arguments, &bytes, true));
        }
        b'[' => {
            let bytes = input.take(m, most, |text| text.last().is_some_and(|c| in_set(spec.set, *c)));
            let fits = !bytes.is_empty();
            return (fits, fits && assign_text(m, spec, arguments, &bytes, true));
        }
        _ => {}
    }
    let most = most.min(MAX_NUMBER);
    match spec.letter {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'p' => {
            let base = base(spec.letter);
            let text = input.take(m, most, |text| begins_integer(text, base));
            let Some((negative, magnitude, _)) = number::integer(&text, base) else { return (false, false) };
            let value = magnitude.unwrap_or(Word::MAX);
            let value = if negative { value.wrapping_neg() } else { value };
            if !spec.suppressed {
                let at = arguments.word(m);
                store(m, at, if spec.letter == b'p' { 8 } else { spec.bytes }, value);
            }
            (true, !spec.suppressed)
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
            let text = input.take(m, most, begins_double);
            let Some((value, _)) = number::double(&text) else { return (false, false) };
            if !spec.suppressed {
                let at = arguments.word(m);
                let bits = if spec.bytes == 8 { value.to_bits() } else { Word::from((value as f32).to_bits()) };
                store(m, at, spec.bytes.max(4), bits);
            }
            (true, !spec.suppressed)
        }
        _ => (false, false),
    }
}

/// Writes the low bytes of a value.
fn store(m: &mut Machine, at: Word, bytes: u32, value: Word) {
    m.mem.write_bytes(Addr::from_word(at), &value.to_le_bytes()[..bytes as usize]);
}

/// Writes a text, with a zero byte if it is a string; answers whether that was done.
fn assign_text(m: &mut Machine, spec: &Spec<'_>, arguments: &mut Arguments, bytes: &[u8], is_string: bool) -> bool {
    if spec.suppressed {
        return false;
    }
    let target = Addr::from_word(arguments.word(m));
    if spec.allocates {
        let copy = m.c_string(bytes);
        m.mem.set_word(target, copy.map_or(0, Addr::word));
        return copy.is_some();
    }
    m.mem.write_bytes(target, bytes);
    if is_string {
        m.mem.set_u8(target + bytes.len() as u32, 0);
    }
    true
}

/// Reads by a format; answers how many values were assigned, or the end if the input ended before the first.
fn scan(m: &mut Machine, input: Input, text: Word, mut arguments: Arguments) -> Word {
    let text = c_string(&m.mem, text);
    let mut input = Scanner { input, taken: 0 };
    let (mut rest, mut assigned) = (&text[..], 0);
    while let Some((&c, after)) = rest.split_first() {
        rest = after;
        if is_space(c) {
            input.skip_spaces(m);
            continue;
        }
        let wanted = match (c, rest.first()) {
            (b'%', Some(b'%')) => {
                rest = &rest[1..];
                input.skip_spaces(m);
                Some(b'%')
            }
            (b'%', _) => None,
            _ => Some(c),
        };
        if let Some(wanted) = wanted {
            match input.next(m) {
                Some(byte) if byte == wanted => continue,
                Some(byte) => input.back(m, byte),
                None if assigned == 0 => return EOF,
                None => {}
            }
            break;
        }
        let Some((spec, after)) = spec(rest) else { break };
        rest = after;
        if !matches!(spec.letter, b'c' | b'[' | b'n') {
            input.skip_spaces(m);
        }
        if spec.letter != b'n' && input.peek(m).is_none() {
            return if assigned == 0 { EOF } else { assigned };
        }
        let (fits, is_assigned) = convert(m, &mut input, &spec, &mut arguments);
        assigned += is_assigned as Word;
        if !fits {
            break;
        }
    }
    assigned
}

fn standard_input() -> Input {
    Input::File(crate::libc::data::STDIN.word())
}

fn passed(m: &mut Machine, input: Input, args: &[Word; MAX_ARGS], fixed: usize) -> Word {
    scan(m, input, args[fixed - 1], Arguments::behind(args, fixed))
}

fn listed(m: &mut Machine, input: Input, text: Word, list: Word) -> Word {
    let arguments = Arguments::listed(m, list);
    scan(m, input, text, arguments)
}

functions! {
    "scanf" "n..." b'n' = |m, args| passed(m, standard_input(), &args, 1);
    "fscanf" "nn..." b'n' = |m, args| passed(m, Input::File(args[0]), &args, 2);
    "sscanf" "nn..." b'n' = |m, args| passed(m, Input::Text(args[0]), &args, 2);
    "vscanf" "nn" b'n' = |m, [text, list, ..]| listed(m, standard_input(), text, list);
    "vfscanf" "nnn" b'n' = |m, [file, text, list, ..]| listed(m, Input::File(file), text, list);
    "vsscanf" "nnn" b'n' = |m, [from, text, list, ..]| listed(m, Input::Text(from), text, list);
}
