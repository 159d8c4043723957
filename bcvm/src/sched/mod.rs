//! Threads: making, running, pausing, unwinding them.
//!
//! | file | what |
//! |---|---|
//! | [`threads`] | which threads there are, and which can run |
//! | [`thread`] | making a thread; its stack chunks growing and shrinking |
//! | [`run`] | the scheduler: run threads until the one that is waited for has finished |
//! | [`native`] | handing a thread to compiled code, and taking it back |
//! | [`pause`] | lazy blackholing of what a paused thread evaluates |
//! | [`raise`] | unwinding a stack: synchronous and asynchronous exceptions |
//! | `throw` | exceptions from elsewhere: who gets them, and when |
//! | `block` | waiting for other threads: blocking, waking, leaving a queue |
//! | [`blackhole`] | waiting for a thunk |
//! | `stm` | transactions |
//! | `idle` | threads between evaluations |
//! | `sleep` | waiting for time, and for file descriptors |
//! | `finalize` | running the finalizers of weak pointers |
//! | `allocation` | how much each thread has allocated, and may |
//! | [`fuel`] | how much an evaluation has done, and may |

mod allocation;
pub mod blackhole;
mod block;
mod finalize;
pub mod fuel;
mod idle;
pub mod native;
pub mod pause;
pub mod raise;
pub mod run;
mod sleep;
mod stm;
pub mod thread;
pub mod threads;
mod throw;
