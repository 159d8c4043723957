//! `printf` and its kin: formatting, and what writes without being told where.
//!
//! Variadic functions are declared with all the words and doubles they look at, [`WORDS`] and [`DOUBLES`], in that order
//! and whatever the order in the call: that is how the calling convention passes them. A program that passes fewer has the
//! rest read from its registers, as in C.

use super::memory::c_string;
use super::os;
use super::table::{MAX_ARGS, functions};
use super::variadic::{Arguments, List};
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Words that a variadic function is given, those before the dots included.
pub const WORDS: usize = 8;
/// Doubles that it is given.
pub const DOUBLES: usize = MAX_ARGS - WORDS;

/// The descriptor of the standard output.
pub const STDOUT: i32 = 1;
/// The descriptor of the standard error.
pub const STDERR: i32 = 2;

/// The most that one call formats; what exceeds it is cut off.
const MAX_OUTPUT: usize = 1 << 20;
/// The widest field, and the most digits: glibc has no such bound, but memory has.
const MAX_WIDTH: usize = 4096;

/// Writes `bytes` to a descriptor; where that cannot be done, to the log, a line at a time, so that no message is lost.
pub fn emit(m: &mut Machine, fd: i32, bytes: &[u8]) {
    if !os::fd::write(m, fd, bytes) {
        for line in String::from_utf8_lossy(bytes).lines() {
            m.host.log(line);
        }
    }
}

/// One conversion of a format.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternative: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    /// Bytes of the argument.
    bytes: u32,
}

/// What a variadic function with `fixed` arguments before the dots, the last of them the format, is to write.
pub fn format_args(m: &Machine, args: &[Word; MAX_ARGS], fixed: usize) -> Vec<u8> {
    let text = c_string(&m.mem, args[fixed - 1]);
    let arguments = Arguments::Passed { words: args[fixed..WORDS].iter(), doubles: args[WORDS..].iter() };
    format_text(m, &text, arguments)
}

/// What a function with a format and a `va_list` is to write.
fn format_list(m: &Machine, text: Word, list: Word) -> Vec<u8> {
    let text = c_string(&m.mem, text);
    format_text(m, &text, Arguments::List(List::new(m, list)))
}

fn format_text(m: &Machine, text: &[u8], mut arguments: Arguments<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&c, after)) = rest.split_first() {
        if c != b'%' {
            out.push(c);
            rest = after;
        } else if let Some(after) = conversion(m, after, &mut arguments, &mut out) {
            rest = after;
        } else {
            // No conversion that C knows: it is text.
            out.push(c);
            rest = after;
        }
        if out.len() > MAX_OUTPUT {
            out.truncate(MAX_OUTPUT);
            break;
        }
    }
    out
}

/// Reads the flags, width, precision and length of a conversion; answers what follows them.
fn spec<'t>(mut rest: &'t [u8], arguments: &mut Arguments<'_>) -> (Spec, &'t [u8]) {
    let mut spec = Spec { bytes: 4, ..Spec::default() };
    while let Some((c, after)) = rest.split_first() {
        match c {
            b'-' => spec.left = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.alternative = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        rest = after;
    }
    let (width, after) = number(rest, arguments);
    spec.left |= width.is_some_and(|n| n < 0);
    spec.width = (width.unwrap_or(0).unsigned_abs() as usize).min(MAX_WIDTH);
    rest = after;
    if let Some((b'.', after)) = rest.split_first() {
        let (precision, after) = number(after, arguments);
        // A negative precision is none.
        spec.precision = usize::try_from(precision.unwrap_or(0)).ok().map(|n| n.min(MAX_WIDTH));
        rest = after;
    }
    while let Some((c, after)) = rest.split_first() {
        spec.bytes = match (c, spec.bytes) {
            (b'h', 4) => 2,
            (b'h', _) => 1,
            (b'l' | b'z' | b'j' | b't' | b'q' | b'L', _) => 8,
            _ => break,
        };
        rest = after;
    }
    (spec, rest)
}

/// A number of a conversion, or the argument that a `*` stands for.
fn number<'t>(rest: &'t [u8], arguments: &mut Arguments<'_>) -> (Option<i32>, &'t [u8]) {
    if let Some((b'*', after)) = rest.split_first() {
        return (Some(arguments.star()), after);
    }
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let value = rest[..digits].iter().fold(0i32, |n, c| n.saturating_mul(10).saturating_add((c - b'0') as i32));
    ((digits > 0).then_some(value), &rest[digits..])
}

