//! Opening libraries and calling their functions: the only place where native code is entered.

// Note [One type for all functions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// By System V's convention for x86-64 a caller puts the first six words and the first eight floating-point numbers into
// registers, each kind apart from the other, and everything else on the stack; and takes the arguments off the stack itself. So a
// function finds its arguments if it is called with six words, eight doubles and then words on the stack, whatever its type:
// what it has no parameter for it does not look at. A float is the low half of a register, of which a double is all.
// Two types are left, by whether the result is in rax or in xmm0; and nothing is generated at run time.
//
// This does not hold for variadic functions (al counts the doubles), `long double`, and structs by value, none of
// which there are prototypes for.

use std::path::Path;

use errno::{Errno, errno, set_errno};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::prototype::{STACK_WORDS, VECTOR_REGISTERS, WORD_REGISTERS};

/// The longest text that is copied from a library.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Raw {
    pub(super) words: [u64; WORD_REGISTERS],
    pub(super) vectors: [f64; VECTOR_REGISTERS],
    pub(super) stack: [u64; STACK_WORDS],
}

/// A library that is open. It stays so until the process ends: it may have threads, and handlers that run then.
#[derive(Debug)]
pub(super) struct Opened(std::mem::ManuallyDrop<Library>);

/// A function of an open library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function(*const ());

// SAFETY: it is an address, and what lies there stays; see `Opened`. Who calls it is asked to see to the rest.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Opened {
    /// Opens a library, whose initialisers run. Fails with what the system says.
    pub(super) fn open(path: &Path) -> Result<Opened, String> {
        if !cfg!(target_arch = "x86_64") {
            return Err("native libraries are called on x86-64 only".into());
        }
        // SAFETY: initialisers run with all rights of this process. The user's policy trusts this file with that; who calls
        // has checked that it grants it and that nobody else can have written the file (`state`, `trust`).
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        library.map(|library| Opened(std::mem::ManuallyDrop::new(library))).map_err(|e| e.to_string())
    }

    /// The function of that name, if it, or what it needs, has one.
    pub(super) fn find(&self, name: &str) -> Option<Function> {
        // SAFETY: the symbol is not used as what it is said to be here; only its address is taken.
        let symbol = unsafe { self.0.get::<*const ()>(name) };
        symbol.ok().map(|symbol| Function(symbol.as_raw_ptr().cast_const().cast()))
    }
}

/// Six words, eight doubles, and the words on the stack.
macro_rules! function_type {
    ($result:ty) => {
        unsafe extern "C" fn(
            u64, u64, u64, u64, u64, u64,
            f64, f64, f64, f64, f64, f64, f64, f64,
            u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64,
        ) -> $result
    };
}

/// Calls a function with C's `errno` as given; answers rax, or the low half of xmm0 if the result `is_float`, and what
/// `errno` is then.
///
/// # Safety
///
/// 1. The function is one of the prototype that the arguments were made for (`marshal`), and the result is taken for no more
///    than that says.
/// 2. Every pointer among the arguments is null, or leads to memory that stays accessible until the call returns, or was
///    answered by the same library as a pointer of that type and has not been given to what frees it.
/// 3. The library has been granted by the user, who vouches that with such arguments it does nothing that he does not want.
pub(super) unsafe fn call(function: Function, raw: &Raw, is_float: bool, number: i32) -> (u64, i32) {
    let [a, b, c, d, e, f] = raw.words;
    let [v0, v1, v2, v3, v4, v5, v6, v7] = raw.vectors;
    let [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15] = raw.stack;
    macro_rules! enter {
        ($result:ty) => {{
            // SAFETY: an address of code (1), as a function that finds its arguments: see Note [One type for all functions].
            let enter = unsafe { std::mem::transmute::<*const (), function_type!($result)>(function.0) };
            set_errno(Errno(number));
            // SAFETY: as the caller promises.
            let result = unsafe {
                enter(
                    a, b, c, d, e, f, v0, v1, v2, v3, v4, v5, v6, v7, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12,
                    s13, s14, s15,
                )
            };
            (result, errno().0)
        }};
    }
    if is_float {
        let (result, number) = enter!(f64);
        (result.to_bits(), number)
    } else {
        enter!(u64)
    }
}

/// The text at an address that a library has answered as one; `None` if it is longer than is copied.
///
/// # Safety
///
/// The library has answered the address as that of a text, and has not run since.
pub(super) unsafe fn text_at(address: usize) -> Option<Vec<u8>> {
    let start = address as *const u8;
    let mut text = Vec::new();
    while text.len() <= MAX_TEXT_BYTES {
        // SAFETY: no byte before this one was zero, so the text goes on at least up to here.
        let byte = unsafe { start.add(text.len()).read() };
        if byte == 0 {
            return Some(text);
        }
        text.push(byte);
    }
    None
}
