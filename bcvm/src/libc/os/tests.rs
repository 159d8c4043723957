//! The C functions on a machine with a host that knows a few system calls, as `Imaginary` says.

use crate::abi::host::Host;
use crate::abi::system::{ARGS, System};
use crate::interp::machine::{Config, Machine};
use crate::libc::errno;
use crate::libc::os::area;
use crate::libc::table::{FUNCTIONS, MAX_ARGS};
use crate::mem::Mem;
use crate::word::{Addr, Word};

/// A host whose clocks show fixed times and which opens nothing.
#[derive(Debug)]
struct Imaginary;

impl Host for Imaginary {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }
    fn decommit(&mut self, _: u32, _: u32) {}
    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [crate::abi::host::FdWait], _: u64) {}

    fn log(&mut self, _: &str) {}
    fn system(&mut self, call: System, args: [u64; ARGS]) -> i64 {
        match call {
            System::ClockGettime => 1_500_000_123 + args[0] as i64,
            System::Open => -i64::from(errno::EACCES),
            System::Identity => 42,
            _ => -i64::from(errno::ENOSYS),
        }
    }
}

struct C {
    m: Machine,
    /// Where the next text goes.
    next: u32,
}

impl C {
    fn new() -> C {
        let (config, end) = Config::internal(1 << 20);
        let next = config.heap.start;
        C { m: Machine::new(Mem::arena(end), Box::new(Imaginary), config), next }
    }

    fn call(&mut self, symbol: &str, args: &[Word]) -> Word {
        let f = FUNCTIONS.iter().find(|f| f.symbol == symbol).expect("a function");
        assert_eq!(args.len(), f.args.len(), "arguments of {symbol}");
        let mut all = [0; MAX_ARGS];
        all[..args.len()].copy_from_slice(args);
        (f.run)(&mut self.m, all)
    }

