//! The runtime's functions that compiled code calls around foreign calls and when it enters a CAF.

use super::table::functions;
use crate::sched::native::c;

functions! {
    "newCAF" "np" b'p' = c::new_caf;
    "suspendThread" "nn" b'n' = c::suspend_thread;
    "resumeThread" "n" b'n' = c::resume_thread;
}
