//! Guest memory as system calls see it, and the arguments of a call.
//!
//! Invariant: what a call reads or writes was checked to be accessible before the call had any effect, so a wild
//! pointer costs no input.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use bcvm::abi::system::ARGS;
use rustix::io::Errno;

/// What a call answers: a number that is not negative, or an error.
pub(super) type Answer = Result<i64, Errno>;

/// The memory that a guest's pointers refer to.
pub trait Memory {
    /// Whether all of these bytes can be read and written.
    fn is_accessible(&self, addr: u32, len: u32) -> bool;

    /// A copy of bytes; none if they are not accessible.
    fn read(&self, addr: u32, len: u32) -> Option<Vec<u8>>;

    /// Writes bytes; false, and nothing was written, if they are not accessible.
    fn write(&self, addr: u32, bytes: &[u8]) -> bool;

    /// Whether the guest is to stop, so that no call should wait.
    fn stop_asked(&self) -> bool {
        false
    }
}

/// Most bytes that one call copies. A longer read or write is done in part, as on any system.
pub(super) const MAX_BYTES: u32 = 1 << 20;
/// The longest path, its zero byte included (`PATH_MAX`).
pub(super) const MAX_PATH: usize = 4096;
/// Unit in which a string is looked at: no such piece is partly accessible.
const PIECE: u32 = 1024;

/// The words of a call, taken one after the other by the kinds of `for_each_system!`.
pub(super) struct Args<'m> {
    words: [u64; ARGS],
    next: usize,
    memory: &'m dyn Memory,
    /// Paths and names among them, for the record.
    noted: Vec<OsString>,
}

impl<'m> Args<'m> {
    pub(super) fn new(words: [u64; ARGS], memory: &'m dyn Memory) -> Args<'m> {
        Args { words, next: 0, memory, noted: Vec::new() }
    }

    /// The words, and those that are paths or names, as far as they were taken.
    pub(super) fn into_parts(self) -> ([u64; ARGS], Vec<OsString>) {
        (self.words, self.noted)
    }

    /// All of a word.
    pub(super) fn word(&mut self) -> Result<u64, Errno> {
        let word = self.words.get(self.next).copied().ok_or(Errno::INVAL)?;
        self.next += 1;
        Ok(word)
    }

    /// A C int: what is in the upper half means nothing.
    pub(super) fn int(&mut self) -> Result<i32, Errno> {
        self.word().map(|word| word as i32)
    }

    /// Address and length.
    fn range(&mut self) -> Result<(u32, u32), Errno> {
        let (addr, len) = (self.word()?, self.word()?);
        let len = u32::try_from(len).unwrap_or(u32::MAX).min(MAX_BYTES);
        match u32::try_from(addr) {
            Ok(addr) if self.memory.is_accessible(addr, len) => Ok((addr, len)),
            _ => Err(Errno::FAULT),
        }
    }

    /// Bytes to read.
    pub(super) fn input(&mut self) -> Result<Vec<u8>, Errno> {
        let (addr, len) = self.range()?;
        self.memory.read(addr, len).ok_or(Errno::FAULT)
    }

    /// Room to write to.
    pub(super) fn output(&mut self) -> Result<Room<'m>, Errno> {
        let (addr, len) = self.range()?;
        Ok(Room { memory: self.memory, addr, len })
    }

    /// A string that ends with a zero byte.
    pub(super) fn path(&mut self) -> Result<OsString, Errno> {
        let mut addr = u32::try_from(self.word()?).map_err(|_| Errno::FAULT)?;
        let mut path = Vec::new();
        while path.len() < MAX_PATH {
            let len = PIECE - addr % PIECE;
            let piece = self.memory.read(addr, len).ok_or(Errno::FAULT)?;
            if let Some(end) = piece.iter().position(|byte| *byte == 0) {
                path.extend(&piece[..end]);
                break;
            }
            path.extend(piece);
            addr = addr.checked_add(len).ok_or(Errno::FAULT)?;
        }
        let is_whole = path.len() < MAX_PATH;
        let path = OsString::from_vec(path);
        self.noted.push(path.clone());
        if is_whole { Ok(path) } else { Err(Errno::NAMETOOLONG) }
    }
}

/// Room in guest memory that a call writes to.
pub(super) struct Room<'m> {
    memory: &'m dyn Memory,
    addr: u32,
    len: u32,
}

impl Room<'_> {
    /// How many bytes there is room for.
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    /// Writes all of `bytes`, and answers how many. ERANGE if there is no room.
    pub(super) fn put(&self, bytes: &[u8]) -> Answer {
        if bytes.len() > self.len() {
            return Err(Errno::RANGE);
        }
        if self.memory.write(self.addr, bytes) { Ok(bytes.len() as i64) } else { Err(Errno::FAULT) }
    }

    /// As [`Room::put`], with a zero byte behind.
    pub(super) fn put_text(&self, text: &[u8]) -> Answer {
        self.put(&[text, b"\0"].concat())
    }

    /// What is there now.
    pub(super) fn contents(&self) -> Result<Vec<u8>, Errno> {
        self.memory.read(self.addr, self.len).ok_or(Errno::FAULT)
    }
}
