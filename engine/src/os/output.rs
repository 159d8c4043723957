//! What is written: how much of it an evaluation may, and what of it may reach a terminal.
//
// Note [Limits of output]
// ~~~~~~~~~~~~~~~~~~~~~~~
// A program that has written all it may is told so by its next write, with EDQUOT, and base makes an exception of that. To
// end the evaluation right there by a trap would be shorter, but the thread holds the lock of its Handle then, and nobody
// would ever write to standard output again. If the evaluation ends with an exception, whichever it is, the user is told
// of the limit instead (`MachineBackend::evaluate`); a program that handles it may come to a result without writing.

use std::io::{self, IsTerminal};

use rustix::io::Errno;

/// What everything written passes through.
#[derive(Debug)]
pub(super) struct OutputGate {
    /// Terminals get what the program writes as it is.
    escapes: bool,
    limit: Option<u64>,
    /// Bytes written since the evaluation began.
    written: u64,
    /// It wanted to write more than it may.
    is_full: bool,
    /// The last byte written: the first of a pair may have come with an earlier call.
    last: u8,
}

/// First byte of U+0080 to U+00BF in UTF-8. Half of these are control characters.
const C1_LEAD: u8 = 0xc2;

impl OutputGate {
    pub(super) fn new(escapes: bool, limit: Option<u64>) -> OutputGate {
        OutputGate { escapes, limit, written: 0, is_full: false, last: 0 }
    }

    /// A new evaluation begins.
    pub(super) fn begin(&mut self) {
        self.written = 0;
        self.is_full = false;
    }

    /// Cuts `bytes` to what may still be written; EDQUOT if that is nothing. See Note [Limits of output].
    pub(super) fn admit(&mut self, bytes: &mut Vec<u8>) -> Result<(), Errno> {
        let Some(limit) = self.limit else { return Ok(()) };
        let room = limit.saturating_sub(self.written);
        if room == 0 && !bytes.is_empty() {
            self.is_full = true;
            return Err(Errno::DQUOT);
        }
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        Ok(())
    }

    /// Replaces what a terminal would obey, byte by byte, so that positions stay: control characters but tab, new line,
    /// carriage return, backspace and bell by `?`, and those beyond ASCII by `¿`.
    pub(super) fn filter(&self, bytes: &mut [u8]) {
        if !self.escapes {
            replace_controls(bytes, self.last);
        }
    }

    /// So much was written.
    pub(super) fn written(&mut self, bytes: &[u8]) {
        self.written += bytes.len() as u64;
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    /// What to tell the user if it wanted to write more.
    pub(super) fn reached_limit(&self) -> Option<String> {
        let limit = self.limit.filter(|_| self.is_full)?;
        Some(format!("it wrote more than it may (limit {limit} bytes for each evaluation)"))
    }
}

/// Replaces what a terminal would obey in a text, as [`OutputGate::filter`] does.
pub(crate) fn plain(text: &mut [u8]) {
    replace_controls(text, 0);
}

/// `last` is the byte before.
fn replace_controls(bytes: &mut [u8], mut last: u8) {
    for byte in bytes {
        match *byte {
            b'\t' | b'\n' | b'\r' | 0x07 | 0x08 => {}
            0..0x20 | 0x7f => *byte = b'?',
            0x80..0xa0 if last == C1_LEAD => *byte = 0xbf,
            _ => {}
        }
        last = *byte;
    }
}

/// Whether somebody looks at what this process, or the GHC that has started it, prints.
pub(crate) fn is_at_terminal() -> bool {
    io::stdout().is_terminal() || io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(pieces: &[&[u8]]) -> Vec<u8> {
        let mut gate = OutputGate::new(false, None);
        let mut all = Vec::new();
        for piece in pieces {
            let mut bytes = piece.to_vec();
            gate.filter(&mut bytes);
            gate.written(&bytes);
            all.extend(bytes);
        }
        all
    }

    #[test]
    fn terminals_get_no_control_characters() {
        assert_eq!(filtered(&[b"a\x1b]52;c;aGk=\x07b\tc\r\n\x7f"]), b"a?]52;c;aGk=\x07b\tc\r\n?");
        // U+009B is what ESC [ is; it is one character in UTF-8, also when it comes in two pieces.
        assert_eq!(filtered(&["x\u{9b}31m".as_bytes()]), "x\u{bf}31m".as_bytes());
        assert_eq!(filtered(&[b"\xc2", b"\x9b"]), "\u{bf}".as_bytes());
        let text = "Grüße, \u{4e16}\u{754c} \u{201b}";
        assert_eq!(filtered(&[text.as_bytes()]), text.as_bytes());
        let mut bytes = b"\x1b".to_vec();
        OutputGate::new(true, None).filter(&mut bytes);
        assert_eq!(bytes, b"\x1b");
    }

    #[test]
    fn an_evaluation_writes_no_more_than_it_may() {
        let mut gate = OutputGate::new(false, Some(4));
        let write = |gate: &mut OutputGate, text: &[u8]| {
            let mut bytes = text.to_vec();
            gate.admit(&mut bytes).map(|()| gate.written(&bytes)).map(|()| bytes.len())
        };
        assert_eq!(write(&mut gate, b"abc"), Ok(3));
        assert_eq!(write(&mut gate, b"def"), Ok(1));
        assert_eq!((write(&mut gate, b""), gate.reached_limit()), (Ok(0), None));
        assert_eq!(write(&mut gate, b"g"), Err(Errno::DQUOT));
        assert!(gate.reached_limit().is_some_and(|text| text.contains("4 bytes")));
        gate.begin();
        assert_eq!((write(&mut gate, b"h"), gate.reached_limit()), (Ok(1), None));
    }
}
