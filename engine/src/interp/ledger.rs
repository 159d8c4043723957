//! [`Ledger`]: what GHC holds of a machine, and how each thing was made, so that it can be made again.
//!
//! Invariant: of whatever is still held, or goes into something that is, and was made by a request that changes nothing
//! else, the request is known. Making it again is `restore`'s business.
//
// Note [What GHC holds]
// ~~~~~~~~~~~~~~~~~~~~~
// GHC's session outlives a machine. It keeps numbers of references and addresses, and puts them into the next byte code as
// if nothing had happened. Of these things the machine is only told once:
//
//   strings, info tables, call interfaces   by address, for ever
//   top-level values of byte code modules   by reference, until they are compiled again
//   GHCi's own functions                    by reference, for ever: what wraps each statement, sets and flushes buffers
//   breakpoint arrays, static pointers      by reference, as long as their modules
//   what statements have bound              by reference
//
// All but the last come from messages that run no program, so the same messages bring them back. GHCi's own functions are
// expressions that it has compiled: an EvalStmt of byte code as such, where a statement is an application of GHCi's
// wrapper. Such an evaluation binds a value without evaluating it, so it can be repeated if it has asked nothing of the
// outside. What a statement has bound is not made again: nobody knows what it did on the way.
//
// A reference that GHC has freed may have gone into byte code before, and be needed to make that again. So requests are
// kept beyond the references they answered, until they outweigh the others; then those that nothing needs are
// found as a collector would find them.

use std::collections::{BTreeMap, HashMap, HashSet};

use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bincode::error::EncodeError;

use crate::protocol::bco::BcoChunk;
use crate::protocol::{Binary, Bytes, Handle};

/// So many bytes of requests that may be superfluous are not worth looking for.
const SLACK_BYTES: usize = 2 << 20;
/// GHCi has two actions of this kind.
const MAX_SET_UPS: usize = 8;

/// A request, and what it answered: references or addresses.
#[derive(Debug)]
pub(super) struct Made {
    request: Vec<u8>,
    pub answer: Vec<u64>,
    /// How many of the references are held.
    held: usize,
}

/// What was made, by a number that grows.
type Id = u64;

/// What GHC holds. See Note [What GHC holds].
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// What has an address, in order.
    pub statics: Vec<Made>,
    /// What has references, in order.
    pub made: BTreeMap<Id, Made>,
    next: Id,
    /// References that are held, with what made them, if it is known.
    pub held: HashMap<u64, Option<Id>>,
    /// Breakpoints that were enabled or disabled: array and tick.
    pub breakpoints: BTreeMap<(u64, u32), bool>,
    /// The static pointer table.
    pub static_pointers: BTreeMap<(u64, u64), u64>,
    /// Actions that GHC has had run for their effect on the session, such as the setting of buffers.
    pub set_ups: Vec<u64>,
    /// The function of GHC's own that statements are wrapped in.
    pub wrapper: Option<u64>,
    /// Bytes of requests in `made`, and those left after the last clearing.
    bytes: usize,
    needed_bytes: usize,
}

impl Made {
    fn new(request: &Request<'_>, answer: &[u64]) -> Result<Made, EncodeError> {
        let request = bincode::encode_to_vec(request, bincode::config::standard())?;
        Ok(Made { request, answer: answer.to_vec(), held: answer.len() })
    }

    /// The request that made it.
    pub fn request(&self) -> Option<Request<'_>> {
        let decoded = bincode::borrow_decode_from_slice(&self.request, bincode::config::standard());
        decoded.ok().map(|(request, _)| request)
    }

    /// References that the request contains.
    pub fn needs(&self) -> Vec<u64> {
        let mut needed = Vec::new();
        match self.request() {
            Some(Request::CreateBcos(chunks)) => {
                for chunk in chunks {
                    BcoChunk(Bytes::from(chunk)).visit_handles(&mut |handle| {
                        if let Handle::Ref(n) = handle {
                            needed.push(*n);
                        }
                    });
                }
            }
            Some(Request::Eval(_, Expr::Ref(n))) => needed.push(n),
            _ => {}
        }
        needed
    }
}

