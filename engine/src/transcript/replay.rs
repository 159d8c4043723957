//! Playing GHC's part of a recording to another server.

use std::collections::HashMap;

use crate::external::{IservError, IservProcess};
use crate::protocol::types::EvalStatus;
use crate::protocol::{Binary, Handle, MessageKind, Reply, ThMessage, ThReply};

use super::{Exchange, Question};

// Note [Replaying handles]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// References and addresses mean something only to the server that gave them out, and two servers give out different
// ones. So whenever both have replied to the same message, the handles at the same places of the two replies are
// noted as a pair, and later requests are sent with the second of each pair in place of the first. A literal word
// of byte code may be an address or a number, and nothing on the wire tells which. It is taken for an address if
// the recorded server gave out exactly this address before and it is no small number.
//
// Replies are equal if they are equal after every handle in them was replaced by "null" or "not null", and after
// the count of allocated bytes was removed.

/// Numbers up to this are never taken for addresses: nothing lies in the first pages.
const SMALL: u64 = 1 << 16;

/// What a replay found.
#[derive(Debug, Default)]
pub struct Replay {
    /// How many messages were answered.
    pub answered: usize,
    /// Where the replies, or the questions of splices, were others.
    pub differences: Vec<Difference>,
    /// Why the replay could not go on, if it could not.
    pub lost: Option<IservError>,
}

/// A reply that was another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many messages came before.
    pub index: usize,
    /// The message it belongs to.
    pub message: String,
    /// What the recording has.
    pub recorded: String,
    /// What came now.
    pub replied: String,
}

/// Send the messages of a recording to `server` and compare its replies with the recorded ones.
pub fn replay(exchanges: impl IntoIterator<Item = Exchange>, server: &IservProcess) -> Replay {
    let mut replay = Replay::default();
    let mut handles = Handles::default();
    for (index, exchange) in exchanges.into_iter().enumerate() {
        if exchange.message.kind() == MessageKind::Shutdown {
            break;
        }
        let mut message = exchange.message.clone();
        message.visit_handles(&mut |handle| handles.translate(handle));
        let mut splice = Splice { handles: &mut handles, questions: exchange.questions.iter(), differences: vec![] };
        let result = server.call_any(&message, &mut |question| splice.answer(question));
        let mut differences = splice.differences;
        match result {
            Ok(reply) => {
                replay.answered += 1;
                if let Some(recorded) = &exchange.reply {
                    handles.learn_reply(recorded, &reply);
                    if comparable(recorded.clone()) != comparable(reply.clone()) {
                        differences.push((format!("{recorded:?}"), format!("{reply:?}")));
                    }
                }
            }
            Err(error) => replay.lost = Some(error),
        }
        let message = format!("{:?}", exchange.message);
        replay.differences.extend(differences.into_iter().map(|(recorded, replied)| Difference {
            index,
            message: message.clone(),
            recorded,
            replied,
        }));
        if replay.lost.is_some() {
            break;
        }
    }
    replay
}

/// A reply without what may differ.
fn comparable(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::EvalStmt(EvalStatus::EvalComplete { allocated, .. })
        | Reply::ResumeStmt(EvalStatus::EvalComplete { allocated, .. })
        | Reply::Seq(EvalStatus::EvalComplete { allocated, .. })
        | Reply::ResumeSeq(EvalStatus::EvalComplete { allocated, .. }) => *allocated = 0,
        _ => {}
    }
    reply.visit_handles(&mut forget);
    reply
}

fn forget(handle: Handle<'_>) {
    match handle {
        Handle::Ref(n) | Handle::Ptr(n) => *n = u64::from(*n != 0),
        Handle::Literal(_) => {}
    }
}

/// Answers the questions of a splice as GHC did.
struct Splice<'a> {
    handles: &'a mut Handles,
    questions: std::slice::Iter<'a, Question>,
    differences: Vec<(String, String)>,
}

impl Splice<'_> {
    fn answer(&mut self, question: &ThMessage) -> ThReply {
        let Some(recorded) = self.questions.next() else {
            self.differences.push(("no further question".into(), format!("{question:?}")));
            return NO_ANSWER;
        };
        self.handles.learn_question(&recorded.message, question);
        let forgotten = |message: &ThMessage| {
            let mut message = message.clone();
            message.visit_handles(&mut forget);
            message
        };
        if forgotten(&recorded.message) != forgotten(question) {
            self.differences.push((format!("{:?}", recorded.message), format!("{question:?}")));
        }
        // An answer to another question ends the replay, which is right: it is another conversation.
        recorded.reply.clone().unwrap_or(NO_ANSWER)
    }
}

/// Answers nothing that is ever asked.
const NO_ANSWER: ThReply = ThReply::RunTHDone(());

/// Handles of the recorded server and what became of them.
#[derive(Default)]
struct Handles {
    refs: HashMap<u64, u64>,
    ptrs: HashMap<u64, u64>,
}

/// The handles in a value, in order.
type Found = Vec<(bool, u64)>;

fn note(found: &mut Found, handle: Handle<'_>) {
    match handle {
        Handle::Ref(n) => found.push((true, *n)),
        Handle::Ptr(n) => found.push((false, *n)),
        Handle::Literal(_) => {}
    }
}

impl Handles {
    /// See Note [Replaying handles].
    fn translate(&self, handle: Handle<'_>) {
        match handle {
            Handle::Ref(n) => *n = *self.refs.get(n).unwrap_or(n),
            Handle::Ptr(n) => *n = *self.ptrs.get(n).unwrap_or(n),
            Handle::Literal(n) if *n >= SMALL => *n = *self.ptrs.get(n).unwrap_or(n),
            Handle::Literal(_) => {}
        }
    }

    fn learn_reply(&mut self, recorded: &Reply, replied: &Reply) {
        let (mut old, mut new) = (Found::new(), Found::new());
        recorded.clone().visit_handles(&mut |handle| note(&mut old, handle));
        replied.clone().visit_handles(&mut |handle| note(&mut new, handle));
        self.learn(&old, &new);
    }

    fn learn_question(&mut self, recorded: &ThMessage, asked: &ThMessage) {
        let (mut old, mut new) = (Found::new(), Found::new());
        recorded.clone().visit_handles(&mut |handle| note(&mut old, handle));
        asked.clone().visit_handles(&mut |handle| note(&mut new, handle));
        self.learn(&old, &new);
    }

    fn learn(&mut self, old: &[(bool, u64)], new: &[(bool, u64)]) {
        for (&(is_ref, old), &(new_is_ref, new)) in old.iter().zip(new) {
            if is_ref == new_is_ref && old != 0 {
                let map = if is_ref { &mut self.refs } else { &mut self.ptrs };
                map.insert(old, new);
            }
        }
    }
}
