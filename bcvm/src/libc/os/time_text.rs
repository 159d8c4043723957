//! Texts of times (`time.h`), in the C locale: `strftime`, `asctime` and their kin.

use super::area::{CALENDAR, CALENDAR_TEXT};
use super::calendar::{days_from_civil, gmtime_r, localtime_r};
use crate::interp::machine::Machine;
use crate::libc::memory::c_string;
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::format;
use alloc::string::String;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A `struct tm`.
struct Time {
    second: i64,
    minute: i64,
    hour: i64,
    day: i64,
    month: i64,
    /// The year itself.
    year: i64,
    weekday: i64,
    of_year: i64,
    offset: i64,
    zone: String,
}

impl Time {
    fn read(m: &Machine, tm: Word) -> Time {
        const OFFSET: u32 = 40;
        const ZONE: u32 = 48;
        let at = Addr::from_word(tm);
        let field = |i: u32| i64::from(m.mem.u32(at + 4 * i) as i32);
        let zone = match m.mem.word(at + ZONE) {
            0 => String::new(),
            zone => String::from_utf8_lossy(&c_string(&m.mem, zone)).into_owned(),
        };
        Time {
            second: field(0),
            minute: field(1),
            hour: field(2),
            day: field(3),
            month: field(4),
            year: field(5) + 1900,
            weekday: field(6),
            of_year: field(7),
            offset: m.mem.word(at + OFFSET) as i64,
            zone,
        }
    }

    /// A name by a number that the program may have chosen.
    fn name<'n>(names: &[&'n str], number: i64) -> &'n str {
        usize::try_from(number).ok().and_then(|i| names.get(i)).copied().unwrap_or("?")
    }

    /// The hour on a dial.
    fn dial(&self) -> i64 {
        match self.hour.rem_euclid(12) {
            0 => 12,
            hour => hour,
        }
    }

    /// The week's number if weeks begin on the day that is `first`.
    fn week(&self, first: i64) -> i64 {
        (self.of_year + 7 - (self.weekday - first).rem_euclid(7)).div_euclid(7)
    }

    /// Year and week of ISO 8601, whose weeks belong to the year that has their Thursday.
    fn iso_week(&self) -> (i64, i64) {
        let monday = (self.weekday - 1).rem_euclid(7);
        let thursday = self.of_year - monday + 3;
        let is_leap = |year: i64| year.rem_euclid(4) == 0 && year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0;
        let days = |year: i64| 365 + is_leap(year) as i64;
        if thursday < 0 {
            let year = self.year - 1;
            (year, (thursday + days(year)).div_euclid(7) + 1)
        } else if thursday >= days(self.year) {
            (self.year + 1, 1)
        } else {
            (self.year, thursday.div_euclid(7) + 1)
        }
    }

    /// Seconds since 1970 if the fields are local time.
    fn seconds(&self) -> i64 {
        let days = days_from_civil(self.year, self.month, 1).saturating_add(self.day - 1);
        days.saturating_mul(86_400) + (self.hour * 3600 + self.minute * 60 + self.second).wrapping_sub(self.offset)
    }

    /// What a conversion of `strftime` stands for; none if it is none.
    fn part(&self, letter: u8) -> Option<String> {
        let two = |n: i64| format!("{n:02}");
        Some(match letter {
            b'a' => Time::name(&WEEKDAYS, self.weekday).chars().take(3).collect(),
            b'A' => Time::name(&WEEKDAYS, self.weekday).into(),
            b'b' | b'h' => Time::name(&MONTHS, self.month).chars().take(3).collect(),
            b'B' => Time::name(&MONTHS, self.month).into(),
            b'c' => self.text("%a %b %e %H:%M:%S %Y"),
            b'C' => two(self.year.div_euclid(100)),
            b'd' => two(self.day),
            b'D' | b'x' => self.text("%m/%d/%y"),
            b'e' => format!("{:2}", self.day),
            b'F' => self.text("%Y-%m-%d"),
            b'g' => two(self.iso_week().0.rem_euclid(100)),
            b'G' => format!("{}", self.iso_week().0),
            b'H' => two(self.hour),
            b'I' => two(self.dial()),
            b'j' => format!("{:03}", self.of_year + 1),
            b'k' => format!("{:2}", self.hour),
            b'l' => format!("{:2}", self.dial()),
            b'm' => two(self.month + 1),
            b'M' => two(self.minute),
            b'n' => "\n".into(),
            b'p' => if self.hour < 12 { "AM" } else { "PM" }.into(),
            b'P' => if self.hour < 12 { "am" } else { "pm" }.into(),
            b'r' => self.text("%I:%M:%S %p"),
            b'R' => self.text("%H:%M"),
            b's' => format!("{}", self.seconds()),
            b'S' => two(self.second),
            b't' => "\t".into(),
            b'T' | b'X' => self.text("%H:%M:%S"),
            b'u' => format!("{}", (self.weekday - 1).rem_euclid(7) + 1),
            b'U' => two(self.week(0)),
            b'V' => two(self.iso_week().1),
            b'w' => format!("{}", self.weekday),
            b'W' => two(self.week(1)),
            b'y' => two(self.year.rem_euclid(100)),
            b'Y' => format!("{}", self.year),
            b'z' => {
                let minutes = self.offset.unsigned_abs() / 60;
                format!("{}{:02}{:02}", if self.offset < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
            }
            b'Z' => self.zone.clone(),
            b'%' => "%".into(),
            _ => return None,
        })
    }

    /// What a format stands for. The flags `E` and `O` change nothing in the C locale, and `-` takes away leading zeros.
    fn text(&self, format: &str) -> String {
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            let spec = &rest[at + 1..];
            let flags = spec.bytes().take_while(|c| matches!(c, b'E' | b'O' | b'-' | b'_')).count();
            let letter = spec.as_bytes().get(flags).copied().unwrap_or(0);
            match self.part(letter) {
                Some(part) if spec[..flags].contains('-') => {
                    let bare = part.trim_start_matches(['0', ' ']);
                    text.push_str(if bare.is_empty() { "0" } else { bare });
                }
                Some(part) => text.push_str(&part),
                None => {
                    text.push('%');
                    rest = spec;
                    continue;
                }
            }
            rest = &spec[flags + 1..];
        }
        text.push_str(rest);
        text
    }
}

