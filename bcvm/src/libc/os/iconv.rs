//! `iconv.h`: conversion between character encodings, for those that base does not know itself.
//!
//! A conversion descriptor is a number that says everything, so there is nothing to close: none of the encodings has a
//! state.

use super::call::fail;
use super::charset::{Bad, Charset, MAX_BYTES};
use crate::interp::machine::Machine;
use crate::libc::errno::{E2BIG, EBADF, EILSEQ, EINVAL};
use crate::libc::table::functions;
use crate::mem::Mem;
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// The longest name of an encoding.
const MAX_NAME: u32 = 64;
/// The bit that every descriptor has, so that none is 0.
const DESCRIPTOR: Word = 1 << 32;

/// What becomes of a character that the other encoding does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Otherwise {
    Fail,
    /// `//IGNORE`: it is left out.
    Ignore,
    /// `//TRANSLIT`: it becomes a question mark.
    Question,
}

/// What a descriptor says.
struct Conversion {
    from: Charset,
    to: Charset,
    otherwise: Otherwise,
}

impl Conversion {
    fn descriptor(&self) -> Word {
        DESCRIPTOR | (self.otherwise as Word) << 16 | self.to.number() << 8 | self.from.number()
    }

    fn from_descriptor(descriptor: Word) -> Option<Conversion> {
        let otherwise = match (descriptor ^ DESCRIPTOR) >> 16 {
            0 => Otherwise::Fail,
            1 => Otherwise::Ignore,
            2 => Otherwise::Question,
            _ => return None,
        };
        let from = Charset::from_number(descriptor & 0xFF)?;
        let to = Charset::from_number(descriptor >> 8 & 0xFF)?;
        Some(Conversion { from, to, otherwise })
    }

    /// The bytes for `c`; none is to be written for a character that is left out.
    fn encode(&self, c: char) -> Option<([u8; MAX_BYTES], usize)> {
        self.to.encode(c).or(match self.otherwise {
            Otherwise::Fail => None,
            Otherwise::Ignore => Some(([0; MAX_BYTES], 0)),
            Otherwise::Question => self.to.encode('?'),
        })
    }
}

/// The name at `at`, and what stands behind `//`.
fn name(mem: &Mem, at: Word) -> (Vec<u8>, Vec<u8>) {
    let bytes = (0..MAX_NAME).map(|i| mem.u8(Addr::from_word(at) + i)).take_while(|b| *b != 0);
    let name: Vec<u8> = bytes.collect();
    let end = name.windows(2).position(|two| two == b"//").unwrap_or(name.len());
    (name[..end].to_vec(), name[end..].to_ascii_uppercase())
}

fn iconv_open(m: &mut Machine, to: Word, from: Word) -> Word {
    let (to, suffix) = name(&m.mem, to);
    let (from, _) = name(&m.mem, from);
    let otherwise = match &suffix[..] {
        b"//IGNORE" => Otherwise::Ignore,
        b"//TRANSLIT" => Otherwise::Question,
        _ => Otherwise::Fail,
    };
    match (Charset::named(&from), Charset::named(&to)) {
        (Some(from), Some(to)) => Conversion { from, to, otherwise }.descriptor(),
        _ => fail(m, EINVAL),
    }
}

/// A buffer as `iconv` has it: the variable with its address, and the variable with its length.
struct Buffer {
    at: Addr,
    len: Addr,
}

impl Buffer {
    fn rest(&self, mem: &Mem) -> (Word, Word) {
        (mem.word(self.at), mem.word(self.len))
    }

    fn advance(&self, mem: &mut Mem, by: usize) {
        let (at, len) = self.rest(mem);
        mem.set_word(self.at, at.wrapping_add(by as Word));
        mem.set_word(self.len, len.wrapping_sub(by as Word));
    }
}

/// `iconv`; how many characters were converted otherwise than reversibly is answered as 0.
fn iconv(m: &mut Machine, [descriptor, from, from_len, to, to_len]: [Word; 5]) -> Word {
    let Some(conversion) = Conversion::from_descriptor(descriptor) else {
        return fail(m, EBADF);
    };
    // Without input the state is to be reset, and there is none.
    if from == 0 || m.mem.word(Addr::from_word(from)) == 0 {
        return 0;
    }
    let from = Buffer { at: Addr::from_word(from), len: Addr::from_word(from_len) };
    let to = Buffer { at: Addr::from_word(to), len: Addr::from_word(to_len) };
    loop {
        let (at, left) = from.rest(&m.mem);
        if left == 0 || m.mem.fault().is_some() {
            return 0;
        }
        let mut window = [0; MAX_BYTES];
        let window = &mut window[..left.min(MAX_BYTES as Word) as usize];
        m.mem.read_bytes(Addr::from_word(at), window);
        let (c, used) = match conversion.from.decode(window) {
            Ok(found) => found,
            Err(Bad::Illegal) => return fail(m, EILSEQ),
            Err(Bad::Incomplete) => return fail(m, EINVAL),
        };
        let Some((bytes, len)) = conversion.encode(c) else {
            return fail(m, EILSEQ);
        };
        let (out, room) = to.rest(&m.mem);
        if room < len as Word {
            return fail(m, E2BIG);
        }
        m.mem.write_bytes(Addr::from_word(out), &bytes[..len]);
        to.advance(&mut m.mem, len);
        from.advance(&mut m.mem, used);
    }
}

functions! {
    "iconv_open" "nn" b'n' = |m, [to, from, ..]| iconv_open(m, to, from);
    "iconv" "nnnnn" b'n' = |m, [cd, from, from_len, to, to_len, ..]| iconv(m, [cd, from, from_len, to, to_len]);
    "iconv_close" "n" b'n' = |_, _| 0;
}
