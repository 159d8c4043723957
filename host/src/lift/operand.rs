//! Operands of instructions: addresses, loads and stores, parts of registers.
//!
//! On the wasm stack an integer of 64 bits is an i64, every narrower one an i32 whose bits above
//! its width are undefined unless an extension was asked for.

// Note [Displacements and wrapping]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Machine addresses are computed modulo 2^64, guest addresses modulo 2^32, and a wasm offset is added
// without wrapping. `[rax+16]` with rax = −8 is address 8: as a wasm offset it would lie beyond four
// GiB. But the first 64 KiB of guest memory are never accessible, so for displacements below 64 KiB a
// sum that would have wrapped points there, and both ways trap. Larger and negative displacements (a
// table's address plus a negative index is real) are added in 32 bits, where they wrap as they should.
//
// The upper half of a machine address is dropped. Correct code has zeros there; wrong code reads
// some other place inside the guest, which is contained.

use iced_x86::{Instruction, OpKind, Register};

use bcvm::abi::THREAD;

use super::convention::{BASE_REG, CodeKind};
use super::emit::{Emitter, Temp};
use super::error::Reason;
use super::regs::{Reg, Width};

/// How the bits above a narrow operand's width are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extend {
    /// With anything.
    Any,
    /// With zeros.
    Zero,
    /// With the sign.
    Sign,
}

/// Where a result goes; made by [`Emitter::begin`] before the value is computed.
#[derive(Debug, Clone, Copy)]
pub enum Dest {
    /// A register or part of one.
    Register(Register),
    /// Memory whose address is on the stack.
    Memory(u64),
}

/// Displacements below this become wasm offsets: the size of the null page.
const NULL_PAGE: i64 = 0x1_0000;