/// `strftime`: the text's length, or 0 if it does not fit.
fn strftime(m: &mut Machine, [out, room, format, tm]: [Word; 4]) -> Word {
    let format = String::from_utf8_lossy(&c_string(&m.mem, format)).into_owned();
    let text = Time::read(m, tm).text(&format);
    if text.len() as Word >= room {
        return 0;
    }
    super::call::write_text(m, Addr::from_word(out), &text);
    text.len() as Word
}

/// `asctime_r`.
fn write(m: &mut Machine, tm: Word, out: Word) -> Word {
    if tm == 0 {
        return 0;
    }
    let text = Time::read(m, tm).text("%a %b %e %H:%M:%S %Y\n");
    super::call::write_text(m, Addr::from_word(out), &text)
}

functions! {
    "gmtime" "n" b'n' = |m, [clock, ..]| gmtime_r(m, clock, CALENDAR.word());
    "localtime" "n" b'n' = |m, [clock, ..]| localtime_r(m, clock, CALENDAR.word());
    "asctime" "n" b'n' = |m, [tm, ..]| write(m, tm, CALENDAR_TEXT.word());
    "asctime_r" "nn" b'n' = |m, [tm, out, ..]| write(m, tm, out);
    "ctime" "n" b'n' = |m, [clock, ..]| {
        let tm = localtime_r(m, clock, CALENDAR.word());
        write(m, tm, CALENDAR_TEXT.word())
    };
    "ctime_r" "nn" b'n' = |m, [clock, out, ..]| {
        let tm = localtime_r(m, clock, CALENDAR.word());
        write(m, tm, out)
    };
    "strftime" "nnnn" b'n' = |m, [out, room, format, tm, ..]| strftime(m, [out, room, format, tm]);
    "difftime" "nn" b'd' = |_, [a, b, ..]| ((a as i64).wrapping_sub(b as i64) as f64).to_bits();
}

#[cfg(test)]
mod tests {
    use crate::libc::harness::*;

    /// What `strftime` makes of a time in UTC.
    fn text(format: &str, seconds: i64) -> String {
        let mut m = machine();
        let (clock, out, format) = (words(&mut m, 1), words(&mut m, 32), string(&mut m, format));
        m.mem.set_word(crate::word::Addr::from_word(clock), seconds as u64);
        let tm = call(&mut m, "gmtime", &[clock]);
        call(&mut m, "strftime", &[out, 256, format, tm]);
        read(&m, out)
    }

    #[test]
    fn times_have_the_texts_of_c() {
        // 2026-11-21 03:14:07 UTC, a Saturday.
        for (format, expected) in [
            ("%Y-%m-%d %H:%M:%S", "2026-11-21 03:14:07"),
            ("%a %A %b %B %e|%-d", "Sat Saturday Nov November 21|21"),
            ("%D %T %R %r %p", "11/21/26 03:14:07 03:14 03:14:07 AM AM"),
            ("%j %U %W %V %G %u %w", "325 46 46 47 2026 6 6"),
            ("%C %y %I %l %z %Z %s %%%n", "20 26 03  3 +0000 GMT 1795230847 %\n"),
            ("%c|%Ey|%q", "Sat Nov 21 03:14:07 2026|26|%q"),
        ] {
            assert_eq!(text(format, 1_795_230_847), expected, "{format}");
        }
        // Days about the turn of a year belong to weeks of the other.
        assert_eq!(text("%G-W%V-%u", 1_609_459_200), "2020-W53-5");
        assert_eq!(text("%G-W%V-%u", 1_230_681_600), "2009-W01-3");
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let mut m = machine();
        let (clock, out, format) = (words(&mut m, 1), words(&mut m, 4), string(&mut m, "%Y"));
        let tm = call(&mut m, "gmtime", &[clock]);
        assert_eq!(
            [call(&mut m, "strftime", &[out, 4, format, tm]), call(&mut m, "strftime", &[out, 5, format, tm])],
            [0, 4]
        );
    }
}
