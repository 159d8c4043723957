//! Random operands: reproducible, and fond of edges.

/// A small generator (splitmix64).
pub struct Random(pub u64);

/// Integers where things go wrong.
const EDGES: [u64; 22] = [
    0,
    1,
    2,
    3,
    7,
    8,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

const DOUBLES: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    2.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    2_147_483_647.5,
    -2_147_483_648.5,
    9.3e18,
    -9_223_372_036_854_775_808.0,
    1e-310,
];

impl Random {
    /// Any 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// An integer, often an edge, an edge's neighbour, a small one or one with few bits.
    pub fn integer(&mut self) -> u64 {
        match self.below(8) {
            0 | 1 => self.pick(&EDGES),
            2 => self.pick(&EDGES).wrapping_add(self.below(5)).wrapping_sub(2),
            3 => self.below(256),
            4 => 1 << self.below(64),
            5 => self.next() >> self.below(64),
            6 => (self.next() as i64 >> self.below(64)) as u64,
            _ => self.next(),
        }
    }

    /// The bits of a double or two floats, often special.
    pub fn float_bits(&mut self) -> u64 {
        match self.below(8) {
            0 | 1 => self.pick(&DOUBLES).to_bits(),
            2 => {
                let low = (self.pick(&DOUBLES) as f32).to_bits();
                let high = (self.pick(&DOUBLES) as f32).to_bits();
                u64::from(low) | u64::from(high) << 32
            }
            3 => ((self.below(2000) as f64 - 1000.0) / 8.0).to_bits(),
            4 => {
                let low = ((self.below(2000) as f32 - 1000.0) / 8.0).to_bits();
                u64::from(low) | u64::from(low ^ 0x8000_0000) << 32
            }
            5 => (self.integer() as i64 as f64).to_bits(),
            6 => self.integer(),
            _ => self.next(),
        }
    }
}
