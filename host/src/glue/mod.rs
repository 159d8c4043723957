//! The generated module *glue*, which joins the machine, written in Rust, to compiled Haskell code.
//!
//! [`convention`] is what every generated module must agree on; [`module`] generates glue itself, [`shims`] the module
//! through which compiled code calls C functions of the machine; [`absent`] and [`adjustors`] generate C functions of
//! other kinds.

// Note [Three modules]
// ~~~~~~~~~~~~~~~~~~~~
// Compiled code (lifted packages) jumps from function to function by wasm tail calls, with four STG registers as
// parameters and the others in globals. Stable Rust can do neither: it has no guaranteed tail call and cannot reach
// another module's globals or a typed table. So a generated module stands between:
//
//            calls run(index)                 call_indirect               return_call_indirect
//   guest ─────────────────────────▶ glue ─────────────────▶ package ─────────────────────────▶ package ...
//     ▲                               ▲                                                          │
//     └─────── returns ───────────────┴── returns ──── stop entry (glue) ◀── return_call_indirect┘
//
// * `run` loads the registers from the register table in guest memory and calls the function in that slot; `run_few` and
//   `run_words` only those that the most frequent ways of entering code need (`bcvm::entry::registers`).
// * Every built-in entry point (`stg_ap_pp_fast`, `stg_gc_fun`, ...) is a slot of the same table. What is in it is a
//   stop entry: it spills the registers to the register table, writes its own number to STOP_ENTRY and returns. Since
//   everything in between was a tail call, that return goes to `run`, and from there to the scheduler, which does in
//   Rust what the entry stands for and calls `run` again with what comes next.
//
// The wasm stack is therefore always the same two frames deep, however long compiled code runs, and control never
// leaves compiled code in any other way: nothing has to be unwound.
//
// Glue imports nothing and is instantiated first, so that the guest can import `run` and modules that come later tables
// and globals. It also defines the memory that all import: wasmtime asks the engine for its own mapping only when a
// module defines one (a memory made through wasmtime's API is always wasmtime's).
// What needs the guest's exports comes after the guest, in a fourth module, shims: the machine's C functions, which
// compiled code calls and which return to it.

pub mod absent;
pub mod adjustors;
pub mod convention;
pub mod module;
pub mod shims;

#[cfg(test)]
mod tests;
