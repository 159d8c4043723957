//! Sessions in memory: a handler, requests as bytes, replies as bytes.

use std::io::{self, Cursor, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::arguments::{ArgumentError, Arguments};
use super::no_machine::NoMachine;
use super::*;
use crate::protocol::binary::{decode_all, encode};
use crate::protocol::error::DecodeError;
use crate::protocol::shape::Encoded;
use crate::protocol::th::ast;
use crate::protocol::types::*;
use crate::protocol::*;

const V: GhcVersion = GhcVersion::V9_0;

fn requests(messages: impl IntoIterator<Item = Message>) -> Vec<u8> {
    messages.into_iter().flat_map(|message| encode(&message, V).unwrap()).collect()
}

fn run(handler: &mut dyn Handler, input: &[u8]) -> (Result<Exit, ServeError>, Vec<u8>) {
    run_with(handler, input, &Config::default())
}

fn run_with(handler: &mut dyn Handler, input: &[u8], config: &Config) -> (Result<Exit, ServeError>, Vec<u8>) {
    let output = Output::default();
    let result = serve(Cursor::new(input.to_vec()), output.clone(), handler, config);
    let written = output.0.lock().unwrap().clone();
    (result, written)
}

/// Keeps what is written.
#[derive(Clone, Default)]
pub(super) struct Output(pub Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SHUTDOWN: Message = Message::Shutdown(request::Shutdown {});

#[test]
fn replies_come_in_order_and_unit_replies_take_no_bytes() {
    let load = |path: &str| request::LoadDLL { path: path.into() }.into();
    let input = requests([
        request::InitLinker {}.into(),
        request::FindSystemLibrary { name: "c".into() }.into(),
        load("libc.so"),
        load("libnone.so"),
        request::RtsRevertCAFs {}.into(),
        request::MallocStrings { strings: vec![] }.into(),
        SHUTDOWN,
    ]);
    let (exit, output) = run(&mut NoMachine, &input);
    let statistics = exit.unwrap().statistics;
    assert_eq!(output[..2], [0, 0]);
    assert_eq!(output[output.len() - 8..], [0; 8]);
    let error: Option<HsString> = decode_all(&output[2..output.len() - 8], V).unwrap();
    assert!(error.unwrap().as_str().unwrap().starts_with("libnone.so: not loaded"));
    let dlls = statistics.get(MessageKind::LoadDLL);
    assert_eq!((dlls.messages, dlls.bytes_out), (2, output.len() as u64 - 9));
    assert_eq!(statistics.get(MessageKind::Shutdown).messages, 1);
    assert!(statistics.to_string().contains("LoadDLL"));
}

#[test]
fn bad_ends() {
    let (exit, _) = run(&mut NoMachine, &[]);
    assert!(matches!(exit, Err(ServeError::Eof { offset: 0 })));

    let init = requests([request::InitLinker {}.into()]);
    let (exit, _) = run(&mut NoMachine, &init);
    assert!(matches!(exit, Err(ServeError::Eof { offset: 1 })));

    let (exit, _) = run(&mut NoMachine, &[1, 2, 0, 0]);
    let e = exit.unwrap_err();
    assert!(matches!(e, ServeError::Decode { source: DecodeError::Ended { offset: 4 }, .. }), "{e}");
    assert!(e.to_string().contains("LookupSymbol"), "{e}");

    let (exit, _) = run(&mut NoMachine, &[1, 99]);
    assert_eq!(exit.unwrap_err().to_string(), "byte 1: no message of GHC 9.0.2 has tag 99");

    let (exit, output) = run(&mut NoMachine, &requests([request::LoadObj { path: "/x.o".into() }.into()]));
    assert_eq!(exit.unwrap_err().to_string(), "LoadObj: /x.o: this server cannot load objects");
    assert_eq!(output, [0u8; 0]);

    let (exit, _) = run(&mut NoMachine, &requests([request::StartTH {}.into()]));
    assert_eq!(exit.unwrap_err().to_string(), "StartTH: StartTH is not supported by this server");
}

#[test]
fn a_message_beyond_the_limit_ends_the_session() {
    let config = Config { message_limit: 1000, ..Config::default() };
    let fits = request::LoadDLL { path: "x".repeat(900).into() };
    let long = request::LoadDLL { path: "x".repeat(1100).into() };
    let input = requests([fits.into(), long.into()]);
    let (exit, output) = run_with(&mut NoMachine, &input, &config);
    let e = exit.unwrap_err();
    assert!(matches!(e, ServeError::Decode { message: "LoadDLL", .. }), "{e}");
    assert_eq!(output[0], 1);
}

/// What an unsupported message does to a session depends only on whether its reply can hold an exception.
#[test]
fn every_message_has_a_default() {
    struct Empty;
    impl Handler for Empty {}
    for kind in MessageKind::ALL {
        let tag = kind.tag(V).unwrap();
        // Enough zero bytes for the fields of any message.
        let input = [vec![tag], vec![0; 100]].concat();
        let (exit, output) = run(&mut Empty, &input);
        let text = format!("{} is not supported by this server", kind.name());
        if kind.evaluates() {
            let mut expected = Encoder::new(V);
            HsString::from(&text[..]).put(&mut expected);
            let expected = expected.finish().unwrap();
            assert!(output.windows(expected.len()).any(|w| w == expected), "{kind:?} answered {output:?}");
        } else {
            assert_eq!(exit.unwrap_err().to_string(), format!("{}: {text}", kind.name()));
            assert_eq!(output, [0u8; 0], "{kind:?}");
        }
    }
}

/// A splice that asks for a name, warns about it and makes an expression of it.
struct Splicer;

impl Handler for Splicer {
    fn shutdown(&mut self, _: request::Shutdown) -> Result<(), Failure> {
        Ok(())
    }

    fn run_th(&mut self, _: request::RunTH, th: &mut ThChannel) -> Result<QResult<Bytes>, Failure> {
        th.tell(th_request::StartRecover {})?;
        let name: Encoded<ast::Name> = match th.call(th_request::NewName { base: "x".into() })? {
            Ok(name) => name,
            Err(text) => return Ok(QResult::QFail(text.into())),
        };
        th.call_any(th_request::Report { is_error: false, text: "hm".into() }.into())?;
        Ok(QResult::QDone(Bytes([&[0], name.bytes()].concat())))
    }

    fn run_mod_finalizers(&mut self, _: request::RunModFinalizers, th: &mut ThChannel) -> Result<QResult<()>, Failure> {
        th.tell(th_request::RunTHDone {})?;
        Ok(QResult::QDone(()))
    }
}

fn run_th() -> Message {
    let (state, splice) = (QStateRef(1), HValueRef(2));
    request::RunTH { state, splice, result_type: THResultType::THExp, location: None }.into()
}

#[test]
fn a_splice_asks_back() {
    let name = super::tests::name_bytes();
    let input = [requests([run_th()]), vec![1], name.clone(), vec![1], requests([SHUTDOWN])].concat();
    let (exit, output) = run(&mut Splicer, &input);
    exit.unwrap();
    let asked = [
        encode(&ThMessage::from(th_request::StartRecover {}), V).unwrap(),
        encode(&ThMessage::from(th_request::NewName { base: "x".into() }), V).unwrap(),
        encode(&ThMessage::from(th_request::Report { is_error: false, text: "hm".into() }), V).unwrap(),
        vec![18],
        encode(&QResult::QDone(Bytes([vec![0], name].concat())), V).unwrap(),
    ];
    assert_eq!(output, asked.concat());
}

/// Name "x", NameS.
fn name_bytes() -> Vec<u8> {
    vec![0, 0, 0, 0, 0, 0, 0, 1, b'x', 0]
}

#[test]
fn a_splice_is_refused_or_cut_off() {
    let refusal = encode(&THResult::<()>::THException("no".into()), V).unwrap();
    let (exit, output) = run(&mut Splicer, &[requests([run_th()]), refusal, requests([SHUTDOWN])].concat());
    exit.unwrap();
    let end = [vec![18], encode(&QResult::<Bytes>::QFail("no".into()), V).unwrap()].concat();
    assert!(output.ends_with(&end));

    // GHC goes away while it is being asked.
    let (exit, _) = run(&mut Splicer, &requests([run_th()]));
    let e = exit.unwrap_err().to_string();
    assert!(e.starts_with("RunTH: reading GHC's answer to NewName: end of file"), "{e}");

    // A handler cannot end the sub-session itself; the answer is an exception.
    let finalizers = request::RunModFinalizers { state: QStateRef(1), actions: vec![] };
    let (exit, output) = run(&mut Splicer, &requests([finalizers.into(), SHUTDOWN]));
    exit.unwrap();
    assert_eq!(output[..2], [18, 1]);
}

/// A handler with a command of its own: 200 doubles a number.
struct Doubler;

impl Handler for Doubler {
    fn shutdown(&mut self, _: request::Shutdown) -> Result<(), Failure> {
        Ok(())
    }

    fn extension(&mut self, tag: u8, input: &mut Decoder<'_>, reply: &mut Encoder) -> Result<bool, ExtensionError> {
        if tag != 200 {
            return Ok(false);
        }
        let n = i64::get(input)?;
        (2 * n).put(reply);
        Ok(true)
    }
}

#[test]
fn own_commands() {
    let input = [vec![200], 21i64.to_be_bytes().to_vec(), requests([SHUTDOWN])].concat();
    let (exit, output) = run(&mut Doubler, &input);
    exit.unwrap();
    assert_eq!(output, 42i64.to_be_bytes());
    assert!(matches!(run(&mut Doubler, &[200, 1]).0, Err(ServeError::Decode { .. })));
    assert!(matches!(run(&mut Doubler, &[201]).0, Err(ServeError::UnknownTag { tag: 201, offset: 0, .. })));
}

/// Counts interrupts; its evaluation presses ^C itself.
struct Interrupted {
    gate: InterruptGate,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct Bell(AtomicU32);

impl Interrupter for Bell {
    fn interrupt(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Handler for Interrupted {
    fn shutdown(&mut self, _: request::Shutdown) -> Result<(), Failure> {
        // Between evaluations nobody listens.
        assert!(!self.gate.interrupt());
        Ok(())
    }

    fn eval_io(&mut self, _: request::EvalIO) -> Result<EvalResult<()>, Failure> {
        assert!(self.gate.interrupt());
        Err(Failure::Exception(SerializableException::EUserInterrupt))
    }

    fn interrupter(&self) -> Option<Arc<dyn Interrupter>> {
        Some(self.bell.clone())
    }
}

#[test]
fn interrupts_hit_evaluations_only() {
    let gate = InterruptGate::default();
    let mut handler = Interrupted { gate: gate.clone(), bell: Arc::default() };
    let config = Config { interrupts: gate.clone(), ..Config::default() };
    let input = requests([request::EvalIO { action: HValueRef(1) }.into(), SHUTDOWN]);
    assert!(!gate.interrupt());
    let (exit, output) = run_with(&mut handler, &input, &config);
    exit.unwrap();
    assert_eq!(output, [0, 0]);
    assert_eq!(handler.bell.0.load(Ordering::Relaxed), 1);
    assert!(!gate.interrupt());
}

fn parse(args: &[&str]) -> Result<Arguments, ArgumentError> {
    Arguments::parse_from_ghc(args.iter().map(Into::into))
}

#[test]
fn command_lines() {
    let plain = parse(&["/usr/bin/bcvm-iserv", "13", "14"]).unwrap();
    assert_eq!((plain.write_fd, plain.read_fd, plain.verbose), (13, 14, 0));
    assert_eq!(parse(&["bcvm-iserv-dyn", "13", "14"]).unwrap(), plain);
    let rts = parse(&["bcvm-iserv", "+RTS", "-s", "-RTS", "13", "14", "+RTS", "-A4m"]).unwrap();
    assert_eq!(rts, plain);
    assert!(parse(&["bcvm-iserv", "13", "14", "-v"]).unwrap().verbose == 1);
    let record = parse(&["bcvm-iserv", "13", "14", "--record=x", "--via", "/bin/y"]).unwrap();
    assert_eq!(
        (record.record.unwrap().as_os_str(), record.via.unwrap().as_os_str()),
        ("x".as_ref(), "/bin/y".as_ref())
    );
    let e = parse(&["/opt/bcvm-iserv-prof", "13", "14"]).unwrap_err().to_string();
    assert!(e.starts_with("bcvm-iserv-prof: profiled byte code is not supported"), "{e}");
    for wrong in [&["bcvm-iserv"][..], &["bcvm-iserv", "13"], &["bcvm-iserv", "a", "b"], &["bcvm-iserv", "1", "2", "3"]]
    {
        assert!(matches!(parse(wrong), Err(ArgumentError::Usage(_))), "{wrong:?}");
    }
}

#[test]
fn inherited_descriptors() {
    use std::os::fd::AsRawFd;
    // Nobody has so many.
    assert!(inherited::take(9_999_999).unwrap_err().to_string().contains("is not open"));
    assert!(inherited::take(9_999_999).unwrap_err().to_string().contains("given twice"));
    assert!(inherited::take(1).unwrap_err().to_string().contains("cannot be a pipe"));
    assert!(inherited::take(-1).is_err());
    let own = std::fs::File::open("/dev/null").unwrap();
    assert!(inherited::take(own.as_raw_fd()).unwrap_err().to_string().contains("was not inherited"));
}
