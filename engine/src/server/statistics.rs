//! Counts, bytes and times by message.

use std::fmt;
use std::time::Duration;

use crate::protocol::MessageKind;

/// What one kind of message has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many came.
    pub messages: u64,
    /// Bytes of the requests.
    pub bytes_in: u64,
    /// Bytes of the replies, with what was asked back.
    pub bytes_out: u64,
    /// From the request being there to the reply being sent.
    pub time: Duration,
}

/// What a session has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    counts: Vec<Count>,
}

impl Default for Statistics {
    fn default() -> Self {
        Statistics { counts: vec![Count::default(); MessageKind::ALL.len()] }
    }
}

impl Statistics {
    /// The figures of one message.
    pub fn get(&self, kind: MessageKind) -> Count {
        self.counts[kind as usize]
    }

    /// Add one message.
    pub fn add(&mut self, kind: MessageKind, count: Count) {
        let sum = &mut self.counts[kind as usize];
        sum.messages += count.messages;
        sum.bytes_in += count.bytes_in;
        sum.bytes_out += count.bytes_out;
        sum.time += count.time;
    }
}

impl fmt::Display for Statistics {
    /// A line for every message that occurred, the costliest first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<_> = MessageKind::ALL.iter().filter(|&&kind| self.get(kind).messages > 0).collect();
        kinds.sort_by_key(|&&kind| std::cmp::Reverse(self.get(kind).time));
        writeln!(f, "{:24} {:>8} {:>12} {:>12} {:>12}", "message", "count", "bytes in", "bytes out", "ms")?;
        for &&kind in &kinds {
            let c = self.get(kind);
            let ms = c.time.as_secs_f64() * 1e3;
            writeln!(f, "{:24} {:8} {:12} {:12} {ms:12.3}", kind.name(), c.messages, c.bytes_in, c.bytes_out)?;
        }
        Ok(())
    }
}
