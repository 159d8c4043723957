//! Shared libraries that a policy trusts: they run in this process, outside the sandbox, with the rights of the user.
//!
//! | file | what |
//! |---|---|
//! | `prototype`, `parse` | [`Prototype`]: how a function is called, from its declaration in C |
//! | `library` | [`NativeLibrary`]: what is granted of a library |
//! | `trust` | files that no grant makes trusted: those that programs or other users can write |
//! | `state` | `Natives`: the libraries that one interpreter has opened |
//! | `marshal` | arguments and results, checked and translated |
//! | `handle` | addresses of the host that programs hold without knowing them |
//! | `raw` | opening and calling: what is unsafe, and why it may be done; `state` does it |
//!
//! Who may call what, and the record of it, is `os::native`'s; how calls come out of guest memory is `embed::native`'s.

// Note [Native libraries]
// ~~~~~~~~~~~~~~~~~~~~~~~
// A library that a policy names is not lifted but opened by the system's dynamic linker, and its functions are called on the
// thread that runs the program. That is the one way out of the sandbox, so as little as possible is believed of who calls:
//
// * *Prototypes.* Neither an ELF symbol nor a CCALL says what a function expects. A program that could have a pointer taken
//   for a number, or a number for a pointer, would name addresses of the host. So the user, who trusts the library, says
//   how its functions are called. All that follows is decided by that, whatever the program says of types.
// * *Pointers to plain data* must lie in guest memory. They are passed as addresses of the host, which is where guest
//   memory lies. As much is checked as the prototype tells: the element that it points to, so many as stand in brackets,
//   for `const char *` up to the zero byte. What a function reaches for beyond that comes to pages that are not there,
//   before it comes to anything of the host's, and the process dies of it.
// * *Pointers to anything else* would have the function believe pointers that the program wrote into memory. They are
//   never taken from guest memory: programs hold them as handles, which mean nothing but in a table here, are of one type,
//   and can't be followed. The word's low half is zero, so whoever tries traps as at a null pointer.
// * *Memory is lent* during a call. It must not be made inaccessible then (Note [Stopping without epochs] in
//   `embed::stop`): whoever wants to close it is refused and tries again. The lock is not held, so a long call holds up nobody
//   but its own program; which can't be stopped before the call has returned.
//
// No code is generated for a prototype: see Note [One type for all functions] in `raw`.
//
// Programs find the functions by slots of the C table that the runtime leaves free, after its own functions and
// before those that it names as absent (`glue::absent`). The slots, and with them the addresses, follow from the policy's order.

mod handle;
mod library;
mod marshal;
mod parse;
mod prototype;
#[allow(unsafe_code, reason = "native libraries are opened and called")]
mod raw;
#[allow(unsafe_code, reason = "native libraries are opened and called")]
mod state;
mod trust;

pub use library::{NativeError, NativeLibrary};
pub(crate) use marshal::{Frame, Lent, Returned};
pub use prototype::Prototype;
pub(crate) use state::{Natives, Problem};
pub(crate) use trust::Distrusted;

use bcvm::libc::table;

/// How many functions a policy can grant, of all libraries together.
pub const MAX_FUNCTIONS: usize = 256;

/// The slot of function number `n` in the table of C functions.
pub(crate) fn slot(n: usize) -> u32 {
    table::slot(table::COUNT + n)
}

/// The address of that slot, which is the function's for programs.
pub(crate) fn address(n: usize) -> u32 {
    table::address(table::COUNT + n).0
}

#[cfg(test)]
mod tests;