    fn room(&mut self, bytes: u32) -> Word {
        let at = self.next;
        self.next += bytes.next_multiple_of(8);
        Word::from(at)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Word {
        let at = self.room(bytes.len() as u32 + 1);
        self.m.mem.write_bytes(Addr::from_word(at), bytes);
        at
    }

    fn text(&self, at: Word) -> String {
        assert_ne!(at, 0, "null is no text");
        let bytes = (0..).map(|i| self.m.mem.u8(Addr::from_word(at) + i)).take_while(|b| *b != 0);
        String::from_utf8(bytes.collect()).expect("UTF-8")
    }

    fn word(&self, at: Word) -> Word {
        self.m.mem.word(Addr::from_word(at))
    }

    fn set_word(&mut self, at: Word, to: Word) {
        self.m.mem.set_word(Addr::from_word(at), to);
    }

    fn errno(&self) -> i32 {
        self.m.mem.u32(area::ERRNO) as i32
    }
}

#[test]
fn errors_go_to_errno() {
    let mut c = C::new();
    let path = c.bytes(b"somewhere");
    assert_eq!(c.call("open", &[path, 0, 0]) as i64, -1);
    assert_eq!(c.errno(), errno::EACCES);
    let text = c.call("strerror", &[errno::EACCES as Word]);
    assert_eq!(c.text(text), "Permission denied");
    let text = c.call("strerror", &[-3i32 as Word]);
    assert_eq!(c.text(text), "Unknown error -3");
    assert_eq!(c.call("opendir", &[path]), 0);
    assert_eq!(c.call("getpid", &[]), 42);
}

#[test]
fn clocks() {
    let mut c = C::new();
    let spec = c.room(16);
    assert_eq!(c.call("clock_gettime", &[1, spec]), 0);
    assert_eq!((c.word(spec), c.word(spec + 8)), (1, 500_000_124));
    assert_eq!(c.call("gettimeofday", &[spec, 0]), 0);
    assert_eq!((c.word(spec), c.word(spec + 8)), (1, 500_000));
    assert_eq!(c.call("getMonotonicNSec", &[]), 1_500_000_124);
}

#[test]
fn calendar() {
    let mut c = C::new();
    let (clock, tm) = (c.room(8), c.room(56));
    c.set_word(clock, 951_827_696);
    assert_eq!(c.call("gmtime_r", &[clock, tm]), tm);
    let fields: Vec<u32> = (0..9).map(|i| c.m.mem.u32(Addr::from_word(tm) + 4 * i)).collect();
    assert_eq!(fields, [56, 34, 12, 29, 1, 100, 2, 59, 0]);
    let zone = c.word(tm + 48);
    assert_eq!(c.text(zone), "GMT");
    // The 60th of January is the 29th of February again.
    c.m.mem.set_u32(Addr::from_word(tm) + 12, 60);
    c.m.mem.set_u32(Addr::from_word(tm) + 16, 0);
    assert_eq!(c.call("mktime", &[tm]), 951_827_696);
    assert_eq!(c.m.mem.u32(Addr::from_word(tm) + 12), 29);
    c.set_word(clock, i64::MAX as Word);
    assert_eq!(c.call("localtime_r", &[clock, tm]), 0);
    assert_eq!(c.errno(), errno::EOVERFLOW);
}

#[test]
fn environment() {
    let mut c = C::new();
    let [name, long, value, other] = [&b"NAME"[..], b"NAMES", b"value", b"other"].map(|text| c.bytes(text));
    assert_eq!(c.call("getenv", &[name]), 0);
    assert_eq!(c.call("setenv", &[name, value, 0]), 0);
    assert_eq!(c.call("setenv", &[name, other, 0]), 0);
    let found = c.call("getenv", &[name]);
    assert_eq!(c.text(found), "value");
    assert_eq!(c.call("getenv", &[long]), 0);
    assert_eq!(c.call("setenv", &[name, other, 1]), 0);
    let found = c.call("getenv", &[name]);
    assert_eq!(c.text(found), "other");
    for i in 0..50 {
        let one = c.bytes(format!("V{i}=x{i}").as_bytes());
        assert_eq!(c.call("putenv", &[one]), 0);
    }
    let last = c.bytes(b"V49");
    let found = c.call("getenv", &[last]);
    assert_eq!(c.text(found), "x49");
    assert_eq!(c.call("unsetenv", &[name]), 0);
    assert_eq!(c.call("getenv", &[name]), 0);
    let found = c.call("getenv", &[last]);
    assert_eq!(c.text(found), "x49");
    let bad = c.bytes(b"A=B");
    assert_eq!(c.call("setenv", &[bad, value, 1]) as i64, -1);
    assert_eq!(c.errno(), errno::EINVAL);
    assert_eq!(c.call("clearenv", &[]), 0);
    assert_eq!(c.call("getenv", &[last]), 0);
    // What the program makes of it itself counts.
    c.m.mem.set_word(area::ENVIRON, 0);
    assert_eq!(c.call("getenv", &[last]), 0);
    assert_eq!(c.call("setenv", &[name, value, 1]), 0);
    let found = c.call("getenv", &[name]);
    assert_eq!(c.text(found), "value");
}

/// Converts with a fresh descriptor: result, errno if it failed, bytes left, and what was written.
fn convert(from: &str, to: &str, bytes: &[u8], room: Word) -> (i64, i32, Word, Vec<u8>) {
    let mut c = C::new();
    let (from, to, input) = (c.bytes(from.as_bytes()), c.bytes(to.as_bytes()), c.bytes(bytes));
    let cd = c.call("iconv_open", &[to, from]);
    assert!(cd as i64 > 0);
    let (output, vars) = (c.room(room as u32), c.room(32));
    for (i, var) in [input, bytes.len() as Word, output, room].into_iter().enumerate() {
        c.set_word(vars + 8 * i as Word, var);
    }
    let result = c.call("iconv", &[cd, vars, vars + 8, vars + 16, vars + 24]) as i64;
    let mut written = vec![0; (c.word(vars + 16) - output) as usize];
    assert_eq!(written.len() as Word, room - c.word(vars + 24));
    c.m.mem.read_bytes(Addr::from_word(output), &mut written);
    (result, c.errno(), c.word(vars + 8), written)
}

#[test]
fn encodings() {
    assert_eq!(convert("CP1252", "UTF-8", b"a\x80\xE9", 10), (0, 0, 0, "a€é".into()));
    assert_eq!(convert("UTF-8", "ISO-8859-1", "é€".as_bytes(), 10), (-1, errno::EILSEQ, 3, vec![0xE9]));
    assert_eq!(convert("UTF-8", "ISO-8859-1//TRANSLIT", "é€".as_bytes(), 10), (0, 0, 0, vec![0xE9, b'?']));
    assert_eq!(convert("UTF-8", "ASCII//IGNORE", "aéb".as_bytes(), 10), (0, 0, 0, b"ab".to_vec()));
    assert_eq!(convert("UTF-8", "UTF-32LE", b"ab", 4), (-1, errno::E2BIG, 1, vec![b'a', 0, 0, 0]));
    assert_eq!(convert("UTF-8", "UTF-32LE", b"a\xC3", 8), (-1, errno::EINVAL, 1, vec![b'a', 0, 0, 0]));
    let mut c = C::new();
    let (from, to) = (c.bytes(b"EBCDIC-US"), c.bytes(b"UTF-8"));
    assert_eq!(c.call("iconv_open", &[to, from]) as i64, -1);
    assert_eq!(c.errno(), errno::EINVAL);
    assert_eq!(c.call("iconv", &[7, 1, 2, 3, 4]) as i64, -1);
    assert_eq!(c.errno(), errno::EBADF);
}

#[test]
fn wild_pointers_are_faults() {
    let wild = 0x7FFF_0000;
    for f in FUNCTIONS {
        let mut c = C::new();
        // Fills of the whole address space end as well, but not soon.
        if matches!(f.symbol, "memset" | "memmove" | "memcpy") {
            continue;
        }
        let args = vec![wild; f.args.len()];
        c.call(f.symbol, &args);
    }
}

#[test]
fn symbols_are_declared_once() {
    let mut symbols: Vec<&str> = FUNCTIONS.iter().map(|f| f.symbol).collect();
    symbols.sort_unstable();
    let count = symbols.len();
    symbols.dedup();
    assert_eq!(symbols.len(), count);
}
