//! `FILE`s.
//!
//! A `FILE` is 16 bytes of the program's memory that begin with its descriptor; what else belongs to it is [`Stream`],
//! which is kept by address. The three standard ones are variables of [`data`](crate::libc::data). Reading is ahead of the
//! program by a buffer, which lies in the program's memory, too: the host writes to it.

use super::{EOF, emit};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{self, EINVAL, EISDIR};
use crate::libc::memory::c_string;
use crate::libc::os;
use crate::libc::os::area::ERRNO;
use crate::libc::os::call::{FAILED, allocate, fail, fail_null, refuse, system, try_system};
use crate::libc::os::fd::{SEEK_CUR, SEEK_SET};
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of a `FILE`.
const FILE_BYTES: u64 = 16;
/// Bytes that are read ahead.
const BUFFER_BYTES: u32 = 4096;
/// The most that one call copies.
const CHUNK: usize = 1 << 20;

/// Flags of `open(2)`.
const O_WRONLY: Word = 1;
const O_RDWR: Word = 2;
const O_CREAT: Word = 0o100;
const O_EXCL: Word = 0o200;
const O_TRUNC: Word = 0o1000;
const O_APPEND: Word = 0o2000;
const O_CLOEXEC: Word = 0o200_0000;

/// What belongs to a `FILE` beside its descriptor.
#[derive(Debug, Default)]
pub struct Stream {
    /// Where bytes that were read ahead are; none were yet if it is missing.
    buffer: Option<Addr>,
    /// Which of them are still to be read.
    next: u32,
    end: u32,
    /// Bytes that were put back, the last first to be read.
    put_back: Vec<u8>,
    at_end: bool,
    failed: bool,
}

/// The descriptor of the `FILE` at `file`.
pub fn descriptor(m: &Machine, file: Word) -> Word {
    m.mem.u32(Addr::from_word(file)) as i32 as i64 as Word
}

fn stream(m: &mut Machine, file: Word) -> &mut Stream {
    m.c.streams.entry(file as u32).or_default()
}

/// Makes a `FILE` for a descriptor.
fn make(m: &mut Machine, fd: Word) -> Word {
    match m.c_allocate(FILE_BYTES) {
        Some(at) => {
            m.mem.set_u32(at, fd as u32);
            m.c.streams.insert(at.0, Stream::default());
            at.word()
        }
        None => fail_null(m, errno::ENOMEM),
    }
}

/// The flags that a mode of `fopen` means; none if it means nothing.
fn flags(mode: &[u8]) -> Option<Word> {
    let (kind, more) = mode.split_first()?;
    let has = |letter| more.contains(&letter);
    let access = if has(b'+') { O_RDWR } else { O_WRONLY };
    let flags = match kind {
        b'r' => access & O_RDWR,
        b'w' => access | O_CREAT | O_TRUNC,
        b'a' => access | O_CREAT | O_APPEND,
        _ => return None,
    };
    Some(flags | if has(b'x') { O_EXCL } else { 0 } | if has(b'e') { O_CLOEXEC } else { 0 })
}

/// Opens a file as `fopen` does; answers its descriptor.
fn open_path(m: &mut Machine, path: Word, mode: Word) -> Result<Word, i32> {
    let flags = flags(&c_string(&m.mem, mode)).ok_or(EINVAL)?;
    try_system(m, System::Open, &[path, flags, 0o666])
}

fn fopen(m: &mut Machine, path: Word, mode: Word) -> Word {
    match open_path(m, path, mode) {
        Ok(fd) => make(m, fd),
        Err(number) => fail_null(m, number),
    }
}

fn fdopen(m: &mut Machine, fd: Word, mode: Word) -> Word {
    const F_GETFL: Word = 3;
    if flags(&c_string(&m.mem, mode)).is_none() {
        return fail_null(m, EINVAL);
    }
    match try_system(m, System::Fcntl, &[fd, F_GETFL, 0]) {
        Ok(_) => make(m, fd),
        Err(number) => fail_null(m, number),
    }
}

/// `freopen`: the `FILE` keeps its descriptor, which becomes another file's.
fn freopen(m: &mut Machine, path: Word, mode: Word, file: Word) -> Word {
    let opened = if path == 0 { Err(EINVAL) } else { open_path(m, path, mode) };
    let moved = opened.and_then(|new| {
        let old = descriptor(m, file);
        let moved = try_system(m, System::Dup2, &[new, old]);
        system(m, System::Close, &[new]);
        moved
    });
    forget(m, file);
    match moved {
        Ok(_) => file,
        Err(number) => fail_null(m, number),
    }
}

