//! Writing recordings.
//!
//! A recorder is shared by whatever carries the two directions. Each chunk is in the file before it is passed on, so a
//! recording of a crash ends with what caused it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Direction, HEADER_LEN, MAGIC};

/// Where chunks are recorded; clones record to the same place.
#[derive(Clone)]
pub struct Recorder {
    out: Arc<Mutex<Box<dyn Write + Send>>>,
    begin: Instant,
}

impl Recorder {
    /// Record to a new file, readable by the user alone, for it may hold anything the program does.
    pub fn create(path: &Path) -> io::Result<Recorder> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        Recorder::new(file)
    }

    /// Record to `out`.
    pub fn new(mut out: impl Write + Send + 'static) -> io::Result<Recorder> {
        out.write_all(MAGIC)?;
        Ok(Recorder { out: Arc::new(Mutex::new(Box::new(out))), begin: Instant::now() })
    }

    /// Record a chunk that passes now.
    pub fn record(&self, direction: Direction, data: &[u8]) -> io::Result<()> {
        self.record_at(direction, self.begin.elapsed().as_secs_f64(), data)
    }

    /// Record a chunk that passed at `time`, as when a recording is converted.
    pub fn record_at(&self, direction: Direction, time: f64, data: &[u8]) -> io::Result<()> {
        for part in data.chunks(u32::MAX as usize) {
            let mut record = Vec::with_capacity(HEADER_LEN + part.len());
            record.push(match direction {
                Direction::Request => b'>',
                Direction::Reply => b'<',
            });
            record.extend(time.to_le_bytes());
            record.extend((part.len() as u32).to_le_bytes());
            record.extend_from_slice(part);
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            out.write_all(&record)?;
            out.flush()?;
        }
        Ok(())
    }
}

/// Records what is read through it.
pub struct RecordingReader<R> {
    inner: R,
    recorder: Recorder,
    direction: Direction,
}

impl<R> RecordingReader<R> {
    /// Read from `inner` what the given side sends.
    pub fn new(inner: R, recorder: Recorder, direction: Direction) -> Self {
        RecordingReader { inner, recorder, direction }
    }
}

impl<R: Read> Read for RecordingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        if n > 0 {
            self.recorder.record(self.direction, &buf[..n])?;
        }
        Ok(n)
    }
}

/// Records what is written through it.
pub struct RecordingWriter<W> {
    inner: W,
    recorder: Recorder,
    direction: Direction,
}

impl<W> RecordingWriter<W> {
    /// Write to `inner` as the given side.
    pub fn new(inner: W, recorder: Recorder, direction: Direction) -> Self {
        RecordingWriter { inner, recorder, direction }
    }
}

impl<W: Write> Write for RecordingWriter<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        // Recorded as a whole and passed on as a whole, or a short write would be recorded twice.
        self.recorder.record(self.direction, buf)?;
        self.inner.write_all(buf)?;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
