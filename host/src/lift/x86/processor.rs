//! What the processor says of itself.
//
// Note [Which processor this is]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// C code that has faster ways for some processors asks for them by CPUID and takes the plain way otherwise. The plain way
// is what can be lifted, so this processor has what every x86-64 has, and POPCNT. It is the same everywhere, which also
// keeps the host's own a secret. What changes from one execution to the next, RDTSC and RDRAND, is not supported.

use iced_x86::Register;

use super::{Emitted, constant};
use crate::lift::emit::{Emitter, Temp};
use crate::lift::operand::Extend;
use crate::lift::regs::Width;

/// The registers of the answer to leaf 0, the highest that there is: its number, and the maker in twelve letters.
const LEAF_0: [(Register, u32); 4] = [
    (Register::EAX, 1),
    (Register::EBX, u32::from_le_bytes(*b"bcvm")),
    (Register::EDX, u32::from_le_bytes(*b" san")),
    (Register::ECX, u32::from_le_bytes(*b"dbox")),
];

/// Features in EDX of leaf 1: FPU, CMPXCHG8B, CMOV, FXSAVE, SSE, SSE2.
const FEATURES: u32 = 1 | 1 << 8 | 1 << 15 | 1 << 24 | 1 << 25 | 1 << 26;
/// And in ECX: POPCNT.
const MORE_FEATURES: u32 = 1 << 23;

/// CPUID: the leaf is in EAX.
pub(super) fn cpuid(e: &mut Emitter<'_>) -> Emitted {
    e.push_register(Register::EAX, Extend::Any)?;
    e.set_temp(Temp::A32);
    for (register, in_leaf_0) in LEAF_0 {
        let in_leaf_1 = match register {
            Register::EDX => FEATURES,
            Register::ECX => MORE_FEATURES,
            _ => 0,
        };
        constant(e, Width::W32, in_leaf_1.into());
        constant(e, Width::W32, 0);
        e.get_temp(Temp::A32);
        constant(e, Width::W32, 1);
        e.w().i32_eq().select();
        e.set_temp(Temp::B32);
        constant(e, Width::W32, in_leaf_0.into());
        e.get_temp(Temp::B32);
        e.get_temp(Temp::A32);
        e.w().i32_eqz().select();
        e.pop_register(register)?;
    }
    Ok(())
}
