//! What evaluations may use, as far as a policy says so: one table, from which come the fields, the keys of a file, the
//! options of the command line and the words that explain them.

use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::cli::args::{parse_count, parse_duration, parse_size};

/// The table: documentation, name, type, option of the command line, what is written for its value, who reads that, who
/// shows it, and what it is of.
macro_rules! for_each_limit {
    ($macro:ident) => {
        $macro! {
            /// Bytes of Haskell heap that a session may have
            memory: u64 = "limit-memory", "SIZE", parse_size, show_size, "of heap";
            /// Bytes of stack that a Haskell thread may have
            stack: u64 = "limit-stack", "SIZE", parse_size, show_size, "for each thread";
            /// How long an evaluation may take, as in 500ms, 10s, 2m
            time: Duration = "timeout", "TIME", parse_duration, show_duration, "for each evaluation";
            /// Steps that an evaluation may take: byte code objects started and words allocated
            fuel: u64 = "limit-fuel", "STEPS", parse_count, show_count, "steps for each evaluation";
            /// Bytes that an evaluation may write
            output: u64 = "limit-output", "SIZE", parse_size, show_size, "for each evaluation";
            /// References to values that GHC may hold
            refs: u64 = "limit-refs", "NUMBER", parse_count, show_count, "values that GHC holds";
            /// Bytes of memory that loaded objects may take
            code: u64 = "limit-code", "SIZE", parse_size, show_size, "of loaded objects";
            /// Entries of the code tables that loaded objects may take: one for each function, return point and thunk
            table: u64 = "limit-table", "NUMBER", parse_count, show_count, "entries of loaded objects";
            /// Bytes of a message of GHC's
            message: u64 = "limit-message", "SIZE", parse_size, show_size, "for each message of GHC's";
        }
    };
}

macro_rules! define {
    ($($(#[$doc:meta])+ $name:ident: $type:ty = $option:literal, $value:literal, $parse:ident, $show:ident, $of:literal;)+) => {
        /// Limits; what is not said is left to the interpreter's own default.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
        pub struct Limits {
            $($(#[$doc])+ #[arg(long = $option, value_name = $value, value_parser = $parse)] pub $name: Option<$type>,)+
        }

        impl Limits {
            /// Both at once.
            pub fn narrowed(self, by: Limits) -> Limits {
                Limits { $($name: tighter(self.$name, by.$name),)+ }
            }

            /// These where they say something, those elsewhere: what the command line says replaces what a file says.
            pub fn or(self, otherwise: Limits) -> Limits {
                Limits { $($name: self.$name.or(otherwise.$name),)+ }
            }

            /// As options of a command line.
            pub fn to_options(&self) -> Vec<String> {
                let options = [$(self.$name.map(|limit| format!("--{}={}", $option, option_of(limit.into()))),)+];
                options.into_iter().flatten().collect()
            }

            /// A line for each that is set.
            pub(super) fn explained(&self) -> Vec<String> {
                let lines = [$(self.$name.map(|limit| format!("{}: {} {}", stringify!($name), $show(limit), $of)),)+];
                lines.into_iter().flatten().collect()
            }
        }

        /// `[limits]` of a file.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct Written {
            $($name: Option<Spanned<Value>>,)+
        }

        impl Written {
            /// What they mean; or where one means nothing, and why.
            pub(super) fn read(&self) -> Result<Limits, (Range<usize>, String)> {
                Ok(Limits { $($name: read(&self.$name, $parse)?,)+ })
            }
        }
    };
}

for_each_limit!(define);

fn read<T>(
    written: &Option<Spanned<Value>>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, (Range<usize>, String)> {
    let Some(written) = written else { return Ok(None) };
    let text = match written.get_ref() {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        other => return Err((written.span(), format!("a limit is a number or a text, not a {}", other.type_str()))),
    };
    parse(&text).map(Some).map_err(|what| (written.span(), what))
}

/// The smaller of two limits, where no limit is larger than any.
fn tighter<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A limit of either type.
enum Limit {
    Number(u64),
    Time(Duration),
}

impl From<u64> for Limit {
    fn from(number: u64) -> Limit {
        Limit::Number(number)
    }
}

impl From<Duration> for Limit {
    fn from(time: Duration) -> Limit {
        Limit::Time(time)
    }
}

fn option_of(limit: Limit) -> String {
    match limit {
        Limit::Number(number) => number.to_string(),
        Limit::Time(time) => format!("{}ms", time.as_millis()),
    }
}

/// Bytes, with a unit if that is exact.
fn show_size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match units.iter().find(|(_, shift)| bytes > 0 && bytes.trailing_zeros() >= *shift) {
        Some((unit, shift)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

fn show_count(number: u64) -> String {
    number.to_string()
}

fn show_duration(time: Duration) -> String {
    format!("{time:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn options_say_what_they_are_made_from() {
        let text = "memory = '64M'\nstack = '1M'\ntime = '2s'\nfuel = 1000000\noutput = '10K'\nrefs = 10\ncode = '1G'\n\
                    table = 4000\nmessage = 4096\n";
        let limits = toml::from_str::<Written>(text).unwrap().read().unwrap();
        assert_eq!(
            (limits.fuel, limits.message, limits.time),
            (Some(1_000_000), Some(4096), Some(Duration::from_secs(2)))
        );
        let options = limits.to_options();
        assert_eq!(options.len(), text.lines().count());
        let parsed = Options::try_parse_from(["x".to_owned()].into_iter().chain(options)).unwrap();
        assert_eq!(parsed.limits, limits);
        assert_eq!(limits.explained().len(), text.lines().count());
    }
}
