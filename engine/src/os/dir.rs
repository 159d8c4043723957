//! Listing directories.

use rustix::fs::Dir;
use rustix::io::Errno;

use super::layout::dirent;
use super::memory::{Answer, Room};
use super::state::Os;

impl Os {
    pub(super) fn readdir(&mut self, fd: i32, entry: Room<'_>) -> Answer {
        let entries = self.entries(fd)?;
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
        let listing = self.entries(fd)?;
        listing.rewind();
        for _ in 0..entries {
            if listing.read().transpose()?.is_none() {
                break;
            }
        }
        Ok(0)
    }

    /// The listing of a directory, begun if it is not.
    fn entries(&mut self, fd: i32) -> Result<&mut Dir, Errno> {
        let description = self.fds.get_mut(fd)?;
        if description.path.is_none() {
            return Err(Errno::NOTDIR);
        }
        if description.entries.is_none() {
            description.entries = Some(Dir::read_from(description.own()?)?);
        }
        description.entries.as_mut().ok_or(Errno::NOTDIR)
    }
}