/// Writes the conversion that begins with `rest`, behind its percent sign; answers what follows it, or none if it is none.
fn conversion<'t>(m: &Machine, rest: &'t [u8], arguments: &mut Arguments<'_>, out: &mut Vec<u8>) -> Option<&'t [u8]> {
    let (mut spec, rest) = spec(rest, arguments);
    let (&c, after) = rest.split_first()?;
    match c {
        b'%' => out.push(b'%'),
        b'd' | b'i' => {
            let unused = 64 - 8 * spec.bytes;
            let value = (arguments.word() << unused) as i64 >> unused;
            integer(out, &mut spec, value < 0, value.unsigned_abs().to_string(), "");
        }
        b'u' | b'x' | b'X' | b'o' => {
            let value = arguments.word() & u64::MAX >> (64 - 8 * spec.bytes);
            let (digits, prefix) = match c {
                b'x' => (format!("{value:x}"), "0x"),
                b'X' => (format!("{value:X}"), "0X"),
                b'o' => (format!("{value:o}"), "0"),
                _ => (value.to_string(), ""),
            };
            (spec.plus, spec.space) = (false, false);
            let prefix = if spec.alternative && value != 0 { prefix } else { "" };
            integer(out, &mut spec, false, digits, prefix);
        }
        b'p' => match arguments.word() {
            0 => padded(out, &spec, b"", b"(nil)"),
            address => padded(out, &spec, b"", format!("{address:#x}").as_bytes()),
        },
        b'c' => {
            spec.zero = false;
            padded(out, &spec, b"", &[arguments.word() as u8]);
        }
        b's' => {
            spec.zero = false;
            let mut text = match arguments.word() {
                0 => b"(null)".to_vec(),
                s => super::memory::c_string_of(&m.mem, s, spec.precision.unwrap_or(MAX_OUTPUT)),
            };
            text.truncate(spec.precision.unwrap_or(usize::MAX));
            padded(out, &spec, b"", &text);
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' => {
            let value = arguments.double();
            let text = if value.is_finite() {
                double(&spec, c.to_ascii_lowercase(), value.abs())
            } else {
                spec.zero = false;
                if value.is_nan() { "nan".to_string() } else { "inf".to_string() }
            };
            let text = if c.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text };
            let sign = sign(&spec, value.is_sign_negative());
            padded(out, &spec, sign.as_bytes(), text.as_bytes());
        }
        b'n' => {
            // Writes to memory in C, which only attacks use.
            arguments.word();
        }
        _ => return None,
    }
    Some(after)
}

fn sign(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// Writes an integer's digits: at least as many as the precision says, and then no zeros as padding.
fn integer(out: &mut Vec<u8>, spec: &mut Spec, negative: bool, digits: String, prefix: &str) {
    let mut digits = digits;
    if let Some(precision) = spec.precision {
        spec.zero = false;
        if precision == 0 && digits == "0" {
            digits.clear();
        }
        let missing = precision.saturating_sub(digits.len());
        digits.insert_str(0, &"0".repeat(missing));
    }
    let prefix = if prefix == "0" && digits.starts_with('0') { "" } else { prefix };
    padded(out, spec, format!("{}{prefix}", sign(spec, negative)).as_bytes(), digits.as_bytes());
}

/// Writes `head` and `body` as wide as is wanted: zeros go between them, spaces outside.
fn padded(out: &mut Vec<u8>, spec: &Spec, head: &[u8], body: &[u8]) {
    let missing = spec.width.saturating_sub(head.len() + body.len());
    let fill = |out: &mut Vec<u8>, byte| out.extend(core::iter::repeat_n(byte, missing));
    if !spec.left && !spec.zero {
        fill(out, b' ');
    }
    out.extend_from_slice(head);
    if !spec.left && spec.zero {
        fill(out, b'0');
    }
    out.extend_from_slice(body);
    if spec.left {
        fill(out, b' ');
    }
}

/// A finite double that is not negative, by the conversion `f`, `e` or `g`.
fn double(spec: &Spec, conversion: u8, value: f64) -> String {
    let precision = spec.precision.unwrap_or(6);
    let point = if spec.alternative { "." } else { "" };
    match conversion {
        b'f' if precision == 0 => format!("{value:.0}{point}"),
        b'f' => format!("{value:.precision$}"),
        b'e' => {
            let (mantissa, exponent) = scientific(value, precision);
            let point = if precision == 0 { point } else { "" };
            format!("{mantissa}{point}{}", exponent_text(exponent))
        }
        _ => {
            let precision = precision.max(1);
            let (mantissa, exponent) = scientific(value, precision - 1);
            let trim = |text: String| {
                if spec.alternative || !text.contains('.') {
                    return text;
                }
                text.trim_end_matches('0').trim_end_matches('.').to_string()
            };
            if exponent < -4 || exponent >= precision as i32 {
                format!("{}{}", trim(mantissa), exponent_text(exponent))
            } else {
                trim(format!("{value:.*}", (precision as i32 - 1 - exponent) as usize))
            }
        }
    }
}

/// Mantissa, with so many digits behind the point, and decimal exponent.
fn scientific(value: f64, precision: usize) -> (String, i32) {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa.to_string(), exponent.parse().unwrap_or(0)),
        None => (text, 0),
    }
}

/// An exponent as C writes it: with its sign and at least two digits.
fn exponent_text(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("e{sign}{:02}", exponent.unsigned_abs())
}

/// Writes `text`, cut off to fit, and a zero byte to the `room` bytes at `out`; answers its whole length.
fn to_buffer(m: &mut Machine, out: Word, room: Word, text: &[u8]) -> Word {
    if room > 0 {
        let kept = text.len().min(usize::try_from(room - 1).unwrap_or(usize::MAX));
        let at = Addr::from_word(out);
        m.mem.write_bytes(at, &text[..kept]);
        m.mem.set_u8(at + kept as u32, 0);
    }
    text.len() as Word
}

