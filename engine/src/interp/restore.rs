//! A session whose machine was lost goes on with a new one.
//!
//! Owned here: in which order what GHC holds is made again, and what becomes of that which cannot be.
//
// Note [What a lost machine costs a session]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// When a program has damaged the machine itself, `vm` makes a new one and installs the packages that were loaded, at the
// same addresses. A Rust program hears of that by `Stale` errors. GHC cannot be told that its references are void,
// so they are not:
//
// 1. Strings, info tables and call interfaces are asked for again, in the same order. They get the same addresses, see
//    Note [Addresses that GHC keeps] in `bcvm`; if they did not, the session would be over.
// 2. What the ledger knows how to make is made again, in order: the top level of modules of byte code, and what GHCi
//    itself has compiled. The references get the numbers they had. GHC may have given some of them back, but they are
//    needed to make the rest; a place in the machine's table is then used by one number after the other, as before.
// 3. The other references that GHC holds refer to a thunk that raises an exception, which says that the value is gone.
// 4. The actions that set up standard streams run again, because the new machine's Handles are new.
//
// So the next statement is evaluated, functions of loaded modules included; whatever earlier statements have bound raises
// the exception when it is used. The state that modules keep in top-level IORefs begins anew, as after `:reload`.
//
// The evaluation during which the machine was lost is told so by its own exception. A message that evaluates nothing is
// asked once more (`Interp::answer_by_message`): the damage was done by somebody else. So is an action of step 4, which GHC
// runs after each statement: GHC panics if it ends with an exception.
//
// Damage that does not stop the runtime may still make the session useless: C's memory holds the program's arguments, which
// every statement's wrapper reads, and stdout's buffer. So a machine is given up as well if such an action fails, or
// if after a crash the wrapper can no longer run a statement that does nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use bcvm::abi::request::{Expr, Mode, Outcome, Reply as Answer, Request};

use super::ledger::{Ledger, Made};
use super::machine::MachineBackend;
use crate::vm::VmError;

/// The exception of ^C.
const USER_INTERRUPT: &str = "base:GHC.IO.Exception.UserInterrupt";
/// How long a statement that does nothing may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the exception says that a lost value raises.
const GONE: &str = "this value is gone: a program damaged the machine, which was begun anew";

impl MachineBackend {
    /// Makes again, in a new machine, what GHC holds of an old one. See Note [What a lost machine costs a session].
    pub(super) fn restore(&mut self) -> Result<(), String> {
        let Some(ledger) = self.ledger.take() else { return Err("what was made is not on record".into()) };
        let restored = self.restore_from(&ledger);
        self.ledger = Some(ledger);
        restored
    }

    fn restore_from(&mut self, ledger: &Ledger) -> Result<(), String> {
        for made in &ledger.statics {
            match self.make(made)? {
                Answer::Addrs(addrs) if addrs == made.answer => {}
                other => return Err(format!("{:x?} is at {other:x?} in the new machine", made.answer)),
            }
        }
        let needed = ledger.needed();
        let made: Vec<&Made> = ledger.made.iter().filter(|(id, _)| needed.contains(id)).map(|(_, made)| made).collect();
        // Nothing may get a number now that one of them will have.
        let answers: HashSet<u64> = made.iter().flat_map(|made| made.answer.iter().copied()).collect();
        let needs = made.iter().flat_map(|made| made.needs());
        let static_pointers = ledger.static_pointers.values();
        let all: BTreeSet<u64> =
            needs.chain(answers.iter().chain(static_pointers).chain(ledger.held.keys()).copied()).collect();
        // By place, the earliest number of each: the others follow, as they did before.
        let earliest: BTreeMap<u32, u64> = all.iter().rev().map(|n| (*n as u32, *n)).collect();
        self.refer(earliest.into_values().map(|n| (n, 0)).collect())?;
        let gone = self.gone()?;
        for made in made {
            self.refer(made.needs().into_iter().filter(|n| !answers.contains(n)).map(|n| (n, gone)).collect())?;
            let new = match self.make(made)? {
                Answer::Refs(new) | Answer::Evaluated { outcome: Outcome::Refs(new), .. } => new,
                other => return Err(format!("a value that was made before could not be made again: {other:?}")),
            };
            self.refer(made.answer.iter().copied().zip(new.iter().copied()).collect())?;
            self.tell(&Request::FreeRefs(new))?;
        }
        let lost = all.iter().filter(|n| ledger.held.contains_key(n) && !answers.contains(n));
        self.refer(lost.map(|n| (*n, gone)).collect())?;
        for ((array, tick), on) in &ledger.breakpoints {
            if answers.contains(array) {
                self.tell(&Request::EnableBreakpoint(*array, *tick, *on))?;
            }
        }
        for (key, value) in &ledger.static_pointers {
            self.tell(&Request::AddSptEntry(*key, *value))?;
        }
        for action in &ledger.set_ups {
            let result = self.ask(&Request::Eval(Mode::Io, Expr::Ref(*action)))?;
            if let Answer::Evaluated { outcome: Outcome::Refs(refs), .. } = result {
                self.tell(&Request::FreeRefs(refs))?;
            }
        }
        let given_back = all.into_iter().filter(|n| !ledger.held.contains_key(n)).chain([gone]).collect();
        self.tell(&Request::FreeRefs(given_back))
    }

