//! Every built-in C function, by number. The functions are declared in files by subject; this one puts them in a row.
//!
//! A declaration is `"symbol" "argument representations" result = function`, the letters being those of primops: `n` a
//! word or pointer, `d` a double, `f` a float, `v` no result. A function gets the machine and its argument words in the
//! order of the letters. A variadic one declares, behind a `+`, the words and then the doubles it looks at after the dots:
//! `"printf" "n" + "nnnnnnndddd" b'n' = ...`.

use super::{adjustor, alloc, callback, character, ctype, file_lock, gmp, math, number, os, program, pthread, rts};
use super::{shared, sort, static_pointers, stdio, string, thread};
use crate::abi::map;
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};

/// Bytes between the addresses of two functions, of which the first four hold the slot: see Note [One code pointer].
const STRIDE: u32 = 16;
/// The most arguments of any function.
pub const MAX_ARGS: usize = 12;

/// A built-in C function.
#[derive(Clone, Copy, Debug)]
pub struct CFunction {
    /// Its symbol.
    pub symbol: &'static str,
    /// One letter per argument.
    pub args: &'static str,
    /// How many of them a call must have: all but those behind the dots.
    pub fixed: usize,
    /// The letter of the result.
    pub result: u8,
    /// What it does.
    pub run: fn(&mut Machine, [Word; MAX_ARGS]) -> Word,
}

/// Declares the functions of a file as its constant `FUNCTIONS`.
macro_rules! functions {
    ($($symbol:literal $args:literal $(+ $more:literal)? $result:literal = $f:expr;)*) => {
        /// The functions declared here.
        pub const FUNCTIONS: &[$crate::libc::table::CFunction] = &[
            $($crate::libc::table::CFunction {
                symbol: $symbol,
                args: concat!($args $(, $more)?),
                fixed: $args.len(),
                result: $result,
                run: $f,
            },)*
        ];
    };
}
pub(super) use functions;

/// The files that declare functions.
const FILES: &[&[CFunction]] = &[
    string::FUNCTIONS,
    alloc::FUNCTIONS,
    number::FUNCTIONS,
    character::FUNCTIONS,
    ctype::FUNCTIONS,
    stdio::FUNCTIONS,
    math::functions::FUNCTIONS,
    gmp::mpn::FUNCTIONS,
    gmp::division::FUNCTIONS,
    gmp::mpz::FUNCTIONS,
    gmp::modular::FUNCTIONS,
    gmp::prime::FUNCTIONS,
    rts::FUNCTIONS,
    thread::FUNCTIONS,
    adjustor::FUNCTIONS,
    program::FUNCTIONS,
    static_pointers::FUNCTIONS,
    shared::FUNCTIONS,
    file_lock::FUNCTIONS,
    os::call::FUNCTIONS,
    os::fd::FUNCTIONS,
    os::file::FUNCTIONS,
    os::dir::FUNCTIONS,
    os::env::FUNCTIONS,
    os::time::FUNCTIONS,
    os::calendar::FUNCTIONS,
    os::process::FUNCTIONS,
    os::signal::FUNCTIONS,
    os::user::FUNCTIONS,
    os::terminal::FUNCTIONS,
    os::locale::FUNCTIONS,
    os::iconv::FUNCTIONS,
    // Those that may run compiled code.
    sort::FUNCTIONS,
    pthread::FUNCTIONS,
    callback::FUNCTIONS,
];

/// Functions from this number on may run compiled code: see Note [Calls back into Haskell] in `sched::native::callback`.
pub const FIRST_CALLING: u32 =
    (COUNT - sort::FUNCTIONS.len() - pthread::FUNCTIONS.len() - callback::FUNCTIONS.len()) as u32;

/// Number of functions.
pub const COUNT: usize = {
    let (mut n, mut file) = (0, 0);
    while file < FILES.len() {
        n += FILES[file].len();
        file += 1;
    }
    n
};

const _: () = assert!(map::C_FUNCTIONS + COUNT as u32 * STRIDE <= map::CLOSURES);
const _: () = assert!(COUNT as u32 <= map::C_SLOTS);

/// Every function; its index is its number.
pub static FUNCTIONS: [CFunction; COUNT] = {
    let mut all = [string::FUNCTIONS[0]; COUNT];
    let (mut n, mut file) = (0, 0);
    while file < FILES.len() {
        let mut i = 0;
        while i < FILES[file].len() {
            all[n] = FILES[file][i];
            assert!(all[n].args.len() <= MAX_ARGS);
            (n, i) = (n + 1, i + 1);
        }
        file += 1;
    }
    all
};

impl CFunction {
    /// Representations of the arguments.
    pub fn args(&self) -> impl Iterator<Item = Rep> {
        self.args.bytes().map(Rep::from_letter)
    }

    /// Whether there are dots.
    pub const fn is_variadic(&self) -> bool {
        self.fixed < self.args.len()
    }

    /// Representation of the result.
    pub fn result(&self) -> Rep {
        Rep::from_letter(self.result)
    }
}

/// Where function number `n` is.
pub fn address(n: usize) -> Addr {
    Addr(map::C_FUNCTIONS + n as u32 * STRIDE)
}

/// The slot of function number `n` in the table of C functions.
pub const fn slot(n: usize) -> u32 {
    n as u32 + 1
}

/// The number of the function called `symbol`.
pub fn find(symbol: &str) -> Option<usize> {
    FUNCTIONS.iter().position(|f| f.symbol == symbol)
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
