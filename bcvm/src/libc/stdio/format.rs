//! What a format of `printf` and its arguments make.

use super::MAX_OUTPUT;
use super::arguments::Arguments;
use crate::interp::machine::Machine;
use crate::libc::memory;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The widest field, and the most digits: glibc has no such bound, but memory has.
pub const MAX_WIDTH: usize = 4096;

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

/// The text that a format and its arguments make.
pub fn format(m: &Machine, text: &[u8], arguments: &mut Arguments) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&c, after)) = rest.split_first() {
        if c != b'%' {
            out.push(c);
            rest = after;
        } else if let Some(after) = conversion(m, after, arguments, &mut out) {
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
fn spec<'t>(m: &Machine, mut rest: &'t [u8], arguments: &mut Arguments) -> (Spec, &'t [u8]) {
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
    let (width, after) = number(m, rest, arguments);
    spec.left |= width.is_some_and(|n| n < 0);
    spec.width = (width.unwrap_or(0).unsigned_abs() as usize).min(MAX_WIDTH);
    rest = after;
    if let Some((b'.', after)) = rest.split_first() {
        let (precision, after) = number(m, after, arguments);
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
fn number<'t>(m: &Machine, rest: &'t [u8], arguments: &mut Arguments) -> (Option<i32>, &'t [u8]) {
    if let Some((b'*', after)) = rest.split_first() {
        return (Some(arguments.word(m) as i32), after);
    }
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let value = rest[..digits].iter().fold(0i32, |n, c| n.saturating_mul(10).saturating_add((c - b'0') as i32));
    ((digits > 0).then_some(value), &rest[digits..])
}

/// Writes the conversion that begins with `rest`, behind its percent sign; answers what follows it, or none if it is none.
fn conversion<'t>(m: &Machine, rest: &'t [u8], arguments: &mut Arguments, out: &mut Vec<u8>) -> Option<&'t [u8]> {
    let (mut spec, rest) = spec(m, rest, arguments);
    let (&c, after) = rest.split_first()?;
    match c {
        b'%' => out.push(b'%'),
        b'd' | b'i' => {
            let unused = 64 - 8 * spec.bytes;
            let value = (arguments.word(m) << unused) as i64 >> unused;
            integer(out, &mut spec, value < 0, value.unsigned_abs().to_string(), "");
        }
        b'u' | b'x' | b'X' | b'o' => {
            let value = arguments.word(m) & u64::MAX >> (64 - 8 * spec.bytes);
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
        b'p' => match arguments.word(m) {
            0 => padded(out, &spec, b"", b"(nil)"),
            address => padded(out, &spec, b"", format!("{address:#x}").as_bytes()),
        },
        b'c' => {
            spec.zero = false;
            padded(out, &spec, b"", &[arguments.word(m) as u8]);
        }
        b's' => {
            spec.zero = false;
            let mut text = match arguments.word(m) {
                0 => b"(null)".to_vec(),
                s => memory::c_string_of(&m.mem, s, spec.precision.unwrap_or(MAX_OUTPUT)),
            };
            text.truncate(spec.precision.unwrap_or(usize::MAX));
            padded(out, &spec, b"", &text);
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' => {
            let value = arguments.double(m);
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
            arguments.word(m);
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
