//! What the host's expressions stand for in the heap, and characters between heap and host.
//!
//! Owned here: a string crosses the border in UTF-8 that may hold surrogates, because a Haskell `Char` may be one.

use super::Refusal;
use crate::abi::request::Expr;
use crate::entry::closures::{Builtin, CHARLIKE};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::{PAYLOAD, THUNK_PAYLOAD};
use crate::word::{ClosurePtr, InfoPtr};
use alloc::vec::Vec;

/// Why an application or a string is refused.
const NO_HEAP: &str = "no heap left for the expression";
/// Words of an stg_ap_2_upd thunk, of a list cell, of a boxed character.
const AP_2_W: u32 = 4;
const CONS_W: u32 = 3;
const BOX_W: u32 = 2;
/// `(:)` is the second constructor of its type, what is boxed has only one.
const CONS_TAG: u32 = 2;
const BOX_TAG: u32 = 1;

impl Machine {
    /// What an expression stands for: an application becomes a thunk, as lazy as any. Never collects.
    pub(super) fn expression(&mut self, expr: &Expr) -> Result<ClosurePtr, Refusal> {
        match expr {
            Expr::Ref(r) => self.find_ref(*r),
            Expr::App(f, x) => {
                let (f, x) = (self.expression(f)?, self.expression(x)?);
                let thunk = self.allocate(AP_2_W).ok_or(NO_HEAP)?;
                self.mem.set_info(thunk, info::STG_AP_2_UPD);
                self.mem.set_word(thunk + 8, 0);
                self.mem.set_closure(thunk + THUNK_PAYLOAD, f);
                self.mem.set_closure(thunk + THUNK_PAYLOAD + 8, x);
                Ok(thunk.into())
            }
            Expr::Chars(bytes) => self.string(bytes),
            Expr::Boxed { con_info, word } => self.boxed(InfoPtr::from_word(*con_info), *word),
        }
    }

    fn boxed(&mut self, con_info: InfoPtr, word: u64) -> Result<ClosurePtr, Refusal> {
        let boxed = self.allocate(BOX_W).ok_or(NO_HEAP)?;
        self.mem.set_info(boxed, con_info);
        self.mem.set_word(boxed + PAYLOAD, word);
        Ok(ClosurePtr(boxed.0 | BOX_TAG))
    }

    /// A list of characters, made from its end.
    fn string(&mut self, bytes: &[u8]) -> Result<ClosurePtr, Refusal> {
        let mut list = Builtin::Nil.ptr();
        let mut end = bytes.len();
        while end > 0 {
            let is_continuation = |b: &u8| b & 0xc0 == 0x80;
            let start = bytes[..end].iter().rposition(|b| !is_continuation(b)).unwrap_or(0);
            let c = self.character(decode(&bytes[start..end]))?;
            let cons = self.allocate(CONS_W).ok_or(NO_HEAP)?;
            self.mem.set_info(cons, info::CONS_CON);
            self.mem.set_closure(cons + PAYLOAD, c);
            self.mem.set_closure(cons + PAYLOAD + 8, list);
            list = ClosurePtr(cons.0 | CONS_TAG);
            end = start;
        }
        Ok(list)
    }

    fn character(&mut self, code: u32) -> Result<ClosurePtr, Refusal> {
        if code < 256 {
            return Ok(ClosurePtr(CHARLIKE.offset_w(code * BOX_W).0 | BOX_TAG));
        }
        self.boxed(info::C_HASH_CON, code as u64)
    }
}

/// The code point of one character; of bytes that are none, something that is a code point.
fn decode(bytes: &[u8]) -> u32 {
    let lead = match bytes {
        [b] => return *b as u32,
        [b, ..] => *b as u32 & (0x7f >> bytes.len().min(7)),
        [] => 0,
    };
    let code = bytes[1..].iter().take(3).fold(lead, |code, b| code << 6 | (*b as u32 & 0x3f));
    code.min(char::MAX as u32)
}

/// Appends a character; a word that is none becomes U+FFFD.
pub(super) fn push_char(out: &mut Vec<u8>, code: u64) {
    let mut buffer = [0; 4];
    match u32::try_from(code).ok() {
        // A surrogate takes three bytes, as any character of its size.
        Some(c @ 0xd800..=0xdfff) => {
            out.extend([0xe0 | (c >> 12), 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f)].map(|b| b as u8))
        }
        code => {
            let c = code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend(c.encode_utf8(&mut buffer).bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_back() {
        for code in [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xdfff, 0xffff, 0x1_0000, 0x10_ffff] {
            let mut out = Vec::new();
            push_char(&mut out, code);
            assert_eq!(decode(&out) as u64, code);
        }
        let mut out = Vec::new();
        push_char(&mut out, u64::MAX);
        assert_eq!(out, "\u{fffd}".as_bytes());
        assert!(decode(&[0xff; 9]) <= char::MAX as u32);
    }
}
