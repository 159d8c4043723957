//! Seeded cases for stable Rust: random bytes, and sound inputs with random damage.
//!
//! Invariant: a case depends on target, seed and number only, so that one that fails can be run alone.

use crate::targets::Target;

/// Numbers without order (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one case.
    pub fn new(seed: u64, case: u64) -> Random {
        let mut random = Random(seed ^ case.wrapping_mul(0x2545_f491_4f6c_dd1d));
        random.word();
        random
    }

    /// The next one.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// One below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n.max(1) as u64) as usize
    }

    /// Fewer than `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let len = self.below(n);
        (0..len).map(|_| self.word() as u8).collect()
    }
}

/// The input of a case.
pub fn input(target: &Target, seed: u64, case: u64) -> Vec<u8> {
    let mut random = Random::new(seed, case);
    match random.below(8) {
        0 => random.bytes(512),
        1 => (target.sound)(&mut random),
        _ => {
            let mut bytes = (target.sound)(&mut random);
            for _ in 0..=random.below(4) {
                damage(&mut random, &mut bytes);
            }
            bytes
        }
    }
}

/// Changes something.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    const TELLING: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xff, b'(', b'\n'];
    let at = random.below(bytes.len());
    let end = (at + random.below(40)).min(bytes.len());
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => {
            bytes.drain(at.min(end)..end);
        }
        // A piece again, somewhere else.
        2 => {
            let piece = bytes.get(at..end).unwrap_or_default().to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        3 => {
            let piece = random.bytes(16);
            bytes.splice(at..at, piece);
        }
        4 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        5 if !bytes.is_empty() => bytes[at] = bytes[at].wrapping_add(random.below(9) as u8).wrapping_sub(4),
        _ if !bytes.is_empty() => bytes[at] = TELLING[random.below(TELLING.len())],
        _ => {}
    }
}

/// What a process that runs cases may have had of memory at any time, several at once included.
const MEMORY_KIB: u64 = 256 << 10;

/// Runs the cases of these numbers. A case that panics is named first; so is, to a hundred, one that uses up memory.
pub fn run(target: &Target, seed: u64, cases: std::ops::Range<u64>) {
    const STEP: u64 = 100;
    for case in cases {
        if case % STEP == 0 {
            let most = peak_kib();
            assert!(most < MEMORY_KIB, "{}: {most} KiB of memory were used before case {case}", target.name);
        }
        let named = Named { target: target.name, seed, case };
        (target.check)(&input(target, seed, case));
        std::mem::forget(named);
    }
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kib.expect("the kernel tells how much memory a process has had")
}

/// Says which case it was when a panic drops it.
struct Named {
    target: &'static str,
    seed: u64,
    case: u64,
}

impl Drop for Named {
    fn drop(&mut self) {
        let Named { target, seed, case } = self;
        eprintln!("failed: `cargo xtask fuzz {target} --seed {seed} --first {case} --cases 1`");
    }
}
