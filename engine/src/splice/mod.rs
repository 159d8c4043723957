//! Template Haskell: how a splice that runs in the sandbox talks to GHC.
//!
//! | file | what |
//! |---|---|
//! | `exchange` | [`Exchange`]: both ends of the pipe on which a splice asks GHC |
//! | `package_db` | which objects hold the code that runs a splice, and where GHC has installed them |
//!
//! Calling that code in a machine is `interp`'s business (`interp/splice.rs`), GHC's pipe is `server`'s.
//
// Note [Splices are served in the guest]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A splice is a function from a dictionary of Quasi to an action. Somebody has to make the dictionary, run the action,
// ask GHC what it asks, and serialise the tree it makes. All this exists, compiled, in every installation of the GHC that
// we serve: the module GHCi.TH of package ghci is what GHC's own server calls. So that package is loaded like any other,
// and its functions run in the sandbox:
//
//        GHC ◀──pipe──▶ bcvm-iserv │ sandbox
//                       server     │
//             RunTH ──▶ arguments ─┼─▶ GHCi.TH.runTH ─▶ the splice
//           Reify … ◀── Exchange ◀─┼── descriptor 255 ◀──┤
//            answer ──▶          ──┼─▶ descriptor 254 ──▶┘
// RunTHDone, QResult ◀─────────────┼── a ByteString, or an exception
//
// A dictionary of our own would save the loading of a package (it is linked once per machine, and mapped from the cache
// afterwards). It would have to be written in machine code for each version's class, with each version's serialisation of
// each type, and be wrong in small ways. As it is, a splice behaves as in GHC's server because it is GHC's server, and a
// new version of GHC brings its own. Of a version we know the types of three functions (`interp/splice.rs`), by whose
// names and constructors they are found (`interp/splice/library.rs`).
//
// The loop around them, `serv` of package libiserv, could run in the guest as well. But then each message and its reply
// would pass through the guest's Handles and its decoder, which took two thirds of the time of a small splice.
//
// The guest's word counts for nothing here: bytes from it are decoded before GHC sees any. A question is passed on when
// it is whole and the guest has begun to wait for its answer, and its answer is read to the end before the guest goes on. So
// GHC and we agree on whose turn it is wherever the guest stops, be it by an exception, a limit, ^C or a trap, and the
// serving loop sends RunTHDone and what has come of it. What the guest had begun to say is dropped.

mod exchange;
mod package_db;

pub use exchange::{Answerer, Exchange, READ_FD, WRITE_FD};
pub use package_db::{PackageDbError, PackageObjects, find_objects};
