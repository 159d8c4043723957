//! Machine registers as the lifter numbers them, sets of them, and operand widths.
//!
//! The five status flags that code consumes are registers too: liveness and the parameters of
//! split functions treat them like any other value. The adjust flag is not modelled: only decimal
//! arithmetic reads it, which 64-bit code does not have.

use std::fmt;

use iced_x86::Register;

/// General registers 0–15 in hardware order, xmm registers 16–31, flags 32–36.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(pub u8);

/// How many [`Reg`]s there are.
pub const REG_COUNT: usize = 37;

macro_rules! registers {
    ($($name:ident = $number:literal),* $(,)?) => {
        impl Reg { $(
            #[doc = concat!("The register ", stringify!($name), ".")]
            pub const $name: Reg = Reg($number);
        )* }
        const NAMES: &[(u8, &str)] = &[$(($number, stringify!($name))),*];
    };
}

registers! {
    RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7,
    R8 = 8, R9 = 9, R12 = 12, R13 = 13, R14 = 14, R15 = 15,
    XMM0 = 16, XMM1 = 17,
    CF = 32, PF = 33, ZF = 34, SF = 35, OF = 36,
}

impl Reg {
    /// The xmm register `number`.
    pub const fn xmm(number: u8) -> Reg {
        Reg(16 + number)
    }

    /// Holds an integer of 64 bits.
    pub fn is_general(self) -> bool {
        self.0 < 16
    }

    /// Holds a vector of 128 bits.
    pub fn is_vector(self) -> bool {
        (16..32).contains(&self.0)
    }

    /// The whole register that a decoded register is part of; `None` for what is not modelled.
    pub fn of(register: Register) -> Option<Reg> {
        let full = register.full_register();
        if full.is_gpr64() {
            Some(Reg(full.number() as u8))
        } else if register.is_xmm() && register.number() < 16 {
            Some(Reg::xmm(register.number() as u8))
        } else {
            None
        }
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None if self.is_vector() => write!(f, "XMM{}", self.0 - 16),
            None => write!(f, "R{}", self.0),
        }
    }
}

/// A set of registers.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RegSet(pub u64);

impl RegSet {
    /// The empty set.
    pub const EMPTY: RegSet = RegSet(0);
    /// The five flags.
    pub const FLAGS: RegSet = RegSet(0x1f << 32);

    /// The set of these registers.
    pub const fn of(registers: &[Reg]) -> RegSet {
        let mut bits = 0;
        let mut index = 0;
        while index < registers.len() {
            bits |= 1 << registers[index].0;
            index += 1;
        }
        RegSet(bits)
    }

    /// Whether `reg` is in it.
    pub fn has(self, reg: Reg) -> bool {
        self.0 >> reg.0 & 1 != 0
    }

    /// Adds `reg`.
    pub fn add(&mut self, reg: Reg) {
        self.0 |= 1 << reg.0;
    }

    /// Removes `reg`.
    pub fn remove(&mut self, reg: Reg) {
        self.0 &= !(1 << reg.0);
    }

    /// What is in both.
    pub const fn and(self, other: RegSet) -> RegSet {
        RegSet(self.0 & other.0)
    }

    /// What is in either.
    pub const fn or(self, other: RegSet) -> RegSet {
        RegSet(self.0 | other.0)
    }

    /// What is in this one only.
    pub const fn minus(self, other: RegSet) -> RegSet {
        RegSet(self.0 & !other.0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, lowest number first.
    pub fn iter(self) -> impl Iterator<Item = Reg> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let next = (bits != 0).then(|| Reg(bits.trailing_zeros() as u8))?;
            bits &= bits - 1;
            Some(next)
        })
    }
}

impl fmt::Debug for RegSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The width of an integer operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 8 bits.
    W8,
    /// 16 bits.
    W16,
    /// 32 bits.
    W32,
    /// 64 bits.
    W64,
}

impl Width {
    /// From a size in bytes.
    pub fn from_bytes(bytes: usize) -> Option<Width> {
        Some(match bytes {
            1 => Width::W8,
            2 => Width::W16,
            4 => Width::W32,
            8 => Width::W64,
            _ => return None,
        })
    }

    /// In bytes.
    pub fn bytes(self) -> u32 {
        1 << self as u32
    }

    /// In bits.
    pub fn bits(self) -> u32 {
        8 << self as u32
    }

    /// All bits set, as a mask in 64 bits.
    pub fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }

    /// Computed as an i64 in wasm; the narrower ones as an i32.
    pub fn is_long(self) -> bool {
        self == Width::W64
    }
}
