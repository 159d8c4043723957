//! Collections that C asks for (`performGC` of `rts/sm/GC.c`).
//
// Note [Collections that C asks for]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// performGC is a safe call, so the caller's stack describes all it needs and the collection happens there and then, as
// if C had called back. Whoever calls it otherwise holds pointers in registers that nobody describes: then it leaves a
// wish and asks the thread to stop, and the next safe point collects (`Machine::safe_point`).
//
// A weak pointer that has died is dead when the call returns. Its finalizer has a thread of its own, which is next.

use super::table::functions;
use crate::interp::machine::Machine;
use crate::sched::native::callback::Outside;
use crate::word::Word;

/// Collects all garbage.
fn perform_gc(m: &mut Machine) -> Word {
    if matches!(m.outside, Outside::Compiled | Outside::Machine) {
        if m.come_in() {
            m.enter_runtime();
            m.perform_gc();
            m.leave_runtime();
        }
        if m.threads.any_runnable() {
            m.request_stop();
        }
    } else {
        m.c.collection_wanted = true;
        m.request_stop();
    }
    0
}

functions! {
    "performGC" "" b'v' = |m, _| perform_gc(m);
    "performMajorGC" "" b'v' = |m, _| perform_gc(m);
}
