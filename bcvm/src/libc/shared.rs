//! Functions that compilers put into code without being asked: for the variables of threads, for what is to happen when
//! the program ends.
//!
//! What is registered for the end of the program is not called: a machine ends with all its memory, and has no
//! outside that a destructor could leave in disorder.

use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// `__tls_get_addr`: the linker has seen to it that the sum is the address (Note [The only thread] in the linker).
fn tls_get_addr(m: &mut Machine, index: Word) -> Word {
    let index = Addr::from_word(index);
    m.mem.word(index).wrapping_add(m.mem.word(index + 8))
}

functions! {
    "__tls_get_addr" "n" b'n' = |m, [index, ..]| tls_get_addr(m, index);
    "atexit" "n" b'n' = |_, _| 0;
    "on_exit" "nn" b'n' = |_, _| 0;
    "__cxa_atexit" "nnn" b'n' = |_, _| 0;
    "__cxa_thread_atexit_impl" "nnn" b'n' = |_, _| 0;
    "__cxa_finalize" "n" b'v' = |_, _| 0;
}