impl Ledger {
    /// The machine has answered a request that evaluates nothing.
    pub fn note(&mut self, request: &Request<'_>, reply: &Reply) {
        match (request, reply) {
            (
                Request::Malloc { .. } | Request::MkConInfoTable { .. } | Request::PrepFfi { .. },
                Reply::Addrs(addrs),
            ) => {
                self.statics.extend(Made::new(request, addrs).ok());
            }
            (
                Request::CreateBcos(_) | Request::NewBreakArray(_) | Request::LookupClosure(_) | Request::RefOf(_),
                Reply::Refs(refs),
            ) => self.add(request, refs),
            (Request::FreeRefs(refs), Reply::Addrs(unknown)) => {
                let unknown: HashSet<u64> = unknown.iter().copied().collect();
                refs.iter().filter(|n| !unknown.contains(n)).for_each(|n| self.free(*n));
                self.clear_out();
            }
            (Request::EnableBreakpoint(array, tick, on), Reply::Unit) => {
                self.breakpoints.insert((*array, *tick), *on);
            }
            (Request::AddSptEntry(key, value), Reply::Unit) => {
                self.static_pointers.insert(*key, *value);
            }
            (_, Reply::Refs(refs)) => self.hold(refs),
            (_, Reply::Closure(closure)) => self.hold(&closure.ptrs),
            _ => {}
        }
    }

    /// An evaluation has ended; `was_quiet` if it has asked nothing of the outside.
    pub fn note_evaluation(&mut self, mode: Mode, expr: &Expr, outcome: &Outcome, was_quiet: bool) {
        match (mode, expr, outcome) {
            (Mode::IoList, Expr::Ref(code), Outcome::Refs(refs))
                if was_quiet && refs.len() == 1 && self.knows(*code) =>
            {
                self.add(&Request::Eval(mode, expr.clone()), refs);
            }
            (Mode::Io, Expr::Ref(action), Outcome::Refs(refs)) => {
                self.hold(refs);
                if self.knows(*action) && !self.set_ups.contains(action) && self.set_ups.len() < MAX_SET_UPS {
                    self.set_ups.push(*action);
                }
            }
            (_, _, Outcome::Refs(refs)) => {
                self.hold(refs);
                if let (Mode::IoList, Expr::App(f, _)) = (mode, expr)
                    && let Expr::Ref(f) = **f
                    && self.knows(f)
                {
                    self.wrapper = Some(f);
                }
            }
            (_, _, Outcome::Exception(exception)) => self.hold(&[exception.value]),
            _ => {}
        }
    }

    /// Whether this action is one of GHC's own that has worked before.
    pub fn is_set_up(&self, action: u64) -> bool {
        self.set_ups.contains(&action)
    }

    /// Whether it is known how this reference was made.
    fn knows(&self, n: u64) -> bool {
        matches!(self.held.get(&n), Some(Some(_)))
    }

    /// References that cannot be made again.
    fn hold(&mut self, refs: &[u64]) {
        self.held.extend(refs.iter().map(|n| (*n, None)));
    }

    fn add(&mut self, request: &Request<'_>, refs: &[u64]) {
        let Ok(made) = Made::new(request, refs) else { return self.hold(refs) };
        self.bytes += made.request.len();
        self.held.extend(refs.iter().map(|n| (*n, Some(self.next))));
        self.made.insert(self.next, made);
        self.next += 1;
    }

    fn free(&mut self, n: u64) {
        if let Some(Some(id)) = self.held.remove(&n)
            && let Some(made) = self.made.get_mut(&id)
        {
            made.held = made.held.saturating_sub(1);
        }
        self.set_ups.retain(|action| *action != n);
        self.wrapper = self.wrapper.filter(|wrapper| *wrapper != n);
    }

    /// Forgets requests that nothing needs, once they may be more than the others.
    fn clear_out(&mut self) {
        if self.bytes <= 2 * self.needed_bytes + SLACK_BYTES {
            return;
        }
        let needed = self.needed();
        self.made.retain(|id, _| needed.contains(id));
        self.bytes = self.made.values().map(|made| made.request.len()).sum();
        self.needed_bytes = self.bytes;
        let arrays: HashSet<u64> = self.made.values().flat_map(|made| made.answer.iter().copied()).collect();
        self.breakpoints.retain(|(array, _), _| arrays.contains(array));
    }

    /// What is needed to make again all that is held.
    pub fn needed(&self) -> HashSet<Id> {
        let made = self.made.iter();
        let by_ref: HashMap<u64, Id> =
            made.clone().flat_map(|(id, made)| made.answer.iter().map(|n| (*n, *id))).collect();
        let held = made.filter(|(_, made)| made.held > 0).map(|(id, _)| *id);
        let static_pointers = self.static_pointers.values().filter_map(|n| by_ref.get(n).copied());
        let mut to_do: Vec<Id> = held.chain(static_pointers).collect();
        let mut needed: HashSet<Id> = to_do.iter().copied().collect();
        while let Some(id) = to_do.pop() {
            let refs = self.made.get(&id).map(Made::needs).unwrap_or_default();
            for other in refs.iter().filter_map(|n| by_ref.get(n)) {
                if needed.insert(*other) {
                    to_do.push(*other);
                }
            }
        }
        needed
    }
}

#[cfg(test)]
mod tests;
