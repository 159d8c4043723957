//! Sessions with a machine, in memory.

use super::*;
use crate::interp::Backend;
use crate::protocol::bco::BcoChunk;
use crate::protocol::types::{
    EvalResult, EvalStatus, HValueRef, QResult, QStateRef, SerializableException, THResultType,
};
use crate::protocol::{Binary, GhcVersion, HsString, Message, ThMessage, decode, decode_all, encode};
use crate::server::tests::Output;
use crate::server::{Config, Exit, ServeError, serve};
use std::io::Cursor;

use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use bcvm::bytecode::Bci;
use bcvm::bytecode::raw::Instr;

const V: GhcVersion = GhcVersion::V9_0;

fn server() -> MachineServer {
    MachineServer::new(Interp::builder().backend(Backend::Internal).limit_memory(8 << 20))
}

fn run(server: &mut MachineServer, messages: &[Message]) -> (Result<Exit, ServeError>, Vec<u8>) {
    let input: Vec<u8> = messages.iter().flat_map(|message| encode(message, V).unwrap()).collect();
    run_bytes(server, input)
}

fn run_bytes(server: &mut MachineServer, input: Vec<u8>) -> (Result<Exit, ServeError>, Vec<u8>) {
    let output = Output::default();
    let result = serve(Cursor::new(input), output.clone(), server, &Config::default());
    let written = output.0.lock().unwrap().clone();
    (result, written)
}

/// The only reply of a session with one message.
fn reply<T: Binary>(server: &mut MachineServer, message: impl Into<Message>) -> T {
    let (exit, output) = run(server, &[message.into(), request::Shutdown {}.into()]);
    exit.unwrap();
    decode_all(&output, V).unwrap()
}

fn text_of(exception: SerializableException) -> String {
    match exception {
        SerializableException::EOtherException(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Whatever comes, with references and addresses that mean nothing: a reply, or an end that names message and reason.
#[test]
fn every_message_is_answered() {
    for kind in MessageKind::ALL {
        let tag = kind.tag(V).unwrap();
        let shutdown = MessageKind::Shutdown.tag(V).unwrap();
        // The fields of any message; Shutdown, which is zero bytes, comes behind them.
        assert_eq!(shutdown, 0);
        let input = [vec![tag], vec![0; 100]].concat();
        let (result, output) = run_bytes(&mut server(), input);
        match result {
            Ok(_) => assert!(!kind.has_reply() || !output.is_empty() || *kind == MessageKind::Shutdown, "{kind:?}"),
            Err(ServeError::Failed { message, source }) => {
                let text = source.to_string();
                assert_eq!(message, kind.name());
                assert!(
                    !text.contains(kind.name()) && !text.contains("not supported by this server"),
                    "{kind:?}: {text}"
                );
            }
            Err(other) => panic!("{kind:?}: {other}"),
        }
    }
}

#[test]
fn an_unknown_reference_is_an_exception_where_there_is_room_for_one() {
    let mut server = server();
    let EvalStatus::EvalComplete { result: EvalResult::EvalException(e), .. } =
        reply::<EvalStatus<()>>(&mut server, request::Seq { value: HValueRef(99) })
    else {
        panic!("no exception");
    };
    assert_eq!(text_of(e), "reference 0x63 is not in use");
    let (exit, output) = run(&mut server, &[request::GetClosure { value: HValueRef(99) }.into()]);
    assert_eq!(exit.unwrap_err().to_string(), "GetClosure: reference 0x63 is not in use");
    assert_eq!(output, [0u8; 0]);
}

/// A Haskell character may be a surrogate, and comes back as it went.
#[test]
fn surrogates_pass_through_the_machine() {
    // \s _ -> (# s, text #)
    let mut echo = ResolvedBco { arity: 2, bitmap: vec![1, 0], ..ResolvedBco::default() };
    for (op, operands) in [(Bci::PUSH_L, &[0][..]), (Bci::SLIDE, &[1, 1]), (Bci::ENTER, &[])] {
        Instr::new(op, operands).encode(false, &mut echo.instrs);
    }
    let mut server = server();
    let chunks = vec![BcoChunk(encode_chunk(&[echo]).into())];
    let refs: Vec<HValueRef> = reply(&mut server, request::CreateBCOs { chunks });
    let text = HsString::try_from(b"1 -- \xed\xa0\x80 \xf0\x9f\x98\x80 \xed\xb0\x80".to_vec()).unwrap();
    let message = request::EvalStringToString { function: refs[0], argument: text.clone() };
    assert_eq!(reply::<EvalResult<HsString>>(&mut server, message), EvalResult::EvalSuccess(text));
}

/// A machine that cannot load packages has nothing that would run splices.
#[test]
fn splices_need_packages() {
    let mut server = server();
    let (exit, _) = run(&mut server, &[request::StartTH {}.into()]);
    assert!(exit.unwrap_err().to_string().starts_with("StartTH: no package of GHC is loaded"));
    let (state, splice) = (QStateRef(1), HValueRef(1));
    let splice = request::RunTH { state, splice, result_type: THResultType::THExp, location: None };
    let (exit, output) = run(&mut server, &[splice.into(), request::Shutdown {}.into()]);
    exit.unwrap();
    let (done, len) = decode::<ThMessage>(&output, V).unwrap();
    assert!(matches!(done, ThMessage::RunTHDone(_)));
    let result: QResult<crate::protocol::Bytes> = decode_all(&output[len..], V).unwrap();
    let QResult::QException(text) = result else { panic!("{result:?}") };
    assert!(text.to_string().starts_with("no package of GHC is loaded"), "{text}");
}

/// See Note [When the session is over].
#[test]
fn after_the_session_is_lost_only_exceptions_are_answered() {
    let mut server = server();
    server.lost = true;
    let EvalResult::EvalException(e) =
        reply::<EvalResult<HsString>>(&mut server, request::EvalString { action: HValueRef(30) })
    else {
        panic!("no exception");
    };
    assert!(text_of(e).contains("damaged its machine"));
    let freed = [request::FreeHValueRefs { refs: vec![HValueRef(30)] }.into(), request::Shutdown {}.into()];
    assert!(run(&mut server, &freed).0.is_ok());
    let (exit, _) = run(&mut server, &[request::MallocStrings { strings: vec![] }.into()]);
    assert!(exit.unwrap_err().to_string().starts_with("MallocStrings: the session's values are gone"));
}

#[test]
fn a_machine_that_cannot_be_made_is_the_reason_of_every_failure() {
    let mut server = MachineServer { interp: Pending::Failed("no memory".into()), lost: false };
    let (exit, _) = run(&mut server, &[request::MallocStrings { strings: vec![] }.into()]);
    assert_eq!(exit.unwrap_err().to_string(), "MallocStrings: there is no machine: no memory");
}
