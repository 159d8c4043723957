//! x86-64 machine code as WebAssembly.
//!
//! | Phase | File | Owns |
//! |---|---|---|
//! | find | `code` | bytes by address, decoding, which convention |
//! | | `tables` | jump tables |
//! | | `flow` | where control goes after an instruction |
//! | | `discover` | entries and beginnings of blocks |
//! | | `cells` | where the slots of short functions go |
//! | divide | `blocks` | basic blocks, edges, effects |
//! | | `returns` | where Haskell code is likely to return to |
//! | | `dominators`, `heads` | which blocks form a wasm function |
//! | | `live` | registers across blocks |
//! | | `cycles` | what must poll, and how seldom |
//! | translate | `x86` | instructions, by family |
//! | | `operand`, `flags`, `emit` | operands, fused flags, locals |
//! | | `shape` | structured control flow |
//! | | `exit` | tail calls, returns, traps |
//! | assemble | `object` | the phases in order, from [`Analysis`] to [`LiftedModule`] |
//! | | `module`, `helpers` | the module: types, imports, segments; functions that come from no code |
//! | | `names`, `listing` | symbols for reports; disassembly |
//! | | `convention`, `regs`, `error` | calling conventions; registers; reports |
//!
//! A caller places an object (`reloc`), makes an [`Analysis`], asks how many table slots it needs, chooses them, and
//! calls [`Analysis::lift`]. The module imports from [`ENV`] guest memory and `unsupported(id)`, and from
//! [`GLUE`] the two typed tables and the globals of [`HOMES`]; its segments fill the tables. The object's bytes go to
//! guest memory after [`LiftedModule::finish_image`].
//!
//! The lifter knows objects as `reloc` places them and nothing of linking, tables' owners or wasmtime.

#![forbid(unsafe_code)]

mod blocks;
mod cells;
mod code;
mod convention;
mod cycles;
mod discover;
mod dominators;
mod emit;
mod error;
mod exit;
mod flags;
mod flow;
mod heads;
mod helpers;
mod listing;
mod live;
mod module;
mod names;
mod object;
mod operand;
mod regs;
mod returns;
mod shape;
mod tables;
mod x86;

pub use cells::Cells;
pub use convention::{BASE_REG, C_PARAMS, C_RESULTS, CodeKind, HOMES, Home, STG_PARAMS, value_type, value_types};
pub use error::{Error, Reason, Unsupported};
pub use module::{ENV, GLUE, MEMORY_PAGES};
pub use object::{Analysis, Coverage, Entry, LiftedFunction, LiftedModule, Numbering};
pub use regs::Reg;
