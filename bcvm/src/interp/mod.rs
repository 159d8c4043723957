//! The byte code interpreter.
//!
//! | file | what |
//! |---|---|
//! | [`machine`] | the machine: everything one interpreter owns |
//! | [`regs`] | the registers of the running thread; allocation |
//! | [`control`] | where control goes next, and why it leaves |
//! | [`dispatch`] | the driver: a loop over a `match` |
//! | [`stack`], [`pack`], [`case`] | instructions by family |
//! | [`fused`] | superinstructions |
//! | [`eval`], [`ret`], [`apply`], [`update`] | evaluating, returning to a frame, applying, updating |
//! | [`call`] | saturated calls of primop wrappers |
//! | [`known`], [`number`], [`plain`] | functions of packages that are carried out here; those of numbers; others |
//! | [`lists`] | folds of lists |
//! | [`operand`] | what waits for a number that is not evaluated yet |
//! | [`cheap`] | expressions that are computed rather than suspended |
//! | [`breakpoint`] | BRK_FUN |
//! | [`ccall`] | CCALL |
//! | [`caf`] | static thunks: first entry, reverting |
//!
//! Instructions are written once, as functions on memory and registers; the driver decides only how the next one
//! is found. They are inlined into it, and so are the registers: no function that is not inlined may take
//! `&mut Regs`, or the registers move from wasm locals to memory.

pub mod apply;
pub mod breakpoint;
pub mod caf;
pub mod call;
pub mod case;
pub mod ccall;
pub mod cheap;
pub mod control;
pub mod dispatch;
pub mod each;
pub mod eval;
pub mod fused;
pub mod known;
pub mod lists;
pub mod machine;
pub mod mvars;
pub mod number;
pub mod operand;
pub mod pack;
pub mod plain;
pub mod regs;
pub mod ret;
pub mod stack;
pub mod update;
