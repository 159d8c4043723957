//! Every built-in C function, declared once.
//!
//! A row is `Name "symbol" "argument representations" result = function`, the letters being those of primops: `n` a
//! word or pointer, `d` a double, `f` a float, `v` no result. A function gets memory and its argument words.

use super::memory;
use crate::abi::map;
use crate::mem::Mem;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};

/// Bytes between the addresses of two functions, of which the first four hold the slot: see Note [One code pointer].
const STRIDE: u32 = 16;
/// The most arguments of any function here.
pub const MAX_ARGS: usize = 3;

/// A built-in C function.
#[derive(Clone, Copy, Debug)]
pub struct CFunction {
    /// Its symbol.
    pub symbol: &'static str,
    /// One letter per argument.
    pub args: &'static str,
    /// The letter of the result.
    pub result: u8,
    /// What it does.
    pub run: fn(&mut Mem, [Word; MAX_ARGS]) -> Word,
}

macro_rules! functions {
    ($($symbol:literal $args:literal $result:literal = $f:expr;)*) => {
        /// The functions, by number.
        pub static FUNCTIONS: &[CFunction] = &[
            $(CFunction { symbol: $symbol, args: $args, result: $result, run: $f },)*
        ];
    };
}

/// A function of one double.
macro_rules! d {
    ($f:path) => {
        |_, [x, ..]| $f(f64::from_bits(x)).to_bits()
    };
}

/// A function of two doubles.
macro_rules! dd {
    ($f:path) => {
        |_, [x, y, _]| $f(f64::from_bits(x), f64::from_bits(y)).to_bits()
    };
}

/// A function of one float.
macro_rules! f {
    ($f:path) => {
        |_, [x, ..]| $f(f32::from_bits(x as u32)).to_bits() as u64
    };
}

functions! {
    "memcpy" "nnn" b'n' = memory::memmove;
    "memmove" "nnn" b'n' = memory::memmove;
    "memset" "nnn" b'n' = memory::memset;
    "memcmp" "nnn" b'n' = memory::memcmp;
    "memchr" "nnn" b'n' = memory::memchr;
    "strlen" "n" b'n' = memory::strlen;
    "strcmp" "nn" b'n' = |mem, [a, b, _]| memory::strncmp(mem, [a, b, u32::MAX as u64]);
    "strncmp" "nnn" b'n' = memory::strncmp;
    "labs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
    "sin" "d" b'd' = d!(libm::sin);
    "cos" "d" b'd' = d!(libm::cos);
    "tan" "d" b'd' = d!(libm::tan);
    "asin" "d" b'd' = d!(libm::asin);
    "acos" "d" b'd' = d!(libm::acos);
    "atan" "d" b'd' = d!(libm::atan);
    "atan2" "dd" b'd' = dd!(libm::atan2);
    "sinh" "d" b'd' = d!(libm::sinh);
    "cosh" "d" b'd' = d!(libm::cosh);
    "tanh" "d" b'd' = d!(libm::tanh);
    "asinh" "d" b'd' = d!(libm::asinh);
    "acosh" "d" b'd' = d!(libm::acosh);
    "atanh" "d" b'd' = d!(libm::atanh);
    "exp" "d" b'd' = d!(libm::exp);
    "expm1" "d" b'd' = d!(libm::expm1);
    "log" "d" b'd' = d!(libm::log);
    "log1p" "d" b'd' = d!(libm::log1p);
    "log10" "d" b'd' = d!(libm::log10);
    "pow" "dd" b'd' = dd!(libm::pow);
    "sqrt" "d" b'd' = d!(libm::sqrt);
    "cbrt" "d" b'd' = d!(libm::cbrt);
    "hypot" "dd" b'd' = dd!(libm::hypot);
    "fmod" "dd" b'd' = dd!(libm::fmod);
    "floor" "d" b'd' = d!(libm::floor);
    "ceil" "d" b'd' = d!(libm::ceil);
    "trunc" "d" b'd' = d!(libm::trunc);
    "round" "d" b'd' = d!(libm::round);
    "rint" "d" b'd' = d!(libm::rint);
    "fabs" "d" b'd' = d!(libm::fabs);
    "sinf" "f" b'f' = f!(libm::sinf);
    "cosf" "f" b'f' = f!(libm::cosf);
    "tanf" "f" b'f' = f!(libm::tanf);
    "expf" "f" b'f' = f!(libm::expf);
    "logf" "f" b'f' = f!(libm::logf);
    "sqrtf" "f" b'f' = f!(libm::sqrtf);
    "fabsf" "f" b'f' = f!(libm::fabsf);
}

impl CFunction {
    /// Representations of the arguments.
    pub fn args(&self) -> impl Iterator<Item = Rep> {
        self.args.bytes().map(Rep::from_letter)
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

/// The address of the function called `symbol`.
pub fn find(symbol: &str) -> Option<Addr> {
    FUNCTIONS.iter().position(|f| f.symbol == symbol).map(address)
}

/// The function at `a`.
pub fn at(a: Word) -> Option<&'static CFunction> {
    let offset = u32::try_from(a).ok()?.checked_sub(map::C_FUNCTIONS)?;
    if offset.is_multiple_of(STRIDE) { FUNCTIONS.get((offset / STRIDE) as usize) } else { None }
}
