//! Clocks, what the process has used, and the local time zone.

use rustix::io::Errno;
use rustix::time::{ClockId, clock_getres, clock_gettime};
use tz::TimeZone;

use super::layout::Struct;
use super::memory::{Answer, Room};
use super::policy::Clock;
use super::state::Os;
use super::wait::nanoseconds;

/// Linux's numbers of the clocks that programs may see.
fn clock(number: i32) -> Result<ClockId, Errno> {
    Ok(match number {
        0 => ClockId::Realtime,
        1 => ClockId::Monotonic,
        2 => ClockId::ProcessCPUTime,
        3 => ClockId::ThreadCPUTime,
        4 => ClockId::MonotonicRaw,
        5 => ClockId::RealtimeCoarse,
        6 => ClockId::MonotonicCoarse,
        7 => ClockId::Boottime,
        _ => return Err(Errno::INVAL),
    })
}

const SECOND_NS: i64 = 1_000_000_000;

impl Os {
    /// What a clock shows as far as the policy lets it be seen, in nanoseconds.
    fn shown(&self, id: ClockId) -> i64 {
        match self.reach.clock {
            Clock::Real => nanoseconds(clock_gettime(id)).max(0),
            Clock::Coarse => nanoseconds(clock_gettime(id)).max(0) / SECOND_NS * SECOND_NS,
            Clock::Frozen(seconds) if matches!(id, ClockId::Realtime | ClockId::RealtimeCoarse) => {
                i64::from(seconds) * SECOND_NS
            }
            Clock::Frozen(_) => 0,
        }
    }

    pub(super) fn clock_gettime(&mut self, number: i32) -> Answer {
        Ok(self.shown(clock(number)?))
    }

    pub(super) fn clock_getres(&mut self, number: i32) -> Answer {
        let id = clock(number)?;
        Ok(match self.reach.clock {
            Clock::Real => nanoseconds(clock_getres(id)).max(0),
            Clock::Coarse | Clock::Frozen(_) => SECOND_NS,
        })
    }

    /// Only the time is told, and all of it as the program's own: what the kernel did for this process is nobody's
    /// business in the sandbox.
    pub(super) fn getrusage(&mut self, who: i32, buf: Room<'_>) -> Answer {
        const RUSAGE_BYTES: usize = 144;
        let used = match who {
            0 => self.shown(ClockId::ProcessCPUTime),
            1 => self.shown(ClockId::ThreadCPUTime),
            -1 => 0,
            _ => return Err(Errno::INVAL),
        };
        let used = used.max(0) as u64;
        let usage = Struct::<RUSAGE_BYTES>::new().u64(0, used / 1_000_000_000).u64(8, used % 1_000_000_000 / 1000);
        buf.put(&usage.bytes()).map(|_| 0)
    }

    pub(super) fn local_zone(&mut self, seconds: u64, buf: Room<'_>) -> Answer {
        let zone = self.time_zone();
        let local = zone.find_local_time_type(seconds as i64).map_err(|_| Errno::INVAL)?;
        let head = Struct::<8>::new().u32(0, local.ut_offset() as u32).u32(4, u32::from(local.is_dst())).bytes();
        // UTC itself comes without a name.
        let name = Some(local.time_zone_designation()).filter(|name| !name.is_empty()).unwrap_or("UTC");
        buf.put_text(&[&head[..], name.as_bytes()].concat())
    }

    /// The zone that the environment granted to the program names, or the host's, if the time is granted; else UTC.
    fn time_zone(&self) -> TimeZone {
        let named = self.environment.iter().find(|(name, _)| name == "TZ").and_then(|(_, zone)| zone.to_str());
        let zone = match named {
            Some(zone) => TimeZone::from_posix_tz(zone),
            None if matches!(self.reach.clock, Clock::Frozen(_)) => return TimeZone::utc(),
            None => TimeZone::local(),
        };
        zone.unwrap_or_else(|_| TimeZone::utc())
    }
}
