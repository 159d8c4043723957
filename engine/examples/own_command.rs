//! An interpreter server with a command of its own.
//!
//! It is started like `bcvm-iserv` and answers what GHC asks. In addition, message 200 with a `String` answers how many
//! messages of that name have come so far. A program that drives the server sends it between GHC's messages.

use std::collections::HashMap;
use std::process::ExitCode;

use bcvm_engine::protocol::{Binary, Decoder, Encoder, HsString, Message, MessageKind, request};
use bcvm_engine::server::arguments::Arguments;
use bcvm_engine::server::no_machine::{NoMachine, load_dll};
use bcvm_engine::server::{ExtensionError, Failure, Handler, run};

/// The tag of the command; GHC's end at 38.
const COUNT: u8 = 200;

/// Answers a few of GHC's messages and counts all of them.
#[derive(Default)]
struct Counting {
    inner: NoMachine,
    counts: HashMap<&'static str, i64>,
}

impl Handler for Counting {
    fn shutdown(&mut self, message: request::Shutdown) -> Result<(), Failure> {
        self.inner.shutdown(message)
    }

    fn init_linker(&mut self, message: request::InitLinker) -> Result<(), Failure> {
        self.inner.init_linker(message)
    }

    fn load_dll(&mut self, message: request::LoadDLL) -> Result<Option<HsString>, Failure> {
        Ok(load_dll(&message.path.to_path()).err().map(HsString::from))
    }

    fn observe(&mut self, message: &Message) {
        *self.counts.entry(message.kind().name()).or_default() += 1;
    }

    fn extension(&mut self, tag: u8, input: &mut Decoder<'_>, reply: &mut Encoder) -> Result<bool, ExtensionError> {
        if tag != COUNT {
            return Ok(false);
        }
        let name = HsString::get(input)?;
        let known = MessageKind::ALL.iter().find(|kind| name.as_str() == Some(kind.name()));
        known.and_then(|kind| self.counts.get(kind.name()).copied()).unwrap_or(0).put(reply);
        Ok(true)
    }
}

fn main() -> ExitCode {
    let result = Arguments::parse_from_ghc(std::env::args_os()).map_err(Into::into);
    let result: Result<u8, Box<dyn std::error::Error>> =
        result.and_then(|arguments| Ok(run(&arguments, Counting::default)?));
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
