//! A server with a machine: every message of GHC's protocol, answered by an [`Interp`].
//!
//! The methods come from the message table; what a message does is `interp`'s business. Owned here: where an interpreter
//! is made without delaying the first reply, and what becomes of a session whose machine was lost.

use std::os::fd::BorrowedFd;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::interp::{Answered, Builder, Error, Interp};
use crate::protocol::table::for_each_message;
use crate::protocol::{AskingRequest, MessageKind, PlainRequest, Request, request};
use crate::vm::Interrupt;

use super::handler::{Failure, Handler};
use super::idle;
use super::interrupt::Interrupter;
use super::th::ThChannel;

// Note [When the session is over]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A machine that a program has damaged is replaced, and what GHC holds of it is made again: see Note [What a lost machine
// costs a session]. If even that fails, GHC's references and addresses mean nothing any more. Then every
// evaluation is answered by an exception that says so, and the first message that cannot carry one ends the server with
// the reason. References may still be freed: GHC does so at any time.

/// A server with a machine.
pub struct MachineServer {
    interp: Pending,
    /// Whether what GHC holds is void. See Note [When the session is over].
    lost: bool,
}

/// An interpreter that may not be ready yet.
enum Pending {
    Making(mpsc::Receiver<Result<Interp, Error>>),
    Ready(Box<Interp>),
    Failed(String),
}

impl MachineServer {
    /// Begins to make the interpreter that `builder` describes, in a thread of its own: GHC has other things to do as
    /// well before its first message that needs it.
    pub fn new(builder: Builder) -> MachineServer {
        let (send, receive) = mpsc::sync_channel(1);
        let made = thread::Builder::new().name("start".into()).spawn(move || {
            // Nobody waits any more if the session is over already.
            let _ = send.send(builder.build());
        });
        let interp = match made {
            Ok(_) => Pending::Making(receive),
            Err(error) => Pending::Failed(format!("cannot start a thread: {error}")),
        };
        MachineServer { interp, lost: false }
    }

    /// The interpreter, waited for if need be.
    fn interp(&mut self) -> Result<&Interp, Failure> {
        if let Pending::Making(made) = &self.interp {
            self.interp = match made.recv() {
                Ok(Ok(interp)) => Pending::Ready(Box::new(interp)),
                Ok(Err(error)) => Pending::Failed(error.to_string()),
                Err(_) => Pending::Failed("making the machine failed".into()),
            };
        }
        match &self.interp {
            Pending::Ready(interp) => Ok(interp),
            Pending::Failed(why) => Err(Failure::Failed(format!("there is no machine: {why}"))),
            Pending::Making(_) => Err(Failure::Failed("there is no machine".into())),
        }
    }

    fn answer<M>(&mut self, message: M) -> Result<M::Reply, Failure>
    where
        M: PlainRequest + Answered + Request<Kind = MessageKind>,
    {
        self.ask_machine(M::KIND, |interp| interp.interp_cmd(message))
    }

    fn answer_splice<M>(&mut self, message: M, th: &ThChannel) -> Result<M::Reply, Failure>
    where
        M: AskingRequest + Answered + Request<Kind = MessageKind>,
    {
        let mut th = th.clone();
        let answerer = Box::new(move |question| th.call_any(question).ok());
        self.ask_machine(M::KIND, |interp| interp.run_splice(message, answerer))
    }

    fn ask_machine<T>(
        &mut self,
        kind: MessageKind,
        ask: impl FnOnce(&Interp) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let needs_machine = !matches!(kind, MessageKind::Shutdown | MessageKind::FreeHValueRefs);
        if self.lost && needs_machine {
            return Err(Failure::Failed("the session's values are gone, because a program damaged its machine".into()));
        }
        let interp = self.interp()?;
        let reply = ask(interp).map_err(|error| match error {
            // Whoever reports it names the message.
            Error::Refused { why, .. } => Failure::Failed(why),
            Error::NotThere { missing, .. } => Failure::Failed(format!("{missing} are not supported yet")),
            error => Failure::Failed(error.to_string()),
        });
        self.lost |= interp.lives() > 0;
        reply
    }
}

/// Expands to a method per message.
macro_rules! define_methods {
    (@ $name:ident $method:ident) => {
        fn $method(&mut self, message: request::$name) -> Result<<request::$name as Request>::Reply, Failure> {
            self.answer(message)
        }
    };
    (@ $name:ident $method:ident $th:ident) => {
        fn $method(
            &mut self,
            message: request::$name,
            $th: &mut ThChannel,
        ) -> Result<<request::$name as Request>::Reply, Failure> {
            self.answer_splice(message, $th)
        }
    };
    ($( $(#[$meta:meta])* $name:ident $method:ident = $tag:tt { $($fields:tt)* } $(with $th:ident)? -> $reply:ty; )+) => {
        impl Handler for MachineServer {
            $( define_methods!(@ $name $method $($th)?); )+

            fn idle(&mut self, input: BorrowedFd<'_>) {
                if let Pending::Ready(interp) = &self.interp {
                    idle::run_threads(interp, input);
                }
            }

            fn interrupter(&self) -> Option<Arc<dyn Interrupter>> {
                match &self.interp {
                    Pending::Ready(interp) => Some(Arc::new(Interrupting(interp.interrupter()))),
                    // Nothing can run that GHC has a reference to.
                    Pending::Making(_) | Pending::Failed(_) => None,
                }
            }
        }
    };
}

for_each_message!(define_methods);

/// Interrupts the machine.
struct Interrupting(Arc<dyn Interrupt>);

impl Interrupter for Interrupting {
    fn interrupt(&self) {
        /// How long a ^C waits for the evaluation that its message is about to begin.
        const PATIENCE: u32 = 50;
        for _ in 0..PATIENCE {
            if self.0.interrupt() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests;
