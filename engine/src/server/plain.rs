//! Texts of a program that GHC prints where it likes: its exceptions. On a terminal they must be as harmless as what the
//! program writes itself.

use crate::os::plain;
use crate::protocol::types::{EvalResult, EvalStatus, QResult, SerializableException};
use crate::protocol::{HsString, Reply};

/// Replaces what a terminal would obey in the exception that `reply` carries, if it does.
pub(super) fn make_plain(reply: &mut Reply) {
    match reply {
        Reply::EvalStmt(status) | Reply::ResumeStmt(status) => in_status(status),
        Reply::Seq(status) | Reply::ResumeSeq(status) => in_status(status),
        Reply::EvalIO(result) => in_result(result),
        Reply::EvalString(result) | Reply::EvalStringToString(result) => in_result(result),
        Reply::RunTH(result) => in_q(result),
        Reply::RunModFinalizers(result) => in_q(result),
        _ => {}
    }
}

fn in_status<A>(status: &mut EvalStatus<A>) {
    if let EvalStatus::EvalComplete { result, .. } = status {
        in_result(result);
    }
}

fn in_result<A>(result: &mut EvalResult<A>) {
    if let EvalResult::EvalException(SerializableException::EOtherException(text)) = result {
        in_text(text);
    }
}

fn in_q<A>(result: &mut QResult<A>) {
    if let QResult::QException(text) | QResult::QFail(text) = result {
        in_text(text);
    }
}

fn in_text(text: &mut HsString) {
    let mut bytes = text.as_bytes().to_vec();
    plain(&mut bytes);
    // What was text still is: a byte stands for a byte of the same kind.
    if let Ok(plain) = HsString::try_from(bytes) {
        *text = plain;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_plain() {
        const TEXT: &str = "a\u{1b}]0;title\u{7}b\tc\n\u{9b}31m Grüße";
        const PLAIN: &str = "a?]0;title\u{7}b\tc\n\u{bf}31m Grüße";
        let thrown = || SerializableException::EOtherException(TEXT.into());
        let mut replies = [
            Reply::EvalIO(EvalResult::EvalException(thrown())),
            Reply::Seq(EvalStatus::EvalComplete { allocated: 0, result: EvalResult::EvalException(thrown()) }),
            Reply::RunTH(QResult::QFail(TEXT.into())),
        ];
        for reply in &mut replies {
            make_plain(reply);
            assert!(format!("{reply:?}").contains(&format!("{PLAIN:?}")), "{reply:?}");
        }
        // A result is not for us to change.
        let mut reply = Reply::EvalString(EvalResult::EvalSuccess(TEXT.into()));
        make_plain(&mut reply);
        assert_eq!(reply, Reply::EvalString(EvalResult::EvalSuccess(TEXT.into())));
    }
}