    fn refer(&mut self, pairs: Vec<(u64, u64)>) -> Result<(), String> {
        if pairs.is_empty() { Ok(()) } else { self.tell(&Request::Refer(pairs)) }
    }

    /// The answer to an evaluation, unless it shows that nothing can be done with the machine any more.
    pub(super) fn unless_hopeless(
        &mut self,
        request: &Request<'_>,
        answer: Result<Answer, VmError>,
    ) -> Result<Answer, VmError> {
        let Some(ledger) = &self.ledger else { return answer };
        let is_own = matches!(request, Request::Eval(Mode::Io, Expr::Ref(action)) if ledger.is_set_up(*action));
        let is_hopeless = match &answer {
            Ok(Answer::Evaluated { outcome: Outcome::Refs(_), .. }) | Err(VmError::Lost(_) | VmError::Failed(_)) => {
                false
            }
            Ok(Answer::Evaluated { outcome: Outcome::Exception(e), .. }) => is_own && e.name != USER_INTERRUPT,
            _ => is_own || !self.runs_statements(),
        };
        if is_hopeless { Err(self.vm.give_up("GHC's own code fails in it".into())) } else { answer }
    }

    /// Whether a statement that does nothing works.
    fn runs_statements(&mut self) -> bool {
        let Some(wrapper) = self.ledger.as_ref().and_then(|ledger| ledger.wrapper) else { return true };
        let Ok(nothing) = ["base_GHCziBase_returnIO_closure", "ghczmprim_GHCziTypes_ZMZN_closure"]
            .into_iter()
            .map(|symbol| self.static_ref(symbol))
            .collect::<Result<Vec<u64>, _>>()
        else {
            return false;
        };
        let statement = Expr::App(
            Box::new(Expr::Ref(wrapper)),
            Box::new(Expr::app(nothing[0], nothing[1..].iter().map(|n| Expr::Ref(*n)))),
        );
        let done = self.vm.request(&Request::Eval(Mode::IoList, statement), Some(PATIENCE));
        let is_done = matches!(done, Ok(Answer::Evaluated { outcome: Outcome::Refs(refs), .. }) if refs.is_empty());
        is_done && self.tell(&Request::FreeRefs(nothing)).is_ok()
    }

    /// A reference to a value that is not there.
    fn gone(&mut self) -> Result<u64, String> {
        let error = self.static_ref("base_GHCziErr_errorWithoutStackTrace_closure")?;
        let return_io = self.static_ref("base_GHCziBase_returnIO_closure")?;
        let thunk = Expr::App(Box::new(Expr::Ref(error)), Box::new(Expr::Chars(GONE.into())));
        let action = Expr::App(Box::new(Expr::Ref(return_io)), Box::new(thunk));
        let gone = match self.ask(&Request::Eval(Mode::Io, action))? {
            Answer::Evaluated { outcome: Outcome::Refs(refs), .. } if refs.len() == 1 => refs[0],
            other => return Err(format!("making what stands for lost values: {other:?}")),
        };
        self.tell(&Request::FreeRefs(vec![error, return_io]))?;
        Ok(gone)
    }

    /// A reference to a static closure.
    fn static_ref(&mut self, symbol: &str) -> Result<u64, String> {
        let address = self.lookup_symbol(symbol).ok().flatten();
        let address = address.ok_or_else(|| format!("no package defines {symbol}"))?;
        match self.ask(&Request::RefOf(address))? {
            Answer::Refs(refs) if refs.len() == 1 => Ok(refs[0]),
            other => Err(format!("no reference to {symbol}: {other:?}")),
        }
    }

    fn make(&mut self, made: &Made) -> Result<Answer, String> {
        let request = made.request().ok_or("a request on record cannot be read")?;
        self.ask(&request)
    }

    fn ask(&mut self, request: &Request<'_>) -> Result<Answer, String> {
        self.vm.request(request, self.limits.timeout).map_err(|e| e.to_string())
    }

    fn tell(&mut self, request: &Request<'_>) -> Result<(), String> {
        match self.ask(request)? {
            Answer::Unit | Answer::Addrs(_) => Ok(()),
            Answer::Refused(why) => Err(why),
            other => Err(format!("the machine's reply makes no sense: {other:?}")),
        }
    }
}
