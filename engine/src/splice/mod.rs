//! Template Haskell: how a splice that runs in the sandbox talks to GHC.
//!
//! | file | what |
//! |---|---|
//! | `exchange` | [`Exchange`]: both ends of the pipe that the guest's own server sees, one message of GHC at a time |
//! | `package_db` | which objects hold that server, and where GHC has installed them |
//!
//! Starting that server in a machine is `interp`'s business (`interp/splice.rs`), GHC's pipe is `server`'s.
//
// Note [Splices are served in the guest]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A splice is a function from a dictionary of Quasi to an action. Somebody has to make the dictionary, run the action,
// ask GHC what it asks, serialise the tree it makes, and tell failures from exceptions. All this exists, compiled, in
// every installation of the GHC that we serve: packages ghci and libiserv hold the very code that GHC's own server
// consists of. So it is loaded like any package, and runs in the sandbox:
//
//      GHC ◀──pipe──▶ bcvm-iserv │ sandbox
//                     server     │
//          RunTH ──▶  Exchange ──┼─▶ descriptor 254 ─▶ Lib.serv ─▶ GHCi.TH.runTH ─▶ the splice
//        Reify …  ◀── one question at a time ◀─ 255 ◀──┤
//         answer  ──▶          ──┼─▶ 254 ────────────▶ ┘
//   RunTHDone, QResult ◀─────────┼── 255 ◀── the end, after which serv reads Shutdown and returns
//
// The other way, a dictionary of our own, would save the loading of two packages (they are linked once per machine, and
// mapped from the cache afterwards). It would have to be written in machine code for each version's class, with each
// version's serialisation of each type, and be wrong in small ways. As it is, a splice behaves as in GHC's server
// because it is GHC's server, and a new version of GHC brings its own.
//
// The guest's word counts for nothing here: bytes from it are decoded before GHC sees any. A question is passed on when
// it is whole and the guest has begun to wait for its answer, and its answer is read to the end before the guest goes on. So
// GHC and we agree on whose turn it is wherever the guest stops, be it by an exception, a limit, ^C or a trap, and the
// serving loop ends the exchange with RunTHDone and an exception in its place. What the guest had begun to say is
// dropped.

mod exchange;
mod package_db;

pub use exchange::{Answerer, Exchange, READ_FD, WRITE_FD};
pub use package_db::{PackageDbError, PackageObjects, find_objects};
