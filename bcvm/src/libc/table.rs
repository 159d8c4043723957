//! Every built-in C function, by number. The functions are declared in files by subject; this one puts them in a row.
//!
//! A declaration is `"symbol" "argument representations" result = function`, the letters being those of primops: `n` a
//! word or pointer, `d` a double, `f` a float, `v` no result. Two more are for results that fill two registers: `q` a pair
//! of words and `z` a pair of doubles, of which the function answers the first and leaves the second to
//! [`set_second`]. A function gets the machine and its argument words in the order of the letters. A variadic one is
//! declared with dots, `"printf" "n..." b'n' = ...`, and gets what [`dots`] says.

use super::{
    adjustor, alloc, callback, character, collect, exact, file_lock, gmp, math, number, os, pattern, program, pthread,
    random,
};
use super::{rts, second_name, shared, sort, static_pointers, stdio, string, thread, wide};
use crate::abi::map::{self, c_call};
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};

/// Bytes between the addresses of two functions, of which the first four hold the slot: see Note [One code pointer].
const STRIDE: u32 = 16;
/// The most arguments of any function.
pub const MAX_ARGS: usize = dots::STACK + 1;

/// What a variadic function is given: all that may hold an argument by the convention of C, as the caller of a function
/// that declares none would leave it, so that arguments are taken in their order, however many there are.
pub mod dots {
    /// Registers for words; those in front of the dots come first.
    pub const WORDS: usize = 6;
    /// Registers for doubles, behind them.
    pub const DOUBLES: usize = 8;
    /// The address of the arguments on the stack.
    pub const STACK: usize = WORDS + DOUBLES;
}

/// A built-in C function.
#[derive(Clone, Copy, Debug)]
pub struct CFunction {
    /// Its symbol.
    pub symbol: &'static str,
    /// One letter per argument; for those behind dots there is none.
    pub args: &'static str,
    /// Whether there are dots.
    pub is_variadic: bool,
    /// The letter of the result.
    pub result: u8,
    /// What it does.
    pub run: fn(&mut Machine, [Word; MAX_ARGS]) -> Word,
}

/// Declares the functions of a file as its constant `FUNCTIONS`.
macro_rules! functions {
    ($($symbol:literal $args:literal $result:literal = $f:expr;)*) => {
        /// The functions declared here.
        pub const FUNCTIONS: &[$crate::libc::table::CFunction] =
            &[$($crate::libc::table::CFunction::declare($symbol, $args, $result, $f),)*];
    };
}
pub(super) use functions;

/// The files that declare functions.
const FILES: &[&[CFunction]] = &[
    string::FUNCTIONS,
    alloc::FUNCTIONS,
    number::FUNCTIONS,
    character::FUNCTIONS,
    wide::FUNCTIONS,
    random::FUNCTIONS,
    exact::FUNCTIONS,
    stdio::print::FUNCTIONS,
    stdio::scan::FUNCTIONS,
    stdio::file::FUNCTIONS,
    math::functions::FUNCTIONS,
    math::complex::FUNCTIONS,
    gmp::mpn::FUNCTIONS,
    gmp::division::FUNCTIONS,
    gmp::mpz::FUNCTIONS,
    gmp::modular::FUNCTIONS,
    gmp::prime::FUNCTIONS,
    rts::FUNCTIONS,
    thread::FUNCTIONS,
    pthread::FUNCTIONS,
    adjustor::FUNCTIONS,
    program::FUNCTIONS,
    static_pointers::FUNCTIONS,
    shared::FUNCTIONS,
    file_lock::FUNCTIONS,
    os::call::FUNCTIONS,
    os::fd::FUNCTIONS,
    os::select::FUNCTIONS,
    os::mapping::FUNCTIONS,
    os::net::FUNCTIONS,
    os::file::FUNCTIONS,
    os::dir::FUNCTIONS,
    os::glob::FUNCTIONS,
    pattern::FUNCTIONS,
    os::env::FUNCTIONS,
    os::time::FUNCTIONS,
    os::calendar::FUNCTIONS,
    os::time_text::FUNCTIONS,
    os::process::FUNCTIONS,
    os::signal::FUNCTIONS,
    os::user::FUNCTIONS,
    os::terminal::FUNCTIONS,
    os::locale::FUNCTIONS,
    os::iconv::FUNCTIONS,
    // Those that may run compiled code or collect.
    sort::FUNCTIONS,
    pthread::calling::FUNCTIONS,
    callback::FUNCTIONS,
    collect::FUNCTIONS,
];

