//! What splices may ask of GHC. A splice in a sandbox can still ask the compiler, which is outside, to act for it.

use crate::protocol::ThMessageKind;

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Pass it on.
    Allow,
    /// Pass it on if [`Policy::may_read`](crate::os::Policy::may_read) says so of the path in it.
    AllowPath,
    /// Fail the splice with this text.
    Deny(String),
}

/// A kind of message that acts, rather than asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) kind: ThMessageKind,
    /// Its name in policy files, which is the function's in `Language.Haskell.TH.Syntax`.
    pub(super) name: &'static str,
    /// What it would do, for denials and explanations.
    pub(super) does: &'static str,
}

/// Messages that no preset allows. All others are questions, change only the module being compiled, or concern files
/// that are checked one by one.
pub(super) const SIDES: [Side; 2] = [
    Side {
        kind: ThMessageKind::AddForeignFilePath,
        name: "addForeignFile",
        does: "compiles C into the program, outside the sandbox",
    },
    Side {
        kind: ThMessageKind::AddCorePlugin,
        name: "addCorePlugin",
        does: "runs code inside GHC, outside the sandbox",
    },
];

/// What of [`SIDES`] is granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThGrants {
    allowed: Vec<ThMessageKind>,
}

impl ThGrants {
    /// Allows a kind of message that is denied otherwise.
    pub fn allow(mut self, kind: ThMessageKind) -> ThGrants {
        if !self.allowed.contains(&kind) {
            self.allowed.push(kind);
        }
        self
    }

    /// Whether it is granted that a splice has GHC do this.
    pub(super) fn allows(&self, kind: ThMessageKind) -> bool {
        !SIDES.iter().any(|side| side.kind == kind) || self.allowed.contains(&kind)
    }

    /// What both allow.
    pub(super) fn narrowed(&self, by: &ThGrants) -> ThGrants {
        ThGrants { allowed: self.allowed.iter().copied().filter(|kind| by.allows(*kind)).collect() }
    }

    /// What is to become of a message of this kind.
    pub(crate) fn decide(&self, kind: ThMessageKind) -> Decision {
        match SIDES.iter().find(|side| side.kind == kind) {
            Some(side) if !self.allows(kind) => Decision::Deny(format!(
                "{} is not allowed: it {}. To allow it, write it under [template-haskell] in a policy and pass that \
                 by --policy",
                side.name, side.does
            )),
            None if kind == ThMessageKind::AddDependentFile => Decision::AllowPath,
            _ => Decision::Allow,
        }
    }
}