/// Drops what was read ahead and whatever else is kept of a `FILE`.
fn forget(m: &mut Machine, file: Word) {
    if let Some(buffer) = m.c.streams.remove(&(file as u32)).and_then(|stream| stream.buffer) {
        m.c_free(buffer.word());
    }
}

fn fclose(m: &mut Machine, file: Word) -> Word {
    let fd = descriptor(m, file);
    forget(m, file);
    if !crate::libc::data::is_file(file) {
        m.c_free(file);
    }
    if system(m, System::Close, &[fd]) == FAILED { EOF } else { 0 }
}

/// `tmpfile`: a new file without a name. Where the usual directory is not granted, the working directory will do.
fn tmpfile(m: &mut Machine) -> Word {
    for template in [&b"/tmp/fileXXXXXX"[..], b".fileXXXXXX"] {
        let Some(name) = m.c_string(template) else { return fail_null(m, errno::ENOMEM) };
        let fd = os::file::make_temp_file_at(m, name.word());
        if fd != FAILED {
            system(m, System::Unlink, &[name.word()]);
        }
        m.c_free(name.word());
        if fd != FAILED {
            return make(m, fd);
        }
    }
    0
}

/// Reads ahead, if there is nothing to be read. False at the end of the file.
fn fill(m: &mut Machine, file: Word) -> bool {
    let fd = descriptor(m, file);
    let known = stream(m, file);
    if known.next < known.end {
        return true;
    }
    let buffer = match known.buffer {
        Some(buffer) => buffer,
        None => match allocate(m, u64::from(BUFFER_BYTES)) {
            Ok(buffer) => buffer,
            Err(number) => {
                fail(m, number);
                stream(m, file).failed = true;
                return false;
            }
        },
    };
    let read = system(m, System::Read, &[fd, buffer.word(), Word::from(BUFFER_BYTES)]);
    let known = stream(m, file);
    known.buffer = Some(buffer);
    (known.next, known.end) = (0, 0);
    match read {
        FAILED => known.failed = true,
        0 => known.at_end = true,
        n => known.end = (n as u32).min(BUFFER_BYTES),
    }
    known.end > 0
}

/// The next byte.
pub fn get(m: &mut Machine, file: Word) -> Option<u8> {
    if let Some(byte) = stream(m, file).put_back.pop() {
        return Some(byte);
    }
    if !fill(m, file) {
        return None;
    }
    let known = stream(m, file);
    let at = known.buffer? + known.next;
    known.next += 1;
    Some(m.mem.u8(at))
}

/// Puts a byte back.
pub fn unget(m: &mut Machine, file: Word, byte: u8) {
    /// More than C promises, and a bound on what is kept.
    const MOST: usize = 4096;
    let known = stream(m, file);
    if known.put_back.len() < MOST {
        known.put_back.push(byte);
        known.at_end = false;
    }
}

/// Bytes up to and including `stop`, at most `most`.
fn get_until(m: &mut Machine, file: Word, stop: u8, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < most {
        let Some(byte) = get(m, file) else { break };
        bytes.push(byte);
        if byte == stop {
            break;
        }
    }
    bytes
}

/// Copies up to `len` bytes to `at`; answers how many there were.
fn read(m: &mut Machine, file: Word, at: Word, len: u64) -> u64 {
    let mut done = 0;
    while done < len {
        let to = Addr::from_word(at.wrapping_add(done));
        if let Some(byte) = stream(m, file).put_back.pop() {
            m.mem.set_u8(to, byte);
            done += 1;
        } else if fill(m, file) {
            let known = stream(m, file);
            let Some(buffer) = known.buffer else { break };
            let (from, n) = (buffer + known.next, u64::from(known.end - known.next).min(len - done) as u32);
            known.next += n;
            m.mem.move_bytes(to, from, n);
            done += u64::from(n);
        } else {
            break;
        }
        if m.mem.fault().is_some() {
            break;
        }
    }
    done
}

/// `fread` and `fwrite`: bytes of `count` things of `size` bytes; none if that is nothing.
fn bytes_of(size: Word, count: Word) -> Option<u64> {
    Some(size.saturating_mul(count)).filter(|n| *n > 0)
}

fn fgets(m: &mut Machine, out: Word, room: Word, file: Word) -> Word {
    let Some(most) = usize::try_from(room as i32 - 1).ok() else { return 0 };
    let line = get_until(m, file, b'\n', most);
    if line.is_empty() && most > 0 {
        return 0;
    }
    m.mem.write_bytes(Addr::from_word(out), &line);
    m.mem.set_u8(Addr::from_word(out.wrapping_add(line.len() as u64)), 0);
    out
}

