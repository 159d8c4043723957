//! From files to code and data at addresses: which objects are loaded, who defines what, where everything goes.
//!
//! | File | Owns |
//! |---|---|
//! | `linker` | [`Linker`]: one interpreter's loaded objects and archives |
//! | `resolve` | the phase in which what was loaded gets addresses, is bound, relocated and lifted |
//! | `libraries` | shared objects and those they need |
//! | `package` | one object through placing, relocating and lifting: [`Package`] |
//! | `members` | archives whose members are loaded when they are needed |
//! | `index` | [`Index`]: what an object defines and wants, without its code |
//! | `flat` | how an index lies in memory and in files |
//! | `symbols` | names to definitions, over all loaded objects |
//! | `source` | [`Source`]: where an object's bytes come from, and their hash |
//! | `space` | [`Space`]: free and taken addresses and table slots |
//! | `store` | [`Store`]: what outlives a linker, and turns a package into something that can be installed |
//! | `builtin` | definitions that the runtime brings |
//! | `error` | what can go wrong |
//!
//! The phases are GHC's: `LoadObj` indexes, `ResolveObjs` does the rest, `UnloadObj` marks. Putting a linked package into
//! a sandbox is the engine's.

// Note [Lookup order]
// ~~~~~~~~~~~~~~~~~~~
// A name is looked for in
//
// 1. the runtime's own symbols (`stg_*`, C functions, primop wrappers), which nothing replaces, as in GHC's linker, whose
//    table of RTS symbols is filled before any object is loaded;
// 2. the loaded objects: the only strong definition or, where there are only weak and common ones, the first; see
//    Note [Who sees whose definitions] in `libraries` for shared ones;
// 3. stand-ins: closures and constructors of ghc-prim and base that the runtime has its own copies of, so that programs
//    run without packages (the packages that define them use and offer their own); and C functions that the sandbox
//    does not have, see `glue::absent`.
//
// An object's own strong definitions are not looked up: its code refers to them directly. It may therefore define a
// name of the first kind for itself.

// Note [What an artefact depends on]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// The image and the code of an object follow from: its bytes; where it lies; its first slots in both tables; the address
// and slot of every name it wants from elsewhere; this crate. The first is a hash, the next two are given to that hash
// once and kept by the store, and slots are fixed for runtime symbols and left open for other packages' (their code is
// entered through the index that lies at its address). So a store may keep what was made of an object under a hash
// of all that, `Key`, and loading another object changes nothing about it: see `Key::new` in `resolve`.

#![forbid(unsafe_code)]

mod builtin;
mod error;
mod flat;
mod index;
mod libraries;
mod linker;
mod members;
mod package;
mod resolve;
mod source;
mod space;
mod store;
mod symbols;

pub use builtin::{Builtins, Runtime};
pub use error::{Duplicate, Error, Missing};
pub use index::{Export, Index, Value, Want};
pub use libraries::Libraries;
pub use linker::{Linker, Lookup};
pub use package::{Package, analysed};
pub use resolve::{Key, Resolved};
pub use source::{Content, MAX_FILE_BYTES, Source, Stamp};
pub use space::{Need, Place, Space};
pub use store::{Forgetful, Store};
