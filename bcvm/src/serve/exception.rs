//! What is said of an exception that ended an evaluation (`toSerializableException` of `GHCi.Message`).
//!
//! GHC's server evaluates the same things: whether it is an ExitCode, which one, and what `show` makes of it. Each may
//! fail or not end, as everything in Haskell; then less is said.

use super::Failed;
use crate::abi::request::Exception;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::{PAYLOAD, THUNK_PAYLOAD};
use crate::layout::info_table::InfoTable;
use crate::show;
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::string::String;
use alloc::vec::Vec;

/// The constructor around every exception.
const SOME_EXCEPTION: &str = "base:GHC.Exception.Type.SomeException";
/// A constructor between it and exceptions that come from elsewhere, with the same fields.
const SOME_ASYNC_EXCEPTION: &str = "base:GHC.IO.Exception.SomeAsyncException";
/// The constructors of ExitCode.
const EXIT_SUCCESS: &str = "base:GHC.IO.Exception.ExitSuccess";
const EXIT_FAILURE: &str = "base:GHC.IO.Exception.ExitFailure";
/// Words of an stg_ap_2_upd thunk.
const AP_2_W: u32 = 4;

impl Machine {
    /// Everything about the exception `e`, which is kept by a reference.
    pub(super) fn describe_exception(&mut self, e: ClosurePtr) -> Exception {
        let value = self.stable.make(e);
        let Ok(evaluated) = self.quietly(e) else {
            return Exception { value, name: "an exception whose evaluation fails".into(), ..Exception::default() };
        };
        let name = self.constructor(evaluated);
        if name != SOME_EXCEPTION {
            return Exception { value, name, ..Exception::default() };
        }
        let inner = self.mem.closure(evaluated + PAYLOAD + WORD);
        let (mut name, mut exit) = (name, None);
        if let Ok(mut inner) = self.quietly(inner) {
            name = self.constructor(inner);
            if name == SOME_ASYNC_EXCEPTION
                && let Ok(within) = self.quietly(self.mem.closure(inner + PAYLOAD + WORD))
            {
                inner = within;
                name = self.constructor(inner);
            }
            exit = match &name[..] {
                EXIT_SUCCESS => Some(0),
                EXIT_FAILURE => {
                    let code = self.mem.closure(inner + PAYLOAD);
                    self.quietly(code).ok().map(|code| self.mem.word(code + PAYLOAD) as i64)
                }
                _ => None,
            };
        }
        let shown = if exit.is_none() { self.show_exception(value) } else { None };
        Exception { value, name, exit, shown }
    }

    /// What `show` makes of the SomeException that `r` refers to.
    fn show_exception(&mut self, r: u64) -> Option<Vec<u8>> {
        let show = self.bound.show_exception?;
        let thunk = self.allocate(AP_2_W)?;
        let e = self.stable.find(r)?;
        self.mem.set_info(thunk, info::STG_AP_2_UPD);
        self.mem.set_word(thunk + WORD, 0);
        self.mem.set_closure(thunk + THUNK_PAYLOAD, show);
        self.mem.set_closure(thunk + THUNK_PAYLOAD + WORD, e);
        self.force_string(thunk.into()).ok()
    }

    /// Evaluates without saying anything of an exception that comes of it.
    fn quietly(&mut self, x: ClosurePtr) -> Result<Addr, Failed> {
        self.run_to_value(x).map(|value| self.follow(value))
    }

    /// The description of the constructor at `c`.
    fn constructor(&self, c: Addr) -> String {
        let table = InfoTable::at(&self.mem, self.mem.info(c));
        if !table.closure_type().is_constr() {
            return "an exception that is no constructor".into();
        }
        show::text(&self.mem, table.con_desc()).unwrap_or_default()
    }
}