/// `getdelim`, and with a line feed `getline`: memory for the text is made or enlarged as needed. What is longer than a
/// chunk comes in pieces.
fn getdelim(m: &mut Machine, [text_at, room_at, stop, file]: [Word; 4]) -> Word {
    let line = get_until(m, file, stop as u8, CHUNK);
    if line.is_empty() {
        return EOF;
    }
    let (text_at, room_at) = (Addr::from_word(text_at), Addr::from_word(room_at));
    let (old, needed) = (m.mem.word(text_at), line.len() as u64 + 1);
    let mut text = Addr::from_word(old);
    if old == 0 || m.mem.word(room_at) < needed {
        let Some(larger) = m.c_reallocate(old, needed) else { return fail(m, errno::ENOMEM) };
        m.mem.set_word(text_at, larger.word());
        m.mem.set_word(room_at, needed);
        text = larger;
    }
    m.mem.write_bytes(text, &line);
    m.mem.set_u8(text + line.len() as u32, 0);
    line.len() as Word
}

/// How far reading is ahead of the program.
fn ahead(m: &mut Machine, file: Word) -> u64 {
    let known = stream(m, file);
    u64::from(known.end - known.next) + known.put_back.len() as u64
}

/// Forgets what was read ahead; the descriptor goes back to where the program is, if it can.
fn settle(m: &mut Machine, file: Word) {
    let (fd, ahead) = (descriptor(m, file), ahead(m, file));
    let known = stream(m, file);
    (known.next, known.end) = (0, 0);
    known.put_back.clear();
    if ahead > 0 {
        let _ = try_system(m, System::Lseek, &[fd, ahead.wrapping_neg(), SEEK_CUR]);
    }
}

/// Writes bytes; answers how many.
pub fn write(m: &mut Machine, file: Word, bytes: &[u8]) -> usize {
    let fd = descriptor(m, file) as i32;
    if crate::libc::data::is_file(file) {
        emit(m, fd, bytes);
        return bytes.len();
    }
    settle(m, file);
    if os::fd::write(m, fd, bytes) {
        return bytes.len();
    }
    stream(m, file).failed = true;
    0
}

fn put(m: &mut Machine, byte: Word, file: Word) -> Word {
    if write(m, file, &[byte as u8]) == 1 { byte & 0xff } else { EOF }
}

fn fwrite(m: &mut Machine, [at, size, count, file]: [Word; 4]) -> Word {
    let Some(bytes) = bytes_of(size, count) else { return 0 };
    let (mut chunk, mut done) = (vec![0; (bytes as usize).min(CHUNK)], 0);
    while done < bytes {
        let n = chunk.len().min((bytes - done) as usize);
        m.mem.read_bytes(Addr::from_word(at.wrapping_add(done)), &mut chunk[..n]);
        if m.mem.fault().is_some() || write(m, file, &chunk[..n]) < n {
            break;
        }
        done += n as u64;
    }
    done / size
}

fn fseek(m: &mut Machine, file: Word, offset: Word, whence: Word) -> Word {
    settle(m, file);
    let fd = descriptor(m, file);
    stream(m, file).at_end = false;
    if system(m, System::Lseek, &[fd, offset, whence]) == FAILED { FAILED } else { 0 }
}

fn ftell(m: &mut Machine, file: Word) -> Word {
    let (fd, ahead) = (descriptor(m, file), ahead(m, file));
    match system(m, System::Lseek, &[fd, 0, SEEK_CUR]) {
        FAILED => FAILED,
        at => at.saturating_sub(ahead),
    }
}

fn clear(m: &mut Machine, file: Word) {
    let known = stream(m, file);
    (known.at_end, known.failed) = (false, false);
}

/// `remove`: a file, or an empty directory.
fn remove(m: &mut Machine, path: Word) -> Word {
    match try_system(m, System::Unlink, &[path]) {
        Ok(_) => 0,
        Err(EISDIR) => system(m, System::Rmdir, &[path]),
        Err(number) => fail(m, number),
    }
}

fn perror(m: &mut Machine, prefix: Word) {
    let number = m.mem.u32(ERRNO) as i32;
    let mut text = if prefix == 0 { Vec::new() } else { c_string(&m.mem, prefix) };
    if !text.is_empty() {
        text.extend_from_slice(b": ");
    }
    text.extend_from_slice(errno::text(number).unwrap_or("Unknown error").as_bytes());
    text.push(b'\n');
    emit(m, super::STDERR, &text);
}

/// A byte or the end, as functions answer it.
fn answer(byte: Option<u8>) -> Word {
    byte.map_or(EOF, Word::from)
}

/// What does nothing, as nothing is kept back, and answers 0.
macro_rules! nothing {
    () => {
        |_, _| 0
    };
}

