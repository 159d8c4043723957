//! Terminals: only a standard stream can be one, and only standard input's settings can be changed.

use rustix::io::Errno;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr,
    tcgetwinsize, tcsetattr,
};

use super::layout::{Struct, field};
use super::memory::{Answer, Room};
use super::object::Object;
use super::state::{Os, denied};

/// Offsets in glibc's `struct termios`: four words of modes, the line discipline, control characters, speeds.
const LINE: usize = 16;
const CODES: usize = 17;
const ISPEED: usize = 52;
const OSPEED: usize = 56;
const TERMIOS_BYTES: usize = 60;

/// The control characters in the order of Linux's numbers.
const CODE_INDICES: [SpecialCodeIndex; 17] = [
    SpecialCodeIndex::VINTR,
    SpecialCodeIndex::VQUIT,
    SpecialCodeIndex::VERASE,
    SpecialCodeIndex::VKILL,
    SpecialCodeIndex::VEOF,
    SpecialCodeIndex::VTIME,
    SpecialCodeIndex::VMIN,
    SpecialCodeIndex::VSWTC,
    SpecialCodeIndex::VSTART,
    SpecialCodeIndex::VSTOP,
    SpecialCodeIndex::VSUSP,
    SpecialCodeIndex::VEOL,
    SpecialCodeIndex::VREPRINT,
    SpecialCodeIndex::VDISCARD,
    SpecialCodeIndex::VWERASE,
    SpecialCodeIndex::VLNEXT,
    SpecialCodeIndex::VEOL2,
];

/// What glibc has in the speeds' fields for the usual one, 38,400 bit/s; a terminal of today has none.
const SPEED: u32 = 0o17;

impl Os {
    /// The host's terminal that a descriptor refers to.
    fn terminal(&self, fd: i32) -> Result<std::os::fd::BorrowedFd<'_>, Errno> {
        match self.fds.get(fd)?.object {
            Object::Inherited(host) if rustix::termios::isatty(host) => Ok(host),
            _ => Err(Errno::NOTTY),
        }
    }

    pub(super) fn isatty(&mut self, fd: i32) -> Answer {
        self.terminal(fd).map(|_| 1)
    }

    pub(super) fn tcgetattr(&mut self, fd: i32, buf: Room<'_>) -> Answer {
        let termios = tcgetattr(self.terminal(fd)?)?;
        buf.put(&to_bytes(&termios)).map(|_| 0)
    }

    pub(super) fn tcsetattr(&mut self, fd: i32, action: i32, termios: Vec<u8>) -> Answer {
        let terminal = self.terminal(fd)?;
        if termios.len() < TERMIOS_BYTES {
            return Err(Errno::INVAL);
        }
        if std::os::fd::AsRawFd::as_raw_fd(&terminal) != rustix::stdio::raw_stdin() {
            return Err(denied("tcsetattr", fd, Errno::PERM));
        }
        let action = match action {
            0 => OptionalActions::Now,
            1 => OptionalActions::Drain,
            2 => OptionalActions::Flush,
            _ => return Err(Errno::INVAL),
        };
        let mut new = tcgetattr(terminal)?;
        set_modes(&mut new, &termios);
        tcsetattr(terminal, action, &new).map(|()| 0)
    }

    pub(super) fn winsize(&mut self, fd: i32, buf: Room<'_>) -> Answer {
        let size = tcgetwinsize(self.terminal(fd)?)?;
        let fields = [size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel];
        buf.put(&fields.map(u16::to_le_bytes).concat()).map(|_| 0)
    }
}

fn to_bytes(termios: &Termios) -> [u8; TERMIOS_BYTES] {
    let modes = Struct::new()
        .u32(0, termios.input_modes.bits())
        .u32(4, termios.output_modes.bits())
        .u32(8, termios.control_modes.bits())
        .u32(12, termios.local_modes.bits())
        .set(LINE, &[termios.line_discipline])
        .u32(ISPEED, SPEED)
        .u32(OSPEED, SPEED);
    let codes = CODE_INDICES.map(|index| termios.special_codes[index]);
    modes.set(CODES, &codes).bytes()
}

/// Takes over everything but speeds and line discipline, which are not the program's to set.
fn set_modes(termios: &mut Termios, bytes: &[u8]) {
    let modes = |offset| u32::from_le_bytes(field(bytes, offset));
    termios.input_modes = InputModes::from_bits_retain(modes(0));
    termios.output_modes = OutputModes::from_bits_retain(modes(4));
    termios.control_modes = ControlModes::from_bits_retain(modes(8));
    termios.local_modes = LocalModes::from_bits_retain(modes(12));
    for (i, index) in CODE_INDICES.into_iter().enumerate() {
        termios.special_codes[index] = field::<1>(bytes, CODES + i)[0];
    }
}