/// The descriptor of the `FILE` at `file`, which is what such an object begins with here.
fn descriptor(m: &Machine, file: Word) -> i32 {
    m.mem.u32(Addr::from_word(file)) as i32
}

/// Writes `text` to a descriptor; answers its length.
fn print(m: &mut Machine, fd: i32, text: &[u8]) -> Word {
    emit(m, fd, text);
    text.len() as Word
}

functions! {
    "printf" "n" + "nnnnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 1);
        print(m, STDOUT, &text)
    };
    "fprintf" "nn" + "nnnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 2);
        let fd = descriptor(m, args[0]);
        print(m, fd, &text)
    };
    "dprintf" "nn" + "nnnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 2);
        print(m, args[0] as i32, &text)
    };
    "sprintf" "nn" + "nnnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 2);
        to_buffer(m, args[0], u64::MAX, &text)
    };
    "snprintf" "nnn" + "nnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 3);
        to_buffer(m, args[0], args[1], &text)
    };
    // The forms that gcc calls when it fortifies: a flag, and for buffers their size, before the format.
    "__printf_chk" "nn" + "nnnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 2);
        print(m, STDOUT, &text)
    };
    "__fprintf_chk" "nnn" + "nnnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 3);
        let fd = descriptor(m, args[0]);
        print(m, fd, &text)
    };
    "__sprintf_chk" "nnnn" + "nnnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 4);
        to_buffer(m, args[0], args[2], &text)
    };
    "__snprintf_chk" "nnnnn" + "nnndddd" b'n' = |m, args| {
        let text = format_args(m, &args, 5);
        to_buffer(m, args[0], args[1], &text)
    };
    // What these are given instead of arguments is a `va_list`.
    "vprintf" "nn" b'n' = |m, [text, list, ..]| {
        let text = format_list(m, text, list);
        print(m, STDOUT, &text)
    };
    "vfprintf" "nnn" b'n' = |m, [file, text, list, ..]| {
        let text = format_list(m, text, list);
        let fd = descriptor(m, file);
        print(m, fd, &text)
    };
    "vdprintf" "nnn" b'n' = |m, [fd, text, list, ..]| {
        let text = format_list(m, text, list);
        print(m, fd as i32, &text)
    };
    "vsprintf" "nnn" b'n' = |m, [out, text, list, ..]| {
        let text = format_list(m, text, list);
        to_buffer(m, out, u64::MAX, &text)
    };
    "vsnprintf" "nnnn" b'n' = |m, [out, room, text, list, ..]| {
        let text = format_list(m, text, list);
        to_buffer(m, out, room, &text)
    };
    "__vprintf_chk" "nnn" b'n' = |m, [_, text, list, ..]| {
        let text = format_list(m, text, list);
        print(m, STDOUT, &text)
    };
    "__vfprintf_chk" "nnnn" b'n' = |m, [file, _, text, list, ..]| {
        let text = format_list(m, text, list);
        let fd = descriptor(m, file);
        print(m, fd, &text)
    };
    "__vsprintf_chk" "nnnnn" b'n' = |m, [out, _, _, text, list, ..]| {
        let text = format_list(m, text, list);
        to_buffer(m, out, u64::MAX, &text)
    };
    "__vsnprintf_chk" "nnnnnn" b'n' = |m, [out, room, _, _, text, list, ..]| {
        let text = format_list(m, text, list);
        to_buffer(m, out, room, &text)
    };
    "puts" "n" b'n' = |m, [s, ..]| {
        let mut text = c_string(&m.mem, s);
        text.push(b'\n');
        print(m, STDOUT, &text)
    };
    "putchar" "n" b'n' = |m, [c, ..]| {
        print(m, STDOUT, &[c as u8]);
        c & 0xff
    };
    "fputs" "nn" b'n' = |m, [s, file, ..]| {
        let (text, fd) = (c_string(&m.mem, s), descriptor(m, file));
        print(m, fd, &text)
    };
    "fputc" "nn" b'n' = |m, [c, file, ..]| {
        let fd = descriptor(m, file);
        print(m, fd, &[c as u8]);
        c & 0xff
    };
    "putc" "nn" b'n' = |m, [c, file, ..]| {
        let fd = descriptor(m, file);
        print(m, fd, &[c as u8]);
        c & 0xff
    };
    "fwrite" "nnnn" b'n' = |m, [at, size, n, file, ..]| {
        let bytes = size.saturating_mul(n).min(MAX_OUTPUT as u64);
        let mut text = alloc::vec![0; bytes as usize];
        m.mem.read_bytes(Addr::from_word(at), &mut text);
        let fd = descriptor(m, file);
        emit(m, fd, &text);
        bytes.checked_div(size).unwrap_or(0)
    };
    // Nothing is kept back.
    "fflush" "n" b'n' = |_, _| 0;
}

#[cfg(test)]
mod tests;
