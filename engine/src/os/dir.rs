//! Listing directories.

use std::sync::Arc;

use rustix::fs::Dir;
use rustix::io::Errno;

use super::layout::dirent;
use super::memory::{Answer, Room};
use super::object::Description;
use super::state::Os;

/// How many entries are left out before it is looked whether the program is to stop.
const LEFT_OUT: u64 = 4096;

impl Os {
    /// EINTR when the program is to stop while entries are left out. Who asks again has come nearer.
    pub(super) fn readdir(&mut self, fd: i32, entry: Room<'_>) -> Answer {
        let (wake, stop_asked) = (Arc::clone(&self.wake), self.stop_asked);
        let description = self.listed(fd)?;
        let entries = description.entries.as_mut().ok_or(Errno::NOTDIR)?;
        while description.left_out > 0 {
            description.left_out = match entries.read().transpose()? {
                Some(_) => description.left_out - 1,
                None => 0,
            };
            if description.left_out % LEFT_OUT == 1 && (stop_asked || wake.is_signalled()) {
                return Err(Errno::INTR);
            }
        }
        loop {
            let Some(next) = entries.read().transpose()? else {
                return Ok(0);
            };
            // A name too long for the struct can be on file systems that are not Linux's own.
            if let Some(bytes) = dirent(next.ino(), next.file_type(), next.file_name().to_bytes()) {
                return entry.put(&bytes).map(|_| 1);
            }
        }
    }

    pub(super) fn seekdir(&mut self, fd: i32, entries: u64) -> Answer {
        let description = self.listed(fd)?;
        description.entries.as_mut().ok_or(Errno::NOTDIR)?.rewind();
        // Left out when an entry is wanted: there may be very many, and nobody may want one.
        description.left_out = entries;
        Ok(0)
    }

    /// A directory, its listing begun.
    fn listed(&mut self, fd: i32) -> Result<&mut Description, Errno> {
        let description = self.fds.get_mut(fd)?;
        if description.path.is_none() {
            return Err(Errno::NOTDIR);
        }
        if description.entries.is_none() {
            description.entries = Some(Dir::read_from(description.own()?)?);
        }
        Ok(description)
    }
}