functions! {
    "fopen" "nn" b'n' = |m, [path, mode, ..]| fopen(m, path, mode);
    "fdopen" "nn" b'n' = |m, [fd, mode, ..]| fdopen(m, fd, mode);
    "freopen" "nnn" b'n' = |m, [path, mode, file, ..]| freopen(m, path, mode, file);
    "fclose" "n" b'n' = |m, [file, ..]| fclose(m, file);
    "fileno" "n" b'n' = |m, [file, ..]| descriptor(m, file);
    "tmpfile" "" b'n' = |m, _| tmpfile(m);
    "popen" "nn" b'n' = |m, _| {
        refuse(m, c"popen");
        0
    };
    "pclose" "n" b'n' = |m, _| fail(m, errno::ECHILD);
    "fgetc" "n" b'n' = |m, [file, ..]| answer(get(m, file));
    "getchar" "" b'n' = |m, _| {
        let input = crate::libc::data::STDIN.word();
        answer(get(m, input))
    };
    "ungetc" "nn" b'n' = |m, [byte, file, ..]| {
        if byte as i32 == EOF as i32 {
            return EOF;
        }
        unget(m, file, byte as u8);
        byte & 0xff
    };
    "fgets" "nnn" b'n' = |m, [out, room, file, ..]| fgets(m, out, room, file);
    "__fgets_chk" "nnnn" b'n' = |m, [out, _, room, file, ..]| fgets(m, out, room, file);
    "getdelim" "nnnn" b'n' = |m, [text, room, stop, file, ..]| getdelim(m, [text, room, stop, file]);
    "getline" "nnn" b'n' = |m, [text, room, file, ..]| getdelim(m, [text, room, Word::from(b'\n'), file]);
    "fread" "nnnn" b'n' = |m, [at, size, count, file, ..]| {
        bytes_of(size, count).map_or(0, |bytes| read(m, file, at, bytes) / size)
    };
    "__fread_chk" "nnnnn" b'n' = |m, [at, _, size, count, file, ..]| {
        bytes_of(size, count).map_or(0, |bytes| read(m, file, at, bytes) / size)
    };
    "fwrite" "nnnn" b'n' = |m, [at, size, count, file, ..]| fwrite(m, [at, size, count, file]);
    "fputc" "nn" b'n' = |m, [byte, file, ..]| put(m, byte, file);
    "putchar" "n" b'n' = |m, [byte, ..]| {
        emit(m, super::STDOUT, &[byte as u8]);
        byte & 0xff
    };
    "fputs" "nn" b'n' = |m, [s, file, ..]| {
        let text = c_string(&m.mem, s);
        if write(m, file, &text) == text.len() { 1 } else { EOF }
    };
    "puts" "n" b'n' = |m, [s, ..]| {
        let mut text = c_string(&m.mem, s);
        text.push(b'\n');
        emit(m, super::STDOUT, &text);
        text.len() as Word
    };
    "perror" "n" b'v' = |m, [prefix, ..]| {
        perror(m, prefix);
        0
    };
    "fseek" "nnn" b'n' = |m, [file, offset, whence, ..]| fseek(m, file, offset, whence);
    "ftell" "n" b'n' = |m, [file, ..]| ftell(m, file);
    "rewind" "n" b'v' = |m, [file, ..]| {
        fseek(m, file, 0, SEEK_SET);
        clear(m, file);
        0
    };
    "fgetpos" "nn" b'n' = |m, [file, at, ..]| match ftell(m, file) {
        FAILED => FAILED,
        position => {
            m.mem.set_word(Addr::from_word(at), position);
            0
        }
    };
    "fsetpos" "nn" b'n' = |m, [file, at, ..]| {
        let position = m.mem.word(Addr::from_word(at));
        fseek(m, file, position, SEEK_SET)
    };
    "feof" "n" b'n' = |m, [file, ..]| stream(m, file).at_end as Word;
    "ferror" "n" b'n' = |m, [file, ..]| stream(m, file).failed as Word;
    "clearerr" "n" b'v' = |m, [file, ..]| {
        clear(m, file);
        0
    };
    "remove" "n" b'n' = |m, [path, ..]| remove(m, path);
    "fflush" "n" b'n' = nothing!();
    "setvbuf" "nnnn" b'n' = nothing!();
    "setbuf" "nn" b'v' = nothing!();
    "setbuffer" "nnn" b'v' = nothing!();
    "setlinebuf" "n" b'v' = nothing!();
    "flockfile" "n" b'v' = nothing!();
    "ftrylockfile" "n" b'n' = nothing!();
    "funlockfile" "n" b'v' = nothing!();
}
