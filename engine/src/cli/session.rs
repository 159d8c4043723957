//! `bcvm transcript` and `bcvm replay`: looking at recorded sessions, and playing GHC's part in one again.

use super::Output;
use super::args::{ReplayOptions, TranscriptOptions};
use super::exit::{Exit, Failure};
use super::file::print;
use crate::external::IservProcess;
use crate::protocol::GhcVersion;
use crate::transcript::{self, Exchange, Transcript};
use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The version whose sessions are recorded.
const VERSION: GhcVersion = GhcVersion::V9_0;
/// Characters of a message or reply that a difference shows.
const SHOWN: usize = 300;

/// The messages of a recording.
fn read(file: &Path) -> Result<Vec<Exchange>, Failure> {
    let unreadable = |error: &dyn std::error::Error| {
        let failure = Failure::from_error(Exit::Input, error);
        Failure::new(Exit::Input, format!("{}: {}", file.display(), failure.message))
    };
    let transcript = Transcript::read(file).map_err(|error| unreadable(&error))?;
    transcript.exchanges(VERSION).collect::<Result<_, _>>().map_err(|error| unreadable(&error))
}

/// Prints every message: when it was sent, its tag and name, the bytes to and from the server, how long the reply
/// took, and how many questions a splice asked meanwhile.
pub fn transcript(options: &TranscriptOptions, output: &mut Output) -> Result<(), Failure> {
    let exchanges = read(&options.file)?;
    let mut text =
        format!("{:>12} {:>4} {:24} {:>10} {:>10} {:>10}\n", "seconds", "tag", "message", "sent", "got", "µs");
    for exchange in &exchanges {
        let kind = exchange.message.kind();
        let tag = kind.tag(VERSION).map_or_else(|| "-".into(), |tag| tag.to_string());
        let micros = (exchange.replied - exchange.sent) * 1e6;
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "{:12.6} {tag:>4} {:24} {:>10} {:>10} {micros:>10.0}",
            exchange.sent,
            kind.name(),
            exchange.request_len,
            exchange.reply_len,
        );
        if !exchange.questions.is_empty() {
            let _ = write!(text, "  {} questions", exchange.questions.len());
        }
        text.push('\n');
    }
    print(output, &text)
}

/// Plays the messages of a recording to a server and prints where its replies differ from the recorded ones.
pub fn replay(options: &ReplayOptions, output: &mut Output) -> Result<(), Failure> {
    let exchanges = read(&options.file)?;
    let sent = exchanges.len();
    let server = options.server.clone().unwrap_or_else(own_server);
    let replay = transcript::replay(exchanges, &IservProcess::builder(&server).build());
    let mut text = String::new();
    for difference in &replay.differences {
        let _ = writeln!(
            text,
            "message {}: {}\n  recorded: {}\n  replied:  {}",
            difference.index,
            shortened(&difference.message),
            shortened(&difference.recorded),
            shortened(&difference.replied),
        );
    }
    let _ =
        writeln!(text, "{} of {sent} messages answered, {} replies differ", replay.answered, replay.differences.len());
    print(output, &text)?;
    match replay.lost {
        Some(error) => Err(Failure::new(Exit::Crash, format!("{}: {error}", server.display()))),
        None if replay.differences.is_empty() => Ok(()),
        None => Err(Failure::new(Exit::Exception, "the server's replies differ from the recorded ones")),
    }
}

/// `bcvm-iserv` beside this program, or wherever it is found.
pub(super) fn own_server() -> PathBuf {
    let beside = env::current_exe().ok().map(|program| program.with_file_name("bcvm-iserv"));
    beside.filter(|file| file.is_file()).unwrap_or_else(|| PathBuf::from("bcvm-iserv"))
}

/// The beginning of a text that may be very long.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