impl Emitter<'_> {
    /// The integer width of an operand.
    pub fn width(&self, i: &Instruction, operand: u32) -> Result<Width, Reason> {
        let bytes = match i.op_kind(operand) {
            OpKind::Register if i.op_register(operand).is_gpr() => i.op_register(operand).size(),
            OpKind::Memory => i.memory_size().size(),
            _ => return Err(Reason::Operand),
        };
        Width::from_bytes(bytes).ok_or(Reason::Operand)
    }

    /// Pushes a memory operand's address without what it returns, a static offset.
    pub fn push_address(&mut self, i: &Instruction) -> Result<u64, Reason> {
        let mut displacement = i.memory_displacement64() as i64;
        match i.segment_prefix() {
            // The thread pointer: see Note [The only thread] in `elf::shared`. GHC's code does not use it.
            Register::FS if self.kind == CodeKind::C => displacement = displacement.wrapping_add(THREAD.into()),
            Register::FS | Register::GS => return Err(Reason::Operand),
            _ => {}
        }
        let (base, index) = (i.memory_base(), i.memory_index());
        if i.is_ip_rel_memory_operand() || (base == Register::None && index == Register::None) {
            self.w().i32_const(displacement as i32);
            return Ok(0);
        }
        if base != Register::None
            && Reg::of(base) == Some(Reg::R13)
            && self.kind == CodeKind::Stg
            && index == Register::None
        {
            self.w().i32_const(BASE_REG.wrapping_add_signed(displacement as i32) as i32);
            return Ok(0);
        }
        let mut pushed = false;
        if base != Register::None {
            self.get(Reg::of(base).ok_or(Reason::Operand)?);
            self.w().i32_wrap_i64();
            pushed = true;
        }
        if index != Register::None {
            self.get(Reg::of(index).ok_or(Reason::Operand)?);
            self.w().i32_wrap_i64();
            let shift = i.memory_index_scale().trailing_zeros() as i32;
            if shift > 0 {
                self.w().i32_const(shift).i32_shl();
            }
            if pushed {
                self.w().i32_add();
            }
        }
        if (0..NULL_PAGE).contains(&displacement) {
            return Ok(displacement as u64);
        }
        self.w().i32_const(displacement as i32).i32_add();
        Ok(0)
    }

    /// Pops an address and pushes what is there.
    pub fn load(&mut self, offset: u64, width: Width, extend: Extend) {
        let mem = self.mem(offset);
        match (width, extend) {
            (Width::W64, _) => self.w().i64_load(mem),
            (Width::W32, _) => self.w().i32_load(mem),
            (Width::W16, Extend::Sign) => self.w().i32_load16_s(mem),
            (Width::W16, _) => self.w().i32_load16_u(mem),
            (Width::W8, Extend::Sign) => self.w().i32_load8_s(mem),
            (Width::W8, _) => self.w().i32_load8_u(mem),
        };
    }

    /// Pops a value and an address and stores.
    pub fn store(&mut self, offset: u64, width: Width) {
        let mem = self.mem_store(offset);
        match width {
            Width::W64 => self.w().i64_store(mem),
            Width::W32 => self.w().i32_store(mem),
            Width::W16 => self.w().i32_store16(mem),
            Width::W8 => self.w().i32_store8(mem),
        };
    }

    /// Pushes (part of) a general register.
    pub fn push_register(&mut self, register: Register, extend: Extend) -> Result<(), Reason> {
        let reg = Reg::of(register).filter(|reg| reg.is_general()).ok_or(Reason::Operand)?;
        let width = Width::from_bytes(register.size()).ok_or(Reason::Operand)?;
        self.get(reg);
        if width.is_long() {
            return Ok(());
        }
        if is_high_byte(register) {
            self.w().i64_const(8).i64_shr_u();
        }
        self.w().i32_wrap_i64();
        if extend != Extend::Any {
            self.extend_narrow(width, extend == Extend::Sign);
        }
        Ok(())
    }

    /// Pops a value into (part of) a general register. Writing 32 bits clears the upper half.
    pub fn pop_register(&mut self, register: Register) -> Result<(), Reason> {
        let reg = Reg::of(register).filter(|reg| reg.is_general()).ok_or(Reason::Operand)?;
        match register.size() {
            8 => self.set(reg),
            4 => {
                self.w().i64_extend_i32_u();
                self.set(reg);
            }
            size => {
                let mask = if size == 1 { 0xff } else { 0xffff };
                let shift = if is_high_byte(register) { 8 } else { 0 };
                self.w().i32_const(mask).i32_and().i64_extend_i32_u();
                if shift > 0 {
                    self.w().i64_const(shift).i64_shl();
                }
                self.get(reg);
                self.w().i64_const(!(i64::from(mask) << shift)).i64_and().i64_or();
                self.set(reg);
            }
        }
        Ok(())
    }

    /// Pushes an integer operand that is `width` wide.
    pub fn push(&mut self, i: &Instruction, operand: u32, width: Width, extend: Extend) -> Result<(), Reason> {
        match i.op_kind(operand) {
            OpKind::Register => self.push_register(i.op_register(operand), extend),
            OpKind::Memory => {
                let offset = self.push_address(i)?;
                self.load(offset, width, extend);
                Ok(())
            }
            OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate64
            | OpKind::Immediate8to16
            | OpKind::Immediate8to32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64 => {
                let cell = self.context.cells.field_within(i.ip(), i.next_ip());
                let value = cell.unwrap_or_else(|| i.immediate(operand));
                if width.is_long() {
                    self.w().i64_const(value as i64);
                } else {
                    let value = value & width.mask();
                    let unused = 64 - width.bits();
                    let signed = ((value << unused) as i64) >> unused;
                    self.w().i32_const(if extend == Extend::Sign { signed as i32 } else { value as u32 as i32 });
                }
                Ok(())
            }
            _ => Err(Reason::Operand),
        }
    }

    /// Prepares writing an operand: what comes next on the stack is the value, then [`Self::end`].
    pub fn begin(&mut self, i: &Instruction, operand: u32) -> Result<Dest, Reason> {
        match i.op_kind(operand) {
            OpKind::Register => Ok(Dest::Register(i.op_register(operand))),
            OpKind::Memory => Ok(Dest::Memory(self.push_address(i)?)),
            _ => Err(Reason::Operand),
        }
    }

    /// Prepares reading and writing an operand, and pushes its value.
    pub fn begin_update(
        &mut self,
        i: &Instruction,
        operand: u32,
        width: Width,
        extend: Extend,
    ) -> Result<Dest, Reason> {
        let dest = self.begin(i, operand)?;
        match dest {
            Dest::Register(register) => self.push_register(register, extend)?,
            Dest::Memory(offset) => {
                self.tee_temp(Temp::Addr);
                self.get_temp(Temp::Addr);
                self.load(offset, width, extend);
            }
        }
        Ok(dest)
    }

    /// Pops the value and writes it.
    pub fn end(&mut self, dest: Dest, width: Width) -> Result<(), Reason> {
        match dest {
            Dest::Register(register) => self.pop_register(register),
            Dest::Memory(offset) => {
                self.store(offset, width);
                Ok(())
            }
        }
    }

    /// Pushes an xmm register, or a memory operand in the low lanes of zeros.
    pub fn push_vector(&mut self, i: &Instruction, operand: u32) -> Result<(), Reason> {
        match i.op_kind(operand) {
            OpKind::Register => {
                let reg = Reg::of(i.op_register(operand)).filter(|reg| reg.is_vector()).ok_or(Reason::Operand)?;
                self.get(reg);
            }
            OpKind::Memory => {
                let offset = self.push_address(i)?;
                let mem = self.mem(offset);
                match i.memory_size().size() {
                    16 => self.w().v128_load(mem),
                    8 => self.w().v128_load64_zero(mem),
                    4 => self.w().v128_load32_zero(mem),
                    _ => return Err(Reason::Operand),
                };
            }
            _ => return Err(Reason::Operand),
        }
        Ok(())
    }

    /// The xmm register of an operand.
    pub fn vector(&self, i: &Instruction, operand: u32) -> Result<Reg, Reason> {
        if i.op_kind(operand) != OpKind::Register {
            return Err(Reason::Operand);
        }
        Reg::of(i.op_register(operand)).filter(|reg| reg.is_vector()).ok_or(Reason::Operand)
    }

    /// Pushes the double in an operand's low lane.
    pub fn push_double(&mut self, i: &Instruction, operand: u32) -> Result<(), Reason> {
        if i.op_kind(operand) == OpKind::Memory {
            if i.memory_size().size() != 8 {
                return Err(Reason::Operand);
            }
            let offset = self.push_address(i)?;
            let mem = self.mem(offset);
            self.w().f64_load(mem);
        } else {
            self.push_vector(i, operand)?;
            self.w().f64x2_extract_lane(0);
        }
        Ok(())
    }

    /// Pushes the float in an operand's low lane.
    pub fn push_float(&mut self, i: &Instruction, operand: u32) -> Result<(), Reason> {
        if i.op_kind(operand) == OpKind::Memory {
            if i.memory_size().size() != 4 {
                return Err(Reason::Operand);
            }
            let offset = self.push_address(i)?;
            let mem = self.mem(offset);
            self.w().f32_load(mem);
        } else {
            self.push_vector(i, operand)?;
            self.w().f32x4_extract_lane(0);
        }
        Ok(())
    }
}

fn is_high_byte(register: Register) -> bool {
    matches!(register, Register::AH | Register::BH | Register::CH | Register::DH)
}
