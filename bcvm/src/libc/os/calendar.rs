//! Calendar time (`time.h`): seconds since 1970 to year, month and day and back, in UTC and in the host's time zone.

use super::area::{TEXT, ZONE, ZONE_BYTES};
use super::call::{FAILED, fail_null, try_system, write_text};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::EOVERFLOW;
use crate::libc::table::functions;
use crate::word::{Addr, Word};

const DAY: i64 = 86_400;

/// Offsets in a `struct tm`, whose first nine fields are C ints in the order of [`Tm`]'s.
const TM_FIELDS: u32 = 9;
const TM_GMTOFF: u32 = 40;
const TM_ZONE: u32 = 48;

/// A zone at some time: seconds east of Greenwich, whether it is summer time, where its abbreviation lies.
struct Zone {
    offset: i64,
    is_dst: i32,
    name: Word,
}

/// Days from 1970-01-01 to the given day, month counted from 0. Years are counted from March here, so that the leap day
/// is a year's last.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year + month.div_euclid(12);
    let month = month.rem_euclid(12);
    let (y, m) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * m + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse: year, month from 0, day of the month.
pub fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (year, month) = if m < 10 { (era * 400 + year, m + 2) } else { (era * 400 + year + 1, m - 10) };
    (year, month, of_year - (153 * m + 2) / 5 + 1)
}

/// The fields of a `struct tm` for seconds of some zone's time; none if the year is no C int.
fn fields(seconds: i64) -> Option<[i32; TM_FIELDS as usize - 1]> {
    let days = seconds.div_euclid(DAY);
    let of_day = seconds.rem_euclid(DAY) as i32;
    let (year, month, day) = civil_from_days(days);
    let weekday = (days + 4).rem_euclid(7) as i32;
    let of_year = (days - days_from_civil(year, 0, 1)) as i32;
    let year = i32::try_from(year - 1900).ok()?;
    Some([of_day % 60, of_day / 60 % 60, of_day / 3600, day as i32, month as i32, year, weekday, of_year])
}

/// The host's zone at that time; UTC if it does not know.
fn local_zone(m: &mut Machine, seconds: i64) -> Zone {
    match try_system(m, System::LocalZone, &[seconds as Word, ZONE.word(), ZONE_BYTES]) {
        Ok(_) => Zone {
            offset: i64::from(m.mem.u32(ZONE) as i32),
            is_dst: m.mem.u32(ZONE + 4) as i32,
            name: (ZONE + 8).word(),
        },
        Err(_) => utc(m, c"UTC"),
    }
}

fn utc(m: &mut Machine, name: &'static core::ffi::CStr) -> Zone {
    let name = write_text(m, TEXT, name.to_str().unwrap_or_default());
    Zone { offset: 0, is_dst: 0, name }
}

/// Writes the `struct tm` for the time at `clock`.
fn break_down(m: &mut Machine, clock: Word, tm: Word, zone: impl FnOnce(&mut Machine, i64) -> Zone) -> Word {
    let seconds = m.mem.word(Addr::from_word(clock)) as i64;
    let zone = zone(m, seconds);
    let Some(fields) = seconds.checked_add(zone.offset).and_then(fields) else {
        return fail_null(m, EOVERFLOW);
    };
    let at = Addr::from_word(tm);
    for (i, field) in fields.iter().chain([&zone.is_dst]).enumerate() {
        m.mem.set_u32(at + 4 * i as u32, *field as u32);
    }
    m.mem.set_word(at + TM_GMTOFF, zone.offset as Word);
    m.mem.set_word(at + TM_ZONE, zone.name);
    tm
}

/// `mktime` and `timegm`: fields may be out of range, and are brought into it.
fn put_together(m: &mut Machine, tm: Word, zone: fn(&mut Machine, i64) -> Zone) -> Word {
    let at = Addr::from_word(tm);
    let field = |i: u32| i64::from(m.mem.u32(at + 4 * i) as i32);
    let days = days_from_civil(field(5) + 1900, field(4), 1) + field(3) - 1;
    let local = days * DAY + field(2) * 3600 + field(1) * 60 + field(0);
    // What the zone is depends on the time, which depends on the zone: the second guess is right outside changes.
    let first = zone(m, local).offset;
    let seconds = local - zone(m, local - first).offset;
    let clock = super::area::SCRATCH;
    m.mem.set_word(clock, seconds as Word);
    if break_down(m, clock.word(), tm, zone) == 0 { FAILED } else { seconds as Word }
}

fn gmt(m: &mut Machine, _: i64) -> Zone {
    utc(m, c"GMT")
}

/// `localtime_r`.
pub fn localtime_r(m: &mut Machine, clock: Word, tm: Word) -> Word {
    break_down(m, clock, tm, local_zone)
}

/// `gmtime_r`.
pub fn gmtime_r(m: &mut Machine, clock: Word, tm: Word) -> Word {
    break_down(m, clock, tm, gmt)
}

functions! {
    "localtime_r" "nn" b'n' = |m, [clock, tm, ..]| localtime_r(m, clock, tm);
    "gmtime_r" "nn" b'n' = |m, [clock, tm, ..]| gmtime_r(m, clock, tm);
    "mktime" "n" b'n' = |m, [tm, ..]| put_together(m, tm, local_zone);
    "timegm" "n" b'n' = |m, [tm, ..]| put_together(m, tm, gmt);
    "tzset" "" b'v' = |_, _| 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates() {
        for (days, date) in [
            (0, (1970, 0, 1)),
            (-1, (1969, 11, 31)),
            (11_016, (2000, 1, 29)),
            (11_017, (2000, 2, 1)),
            (20_778, (2026, 10, 21)),
            (-719_468, (0, 2, 1)),
        ] {
            assert_eq!(civil_from_days(days), date);
            assert_eq!(days_from_civil(date.0, date.1, date.2), days);
        }
        for days in (-1_000_000..1_000_000).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn fields_of_a_time() {
        // 2026-11-21 03:14:07, a Saturday, day 324 counted from 0.
        assert_eq!(fields(1_795_230_847), Some([7, 14, 3, 21, 10, 126, 6, 324]));
        assert_eq!(fields(-1), Some([59, 59, 23, 31, 11, 69, 3, 364]));
        assert_eq!(fields(i64::MAX - DAY), None);
    }
}
