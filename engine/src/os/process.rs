//! Who the process is, its environment and locale, random numbers, and what is never granted.

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgid, getpid, getuid};
use rustix::rand::{GetRandomFlags, getrandom};

use super::memory::{Answer, Room};
use super::state::{Os, denied};

impl Os {
    /// The parent is nobody's business: it is process 1.
    pub(super) fn identity(&mut self, which: i32) -> Answer {
        Ok(match which {
            0 => i64::from(getpid().as_raw_pid()),
            1 => 1,
            2 => i64::from(getuid().as_raw()),
            3 => i64::from(geteuid().as_raw()),
            4 => i64::from(getgid().as_raw()),
            5 => i64::from(getegid().as_raw()),
            _ => return Err(Errno::INVAL),
        })
    }

    pub(super) fn getrandom(&mut self, buf: Room<'_>) -> Answer {
        let mut bytes = vec![0; buf.len()];
        if let Some(seeded) = &mut self.reach.seeded {
            seeded.fill(&mut bytes);
            return buf.put(&bytes);
        }
        let n = getrandom(&mut bytes[..], GetRandomFlags::empty())?;
        buf.put(&bytes[..n])
    }

    pub(super) fn environ(&mut self, buf: Room<'_>) -> Answer {
        let mut block = Vec::new();
        for (name, value) in &self.environment {
            for piece in [name.as_bytes(), b"=", value.as_bytes(), b"\0"] {
                block.extend(piece);
            }
        }
        if buf.len() >= block.len() {
            buf.put(&block)?;
        }
        Ok(block.len() as i64)
    }

    pub(super) fn codeset(&mut self, buf: Room<'_>) -> Answer {
        buf.put_text(codeset(|name| env::var_os(name)).as_bytes())
    }

    pub(super) fn refused(&mut self, what: OsString) -> Answer {
        const NEVER: [&str; 6] = ["exec", "fork", "vfork", "spawn", "socket", "popen"];
        if NEVER.iter().any(|never| what.as_encoded_bytes().starts_with(never.as_bytes())) {
            self.record.tell_once(&what);
        }
        Err(denied("system call", what, Errno::PERM))
    }
}

/// The character encoding of the locale that the environment asks for, as glibc calls it.
///
/// Whether the locale is installed is not looked at: a program that is asked for UTF-8 better writes it.
pub(super) fn codeset(variable: impl Fn(&str) -> Option<OsString>) -> String {
    const OF_C: &str = "ANSI_X3.4-1968";
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
    let locale = locale.to_string_lossy().into_owned();
    let encoding = locale.split_once('.').map(|(_, rest)| rest.split('@').next().unwrap_or_default());
    let known = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match encoding {
        Some(encoding) if encoding.eq_ignore_ascii_case("utf8") || encoding.eq_ignore_ascii_case("utf-8") => {
            "UTF-8".into()
        }
        Some(encoding) if (1..32).contains(&encoding.len()) && encoding.chars().all(known) => encoding.to_uppercase(),
        _ if matches!(&*locale, "" | "C" | "POSIX") => OF_C.into(),
        // A language without an encoding has one of one byte a character, as it had before there was Unicode.
        _ => "ISO-8859-1".into(),
    }
}