/// Functions from this number on may run compiled code or collect: see Note [Calls back into Haskell] in `sched::native::callback`.
pub const FIRST_CALLING: u32 = (COUNT
    - sort::FUNCTIONS.len()
    - pthread::calling::FUNCTIONS.len()
    - callback::FUNCTIONS.len()
    - collect::FUNCTIONS.len()) as u32;

/// Number of functions.
pub const COUNT: usize = {
    let (mut n, mut file) = (0, 0);
    while file < FILES.len() {
        n += FILES[file].len();
        file += 1;
    }
    n
};

const _: () = assert!(map::CLOSURES < map::C_FUNCTIONS && map::C_FUNCTIONS + map::C_SLOTS * STRIDE <= map::LIBC_DATA);
const _: () = assert!(COUNT as u32 <= map::C_SLOTS);

/// Every function; its index is its number.
pub static FUNCTIONS: [CFunction; COUNT] = {
    let mut all = [string::FUNCTIONS[0]; COUNT];
    let (mut n, mut file) = (0, 0);
    while file < FILES.len() {
        let mut i = 0;
        while i < FILES[file].len() {
            all[n] = FILES[file][i];
            assert!(all[n].args.len() <= if all[n].is_variadic { dots::WORDS } else { MAX_ARGS });
            (n, i) = (n + 1, i + 1);
        }
        file += 1;
    }
    all
};

impl CFunction {
    /// A row of the table.
    pub(super) const fn declare(
        symbol: &'static str,
        letters: &'static str,
        result: u8,
        run: fn(&mut Machine, [Word; MAX_ARGS]) -> Word,
    ) -> CFunction {
        let (mut args, mut dots) = (letters, "");
        if let Some(fixed) = letters.len().checked_sub(3) {
            let (before, last) = letters.split_at(fixed);
            if last.as_bytes()[0] == b'.' {
                (args, dots) = (before, last);
            }
        }
        CFunction { symbol, args, is_variadic: !dots.is_empty(), result, run }
    }

    /// Representations of the arguments.
    pub fn args(&self) -> impl Iterator<Item = Rep> {
        self.args.bytes().map(Rep::from_letter)
    }

    /// Representation of the result, or of its first half.
    pub fn result(&self) -> Rep {
        match self.result {
            b'q' => Rep::N,
            b'z' => Rep::D,
            letter => Rep::from_letter(letter),
        }
    }

    /// Whether the result has a second half.
    pub fn is_pair(&self) -> bool {
        matches!(self.result, b'q' | b'z')
    }
}

/// Sets the second half of a result.
pub fn set_second(m: &mut Machine, of: Rep, half: Word) {
    let at = if matches!(of, Rep::D) { c_call::XMM0 + 16 } else { c_call::RDX };
    m.mem.set_word(Addr(map::C_CALL + at), half);
}

/// Where function number `n` is.
pub fn address(n: usize) -> Addr {
    Addr(map::C_FUNCTIONS + n as u32 * STRIDE)
}

/// The slot of function number `n` in the table of C functions.
pub const fn slot(n: usize) -> u32 {
    n as u32 + 1
}

/// The number of the function called `symbol`, which may be a second name of it.
pub fn find(symbol: &str) -> Option<usize> {
    let find = |symbol: &str| FUNCTIONS.iter().position(|f| f.symbol == symbol);
    find(symbol).or_else(|| find(second_name::of(symbol)?))
}

/// The number of the function at `a`.
pub fn number_at(a: Word) -> Option<u32> {
    let offset = u32::try_from(a).ok()?.checked_sub(map::C_FUNCTIONS)?;
    (offset.is_multiple_of(STRIDE) && offset / STRIDE < COUNT as u32).then_some(offset / STRIDE)
}

/// The function at `a`.
pub fn at(a: Word) -> Option<&'static CFunction> {
    FUNCTIONS.get(number_at(a)? as usize)
}
