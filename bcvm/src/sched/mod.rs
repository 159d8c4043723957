//! Threads: making, running, pausing, unwinding them.
//!
//! | file | what |
//! |---|---|
//! | [`threads`] | which threads there are, and which can run |
//! | [`thread`] | making a thread; its stack chunks growing and shrinking |
//! | [`run`] | the scheduler: run threads until the one that is waited for has finished |
//! | [`native`] | handing a thread to compiled code, and taking it back |
//! | [`pause`] | lazy blackholing of what a paused thread evaluates |
//! | [`raise`] | synchronous and asynchronous exceptions |

pub mod native;
pub mod pause;
pub mod raise;
pub mod run;
pub mod thread;
pub mod threads;
