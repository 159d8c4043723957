//! The runtime's functions that compiled code calls around foreign calls and when it enters a CAF.

use super::table::functions;
use crate::sched::native::{c, callback};

functions! {
    "newCAF" "np" b'p' = c::new_caf;
    "suspendThread" "nn" b'n' = |m, [base, ..]| callback::suspend_thread(m, base);
    "resumeThread" "n" b'n' = |m, [token, ..]| callback::resume_thread(m, token);
}
