//! Reading and writing.

use std::sync::PoisonError;

use rustix::event::PollFlags;
use rustix::fs::FileType;
use rustix::io::Errno;

use super::memory::{Answer, Room};
use super::object::{Object, flags};
use super::state::{Os, errno};

/// Most bytes that a terminal or pipe takes without waiting once it says that it can be written to (`PIPE_BUF`).
const ATOMIC: usize = 4096;

impl Os {
    pub(super) fn read(&mut self, fd: i32, buf: Room<'_>) -> Answer {
        let description = self.fds.get(fd)?;
        if description.status & flags::ACCESS == flags::WRONLY {
            return Err(Errno::BADF);
        }
        if buf.len() == 0 {
            return Ok(0);
        }
        let mut bytes = vec![0; buf.len()];
        let n = match &description.object {
            Object::Null => 0,
            Object::Output(_) => return Err(Errno::BADF),
            Object::Input(input) => {
                let mut input = input.0.lock().unwrap_or_else(PoisonError::into_inner);
                // It may claim more than it was given room for.
                input.read(&mut bytes).map_err(|e| errno(&e))?.min(bytes.len())
            }
            Object::Owned(host) => loop {
                match rustix::io::read(host, &mut bytes) {
                    Err(Errno::AGAIN) if description.is_nonblocking() => return Err(Errno::AGAIN),
                    Err(Errno::AGAIN) => self.until_ready(host, PollFlags::IN, None)?,
                    done => break done?,
                }
            },
            Object::Inherited(host) => {
                if description.may_wait() {
                    self.may_wait_for(*host, PollFlags::IN, description.is_nonblocking())?;
                }
                rustix::io::read(host, &mut bytes)?
            }
        };
        buf.put(&bytes[..n])
    }

    pub(super) fn write(&mut self, fd: i32, mut bytes: Vec<u8>) -> Answer {
        let description = self.fds.get(fd)?;
        if description.status & flags::ACCESS == 0 {
            return Err(Errno::BADF);
        }
        self.output.admit(&mut bytes)?;
        if matches!(description.object, Object::Inherited(host) if rustix::termios::isatty(host)) {
            self.output.filter(&mut bytes);
        }
        let n = match &description.object {
            Object::Null => bytes.len(),
            Object::Input(_) => return Err(Errno::BADF),
            Object::Output(output) => {
                let mut output = output.0.lock().unwrap_or_else(PoisonError::into_inner);
                output.write(&bytes).map_err(|e| errno(&e))?.min(bytes.len())
            }
            Object::Owned(host) => loop {
                match rustix::io::write(host, &bytes) {
                    Err(Errno::AGAIN) if description.is_nonblocking() => return Err(Errno::AGAIN),
                    Err(Errno::AGAIN) => self.until_ready(host, PollFlags::OUT, None)?,
                    done => break done?,
                }
            },
            Object::Inherited(host) if description.kind == FileType::RegularFile => rustix::io::write(host, &bytes)?,
            Object::Inherited(host) => {
                self.may_wait_for(*host, PollFlags::OUT, description.is_nonblocking())?;
                rustix::io::write(host, &bytes[..bytes.len().min(ATOMIC)])?
            }
        };
        self.output.written(&bytes[..n]);
        Ok(n as i64)
    }
}
