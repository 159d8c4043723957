//! A session on our own wire: the same handler as GHC's, failures that do not end it, questions of a splice.

use std::os::unix::net::UnixStream;
use std::thread;

use super::{call_native, serve_native};
use crate::protocol::native::{read_hello, write_hello};
use crate::protocol::types::{HValueRef, QResult, QStateRef, THResult, THResultType};
use crate::protocol::{HsString, Message, Reply, ThMessage, ThReply, request, th_request};
use crate::server::handler::{Failure, Handler};
use crate::server::{InterruptGate, ThChannel};

/// Finds every library but one, and has its splices ask for a location.
struct Finder;

impl Handler for Finder {
    fn find_system_library(&mut self, message: request::FindSystemLibrary) -> Result<Option<HsString>, Failure> {
        Ok(Some(message.name))
    }

    fn load_obj(&mut self, _: request::LoadObj) -> Result<(), Failure> {
        Err(Failure::Failed("it is no object".into()))
    }

    fn run_th(&mut self, _: request::RunTH, th: &mut ThChannel) -> Result<QResult<crate::protocol::Bytes>, Failure> {
        let extensions = th.call(th_request::ExtsEnabled {})?;
        Ok(QResult::QFail(HsString::from(format!("{extensions:?}"))))
    }

    fn shutdown(&mut self, _: request::Shutdown) -> Result<(), Failure> {
        Ok(())
    }
}

fn run_th() -> Message {
    let (state, splice) = (QStateRef(1), HValueRef(2));
    request::RunTH { state, splice, result_type: THResultType::THExp, location: None }.into()
}

#[test]
fn a_session_answers_fails_asks_and_ends() {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    let server = thread::spawn(move || {
        serve_native(theirs.try_clone().expect("a second handle"), theirs, &mut Finder, &InterruptGate::default())
    });
    write_hello(&ours).expect("sent");
    read_hello(&ours).expect("of the same format");
    let mut asked = Vec::new();
    let mut call = |message: Message| {
        call_native(&ours, &ours, &message, |question| {
            asked.push(question);
            ThReply::ExtsEnabled(THResult::THComplete(Vec::new()))
        })
        .expect("the wire works")
    };
    let library = HsString::from("m");
    let found = call(request::FindSystemLibrary { name: library.clone() }.into());
    assert_eq!(found, Ok(Reply::FindSystemLibrary(Some(library))));
    let refused = call(request::LoadObj { path: "x.o".into() }.into());
    assert_eq!(refused, Err("it is no object".into()), "and the session goes on");
    let splice = call(run_th());
    assert_eq!(splice, Ok(Reply::RunTH(QResult::QFail("Ok([])".into()))));
    assert_eq!(call(request::Shutdown {}.into()), Ok(Reply::Shutdown(())));
    assert_eq!(asked, [ThMessage::from(th_request::ExtsEnabled {})]);
    server.join().expect("no panic").expect("no error");
}

#[test]
fn another_format_is_refused_at_once() {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    let server = thread::spawn(move || {
        serve_native(theirs.try_clone().expect("a second handle"), theirs, &mut Finder, &InterruptGate::default())
    });
    std::io::Write::write_all(&mut &ours, b"bcvm/n\xff\xff").expect("sent");
    let error = server.join().expect("no panic").expect_err("refused");
    assert!(error.to_string().contains("65535"), "{error}");
}
