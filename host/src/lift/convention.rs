//! How values cross function boundaries: the two calling conventions, as tables.
//!
//! What is decided here is seen by everything that meets lifted code: the module that owns tables
//! and globals, the shims of the runtime, and the interpreter. How functions are found is
//! `discover`'s; how they are split is `heads`'s.

// Note [Registers at function boundaries]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Inside a wasm function every machine register that it uses is a local. Between functions:
//
//   STG entry   (R1, R2, Sp, Hp: i64) -> ()      always left by a tail call
//   C function  (rdi, rsi, rdx, rcx, r8, r9: i64, xmm0..xmm7: v128, rax: i64)
//                                     -> (rax, rdx: i64, xmm0, xmm1: v128)
//
// The other STG registers have a *home*, a mutable global: R3..R6, SpLim, xmm1..xmm6, and the machine
// stack pointer of both conventions. A function reads the homes of registers it uses at its entry
// and writes those it may have changed before it leaves. R1, R2, Sp and Hp are parameters because
// nearly every entry uses them; parameters for the rest made nothing faster and code larger.
//
// Parameters are i64 although addresses have 32 bits: R1 and R2 carry words and pointers alike, and
// machine code computes with Sp and Hp in 64 bits and stores the results as words. With i32 nearly
// every use would widen; with i64 only addresses of loads and stores are narrowed, which is free.
//
// A function split off inside (see Note [Splitting functions] in heads) takes what is live as further
// parameters, except what has a home, which always travels through it.
//
// The machine stack pointer's global is right at every function's entry and written before each call:
// it points at the slot of the return address, which nobody stores. A callee returns with any
// value there; callers remember their own, so a function that called has a stack pointer to write back.
//
// All of rax is a parameter of C functions although the convention passes only al: gcc keeps values in rax
// across calls of functions of the same file that it knows not to touch it, and such a function has to return it
// as it came. The other parameters and results serve that too.
//
// BaseReg (r13) is a constant in STG code, in both directions: reads fold, writes are ignored.

use wasm_encoder::ValType;

pub use bcvm::abi::BASE_REG;

use super::regs::{Reg, RegSet};

/// Which convention a piece of code follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// Made by GHC from Haskell or Cmm.
    Stg,
    /// Made by a C compiler.
    C,
}

/// A word of the runtime's region that is always accessible and that nobody reads: see Note [Every cycle
/// touches memory] in `cycles`.
pub use bcvm::abi::POLL_WORD;

/// A register that lives in a global between functions.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    /// The register.
    pub reg: Reg,
    /// What the global is called.
    pub name: &'static str,
}

const fn home(reg: Reg, name: &'static str) -> Home {
    Home { reg, name }
}

/// All homes in the order in which a lifted module imports them.
pub const HOMES: [Home; 12] = [
    home(Reg::RSP, "rsp"),
    home(Reg::RSI, "r3"),
    home(Reg::RDI, "r4"),
    home(Reg::R8, "r5"),
    home(Reg::R9, "r6"),
    home(Reg::R15, "sp_lim"),
    home(Reg::xmm(1), "xmm1"),
    home(Reg::xmm(2), "xmm2"),
    home(Reg::xmm(3), "xmm3"),
    home(Reg::xmm(4), "xmm4"),
    home(Reg::xmm(5), "xmm5"),
    home(Reg::xmm(6), "xmm6"),
];

/// The index of a register's home among [`HOMES`].
pub fn home_index(reg: Reg) -> Option<u32> {
    HOMES.iter().position(|home| home.reg == reg).map(|index| index as u32)
}

/// Parameters of an STG entry: R1, R2, Sp, Hp.
pub const STG_PARAMS: [Reg; 4] = [Reg::RBX, Reg::R14, Reg::RBP, Reg::R12];

/// Parameters of a C function.
pub const C_PARAMS: [Reg; 15] = [
    Reg::RDI,
    Reg::RSI,
    Reg::RDX,
    Reg(1),
    Reg::R8,
    Reg::R9,
    Reg::xmm(0),
    Reg::xmm(1),
    Reg::xmm(2),
    Reg::xmm(3),
    Reg::xmm(4),
    Reg::xmm(5),
    Reg::xmm(6),
    Reg::xmm(7),
    Reg::RAX,
];

/// Results of a C function.
pub const C_RESULTS: [Reg; 4] = [Reg::RAX, Reg::RDX, Reg::XMM0, Reg::XMM1];

/// Registers that a C function may change beside its results; their values are dead after a call.
pub const C_CLOBBERS: RegSet =
    RegSet(RegSet::of(&[Reg(1), Reg::RSI, Reg::RDI, Reg::R8, Reg::R9, Reg(10), Reg(11)]).0 | 0xfffc << 16 | 0x1f << 32);

impl CodeKind {
    /// Parameters of an entry.
    pub fn params(self) -> &'static [Reg] {
        match self {
            CodeKind::Stg => &STG_PARAMS,
            CodeKind::C => &C_PARAMS,
        }
    }

    /// Results of any function.
    pub fn results(self) -> &'static [Reg] {
        match self {
            CodeKind::Stg => &[],
            CodeKind::C => &C_RESULTS,
        }
    }

    /// Registers that live in globals between functions.
    pub fn homed(self) -> RegSet {
        match self {
            CodeKind::Stg => {
                let mut all = RegSet::EMPTY;
                HOMES.iter().for_each(|home| all.add(home.reg));
                all
            }
            CodeKind::C => RegSet::of(&[Reg::RSP]),
        }
    }

    /// Registers that every function split off inside takes, before what is live.
    pub fn always_passed(self) -> &'static [Reg] {
        match self {
            CodeKind::Stg => &STG_PARAMS,
            CodeKind::C => &[],
        }
    }
}

/// The wasm type that holds a register.
pub fn value_type(reg: Reg) -> ValType {
    if reg.is_general() {
        ValType::I64
    } else if reg.is_vector() {
        ValType::V128
    } else {
        ValType::I32
    }
}

/// The wasm types of registers.
pub fn value_types(regs: &[Reg]) -> Vec<ValType> {
    regs.iter().map(|&reg| value_type(reg)).collect()
}
