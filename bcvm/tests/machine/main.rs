//! Byte code run on a machine in an arena: every instruction, evaluation, application, exceptions, limits.
//!
//! With the feature `sanity` the same tests run with a collection at every allocation.

mod apply;
mod cheap;
mod create;
mod eval;
mod exception;
mod instructions;
mod io;
mod known;
mod lists;
mod loops;
mod memory;
mod mvars;
mod requests;
mod schedules;
mod stm;
mod threads;
mod vm;
