//! System calls on a memory made for the purpose, in directories made for the purpose.

mod audit;
mod files;
mod guard;
mod hostile;
mod native;
mod paths;
mod streams;
mod waiting;

use super::{Access, Grant, Memory, Os, Policy};
use bcvm::abi::system::{ARGS, System};
use rustix::io::Errno;
use std::cell::{Cell, RefCell};
use std::path::Path;
use tempfile::TempDir;

/// Guest memory of 64 KiB at [`BASE`].
struct Bytes {
    bytes: RefCell<Vec<u8>>,
    stop: Cell<bool>,
}

const BASE: u32 = 0x1_0000;
const SIZE: u32 = 0x1_0000;

impl Memory for Bytes {
    fn is_accessible(&self, addr: u32, len: u32) -> bool {
        addr >= BASE && u64::from(addr) + u64::from(len) <= u64::from(BASE + SIZE)
    }

    fn read(&self, addr: u32, len: u32) -> Option<Vec<u8>> {
        let start = (addr as usize).checked_sub(BASE as usize)?;
        self.bytes.borrow().get(start..start.checked_add(len as usize)?).map(<[u8]>::to_vec)
    }

    fn write(&self, addr: u32, bytes: &[u8]) -> bool {
        let Some(start) = (addr as usize).checked_sub(BASE as usize) else { return false };
        match self.bytes.borrow_mut().get_mut(start..start + bytes.len()) {
            Some(to) => {
                to.copy_from_slice(bytes);
                true
            }
            None => false,
        }
    }

    fn stop_asked(&self) -> bool {
        self.stop.get()
    }
}

/// An argument of a call: words, or bytes that are put into memory, or room there.
enum Arg<'a> {
    Word(u64),
    Path(&'a str),
    Input(&'a [u8]),
    Room(u32),
}

/// An interpreter's outside with a memory, and the directory that is granted to it, if one is.
struct World {
    os: Os,
    memory: Bytes,
    dir: TempDir,
    /// Where the last call's room was.
    room: u32,
}

impl World {
    fn with(policy: Policy) -> World {
        let memory = Bytes { bytes: RefCell::new(vec![0; SIZE as usize]), stop: Cell::new(false) };
        World {
            os: Os::new(&policy).expect("what is granted"),
            memory,
            dir: TempDir::new().expect("a directory"),
            room: 0,
        }
    }

    /// One with a directory that the program sees as `/here`, where it is.
    fn new(access: Access) -> World {
        let dir = TempDir::new().expect("a directory");
        let grant = Grant { host: dir.path().into(), guest: "/here".into(), access };
        World { dir, ..World::with(Policy::strict().grant(grant).working_directory("/here")) }
    }

    fn host(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn raw(&mut self, call: System, words: &[u64]) -> Result<i64, Errno> {
        let mut args = [0; ARGS];
        args[..words.len()].copy_from_slice(words);
        let answer = self.os.system(&self.memory, call as u32, args);
        if answer < 0 { Err(Errno::from_raw_os_error(-answer as i32)) } else { Ok(answer) }
    }

    fn call(&mut self, call: System, args: &[Arg<'_>]) -> Result<i64, Errno> {
        let mut at = BASE;
        let mut words = Vec::new();
        let place = |bytes: &[u8], at: &mut u32| {
            let here = *at;
            assert!(self.memory.write(here, bytes));
            *at += (bytes.len() as u32).next_multiple_of(8);
            u64::from(here)
        };
        for arg in args {
            match arg {
                Arg::Word(word) => words.push(*word),
                Arg::Path(path) => words.push(place(&[path.as_bytes(), b"\0"].concat(), &mut at)),
                Arg::Input(bytes) => words.extend([place(bytes, &mut at), bytes.len() as u64]),
                Arg::Room(len) => {
                    self.room = at;
                    words.extend([u64::from(at), u64::from(*len)]);
                    at += len.next_multiple_of(8);
                }
            }
        }
        self.raw(call, &words)
    }

    /// What is in the room of the last call.
    fn out(&self, len: usize) -> Vec<u8> {
        self.memory.read(self.room, len as u32).expect("room")
    }

    /// The text there, without its zero byte.
    fn out_text(&self) -> String {
        let bytes: Vec<u8> = self.out(4096).into_iter().take_while(|byte| *byte != 0).collect();
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn open(&mut self, path: &str, flags: i32) -> Result<i64, Errno> {
        self.call(System::Open, &[Arg::Path(path), Arg::Word(flags as u64), Arg::Word(0o666)])
    }

    fn on(&mut self, call: System, path: &str) -> Result<i64, Errno> {
        self.call(call, &[Arg::Path(path), Arg::Word(0o777)])
    }

    fn stat(&mut self, path: &str) -> Result<(u32, u64), Errno> {
        self.call(System::Stat, &[Arg::Path(path), Arg::Word(1), Arg::Room(144)])?;
        let bytes = self.out(144);
        let mode = u32::from_le_bytes(bytes[24..28].try_into().unwrap());
        Ok((mode, u64::from_le_bytes(bytes[48..56].try_into().unwrap())))
    }

    fn read(&mut self, fd: i64, len: u32) -> Result<Vec<u8>, Errno> {
        let n = self.call(System::Read, &[Arg::Word(fd as u64), Arg::Room(len)])?;
        Ok(self.out(n as usize))
    }

    fn write(&mut self, fd: i64, bytes: &[u8]) -> Result<i64, Errno> {
        self.call(System::Write, &[Arg::Word(fd as u64), Arg::Input(bytes)])
    }
}

fn put(path: impl AsRef<Path>, text: &str) {
    std::fs::write(path, text).expect("a file");
}
