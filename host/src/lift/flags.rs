//! Status flags, kept as "what they would be computed from" until somebody asks.

// Note [Fused flags]
// ~~~~~~~~~~~~~~~~~~
// Nearly every instruction sets flags and nearly nobody reads them. So a producer stores its operands
// (or its result) in temporaries, only when a reader follows, and the state remembers for each flag
// how to get it from them. A consumer then compares the operands directly: `cmp a, b; jl` becomes
// `a <s b` and no flag ever exists.
//
// Five sources are tracked one by one, since instructions change subsets (`inc` keeps CF, `bt`
// sets only CF). An instruction that stores operands overwrites all flags that came from the old ones:
// comparisons and sums set all five; results (temporary FlagR) are stored by instructions that set at
// least ZF, SF and PF. So a source never refers to operands that were replaced.
//
// Where two ways meet and a flag is live, each way first writes it to the flag's own local
// (`materialise`), and the state after is `Local`. A block with one way in goes on with the state of
// its predecessor, so `cmp` and a chain of conditional jumps stay fused.

use iced_x86::ConditionCode;

use super::emit::{Emitter, Temp};
use super::regs::{Reg, RegSet, Width};

/// Where one flag can be had from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Its own local.
    Local,
    /// Known.
    Const(bool),
    /// FlagA − FlagB.
    Compare(Width),
    /// FlagA + FlagB.
    Sum(Width),
    /// FlagR; only for ZF, SF and PF.
    Result(Width),
    /// The ordering of FlagAf and FlagBf; only for CF, ZF and PF.
    Float,
}

/// Where all flags can be had from, and which of them matter.
#[derive(Debug, Clone, Copy)]
pub struct Flags {
    sources: [Source; 5],
    /// Those that are read before they are set again after the current instruction.
    pub needed: RegSet,
}

impl Default for Flags {
    fn default() -> Self {
        Flags { sources: [Source::Local; 5], needed: RegSet::FLAGS }
    }
}

const ALL: [Reg; 5] = [Reg::CF, Reg::PF, Reg::ZF, Reg::SF, Reg::OF];
const FROM_RESULT: [Reg; 3] = [Reg::PF, Reg::ZF, Reg::SF];

impl Flags {
    /// Where `flag` can be had from.
    pub fn source(&self, flag: Reg) -> Source {
        self.sources[usize::from(flag.0 - Reg::CF.0)]
    }

    /// Sets where `flag` can be had from.
    pub fn set_source(&mut self, flag: Reg, source: Source) {
        self.sources[usize::from(flag.0 - Reg::CF.0)] = source;
    }

    /// Whether anybody reads one of `flags`.
    pub fn wants(&self, flags: &[Reg]) -> bool {
        !self.needed.and(RegSet::of(flags)).is_empty()
    }

    /// Whether anybody reads any flag.
    pub fn wants_any(&self) -> bool {
        !self.needed.and(RegSet::FLAGS).is_empty()
    }
}

/// The temporary for a first operand of this width.
pub fn flag_a(width: Width) -> Temp {
    if width.is_long() { Temp::FlagA64 } else { Temp::FlagA32 }
}

/// The temporary for a second operand of this width.
pub fn flag_b(width: Width) -> Temp {
    if width.is_long() { Temp::FlagB64 } else { Temp::FlagB32 }
}

/// The temporary for a result of this width.
pub fn flag_r(width: Width) -> Temp {
    if width.is_long() { Temp::FlagR64 } else { Temp::FlagR32 }
}

impl Emitter<'_> {
    fn define_flag(&mut self, flag: Reg, source: Source) {
        self.effects.defs.add(flag);
        self.flags.set_source(flag, source);
    }

    /// All flags come from FlagA − FlagB, which the caller has stored if any is wanted.
    pub fn flags_from_compare(&mut self, width: Width) {
        ALL.iter().for_each(|&flag| self.define_flag(flag, Source::Compare(width)));
    }

    /// All flags come from FlagA + FlagB.
    pub fn flags_from_sum(&mut self, width: Width) {
        ALL.iter().for_each(|&flag| self.define_flag(flag, Source::Sum(width)));
    }

    /// ZF, SF and PF come from FlagR.
    pub fn flags_from_result(&mut self, width: Width) {
        FROM_RESULT.iter().for_each(|&flag| self.define_flag(flag, Source::Result(width)));
    }

    /// ZF, PF and CF come from FlagAf against FlagBf; OF and SF are clear.
    pub fn flags_from_float(&mut self) {
        [Reg::CF, Reg::PF, Reg::ZF].iter().for_each(|&flag| self.define_flag(flag, Source::Float));
        self.flag_known(Reg::OF, false);
        self.flag_known(Reg::SF, false);
    }

    /// `flag` is known. Also used for flags that the processor leaves undefined.
    pub fn flag_known(&mut self, flag: Reg, value: bool) {
        self.define_flag(flag, Source::Const(value));
    }

    /// The flags of a logical operation whose result is in FlagR.
    pub fn flags_from_logic(&mut self, width: Width) {
        self.flags_from_result(width);
        self.flag_known(Reg::CF, false);
        self.flag_known(Reg::OF, false);
    }

    /// Pops a condition (0 or 1) into a flag's own local.
    pub fn set_flag(&mut self, flag: Reg) {
        self.set(flag);
        self.flags.set_source(flag, Source::Local);
    }

    /// Puts a live flag into its own local, whatever it comes from now.
    pub fn materialise(&mut self, flag: Reg) {
        if self.flags.source(flag) != Source::Local {
            self.push_flag(flag);
            let local = self.reg_local(flag);
            self.w().local_set(local);
            self.flags.set_source(flag, Source::Local);
        }
    }

    /// Pushes an operand of the producer as an i64 (64 bits) or i32, extended for a comparison.
    fn push_flag_operand(&mut self, temp: Temp, width: Width, signed: bool) {
        self.get_temp(temp);
        self.extend_narrow(width, signed);
    }

    /// Makes the i32 on the stack a proper value of 8 or 16 bits; wider values are left alone.
    pub fn extend_narrow(&mut self, width: Width, signed: bool) {
        match (width, signed) {
            (Width::W8, true) => self.w().i32_extend8_s(),
            (Width::W16, true) => self.w().i32_extend16_s(),
            (Width::W8 | Width::W16, false) => self.w().i32_const(width.mask() as i32).i32_and(),
            (Width::W32 | Width::W64, _) => return,
        };
    }

    fn push_compare_operands(&mut self, width: Width, signed: bool) {
        self.push_flag_operand(flag_a(width), width, signed);
        self.push_flag_operand(flag_b(width), width, signed);
    }

    /// Pushes the value that ZF, SF and PF are about, sign-extended when narrow.
    fn push_flag_value(&mut self, source: Source) -> Width {
        let (Source::Compare(width) | Source::Sum(width) | Source::Result(width)) = source else {
            unreachable!("only called for sources that have a value");
        };
        if matches!(source, Source::Result(_)) {
            self.get_temp(flag_r(width));
        } else {
            self.get_temp(flag_a(width));
            self.get_temp(flag_b(width));
            match (source, width.is_long()) {
                (Source::Compare(_), true) => self.w().i64_sub(),
                (Source::Compare(_), false) => self.w().i32_sub(),
                (_, true) => self.w().i64_add(),
                (_, false) => self.w().i32_add(),
            };
        }
        self.extend_narrow(width, true);
        width
    }

    /// Pushes a flag as 0 or 1.
    pub fn push_flag(&mut self, flag: Reg) {
        self.push_flag_from(flag, self.flags.source(flag));
    }

    /// Pushes what `flag` is if it comes from `source`.
    pub fn push_flag_from(&mut self, flag: Reg, source: Source) {
        match (source, flag) {
            (Source::Local, _) => {
                self.note_use(flag);
                let local = self.reg_local(flag);
                self.w().local_get(local);
            }
            (Source::Const(value), _) => {
                self.w().i32_const(value.into());
            }
            (Source::Float, _) => self.push_float_flag(flag),
            (Source::Compare(width), Reg::ZF) => {
                self.push_compare_operands(width, false);
                if width.is_long() {
                    self.w().i64_eq()
                } else {
                    self.w().i32_eq()
                };
            }
            (Source::Compare(width), Reg::CF) => {
                self.push_compare_operands(width, false);
                if width.is_long() {
                    self.w().i64_lt_u()
                } else {
                    self.w().i32_lt_u()
                };
            }
            (Source::Sum(width), Reg::CF) => {
                self.get_temp(flag_a(width));
                self.get_temp(flag_b(width));
                if width.is_long() {
                    self.w().i64_add()
                } else {
                    self.w().i32_add()
                };
                self.extend_narrow(width, false);
                self.push_flag_operand(flag_a(width), width, false);
                if width.is_long() {
                    self.w().i64_lt_u()
                } else {
                    self.w().i32_lt_u()
                };
            }
            (_, Reg::OF) => self.push_overflow(source),
            (_, Reg::ZF) => {
                let width = self.push_flag_value(source);
                if width.is_long() {
                    self.w().i64_eqz()
                } else {
                    self.w().i32_eqz()
                };
            }
            (_, Reg::SF) => {
                let width = self.push_flag_value(source);
                if width.is_long() {
                    self.w().i64_const(0).i64_lt_s();
                } else {
                    self.w().i32_const(0).i32_lt_s();
                }
            }
            _ => {
                let width = self.push_flag_value(source);
                if width.is_long() {
                    self.w().i32_wrap_i64();
                }
                // Even parity of the low byte.
                self.w().i32_const(0xff).i32_and().i32_popcnt().i32_const(1).i32_and().i32_eqz();
            }
        }
    }

    /// OF: the signs of operands and result disagree.
    fn push_overflow(&mut self, source: Source) {
        let (Source::Compare(width) | Source::Sum(width)) = source else {
            self.w().i32_const(0);
            return;
        };
        let long = width.is_long();
        let xor = |e: &mut Self| {
            if long {
                e.w().i64_xor()
            } else {
                e.w().i32_xor()
            };
        };
        // a − b overflows when a and b differ in sign and so do a and the result;
        // a + b when the result differs from both.
        let subtract = matches!(source, Source::Compare(_));
        self.get_temp(flag_a(width));
        if subtract {
            self.get_temp(flag_b(width));
        } else {
            self.push_flag_value(source);
        }
        xor(self);
        self.get_temp(if subtract { flag_a(width) } else { flag_b(width) });
        self.push_flag_value(source);
        xor(self);
        if long {
            self.w().i64_and().i64_const(0).i64_lt_s();
        } else {
            self.w().i32_and();
            self.extend_narrow(width, true);
            self.w().i32_const(0).i32_lt_s();
        }
    }

    fn push_floats(&mut self) {
        self.get_temp(Temp::FlagAf);
        self.get_temp(Temp::FlagBf);
    }

    /// Less: CF. Equal: ZF. Unordered: all three. Greater: none.
    fn push_float_flag(&mut self, flag: Reg) {
        match flag {
            Reg::CF => {
                self.push_floats();
                self.w().f64_ge().i32_eqz();
            }
            Reg::ZF => {
                self.push_floats();
                self.w().f64_lt();
                self.push_floats();
                self.w().f64_gt().i32_or().i32_eqz();
            }
            _ => {
                self.get_temp(Temp::FlagAf);
                self.get_temp(Temp::FlagAf);
                self.w().f64_ne();
                self.get_temp(Temp::FlagBf);
                self.get_temp(Temp::FlagBf);
                self.w().f64_ne().i32_or();
            }
        }
    }

    /// Whether all of `flags` come from one comparison, and its width.
    fn same_compare(&self, flags: &[Reg]) -> Option<Width> {
        let Source::Compare(width) = self.flags.source(flags[0]) else {
            return None;
        };
        flags.iter().all(|&flag| self.flags.source(flag) == Source::Compare(width)).then_some(width)
    }

    /// Pushes whether a condition holds, as 0 or 1.
    pub fn push_condition(&mut self, condition: ConditionCode) {
        use ConditionCode as C;
        let negate = match condition {
            C::o => return self.push_flag(Reg::OF),
            C::b => return self.push_flag(Reg::CF),
            C::e => return self.push_flag(Reg::ZF),
            C::s => return self.push_flag(Reg::SF),
            C::p => return self.push_flag(Reg::PF),
            C::be => return self.push_below_or_equal(),
            C::l => return self.push_less(),
            C::le => return self.push_less_or_equal(),
            C::no => C::o,
            C::ae => C::b,
            C::ne => C::e,
            C::ns => C::s,
            C::np => C::p,
            C::a => C::be,
            C::ge => C::l,
            C::g => C::le,
            C::None => {
                self.w().i32_const(1);
                return;
            }
        };
        self.push_condition(negate);
        self.w().i32_eqz();
    }

    fn push_below_or_equal(&mut self) {
        if let Some(width) = self.same_compare(&[Reg::CF, Reg::ZF]) {
            self.push_compare_operands(width, false);
            if width.is_long() {
                self.w().i64_le_u()
            } else {
                self.w().i32_le_u()
            };
        } else if self.flags.source(Reg::CF) == Source::Float && self.flags.source(Reg::ZF) == Source::Float {
            self.push_floats();
            self.w().f64_gt().i32_eqz();
        } else {
            self.push_flag(Reg::CF);
            self.push_flag(Reg::ZF);
            self.w().i32_or();
        }
    }

    fn push_less(&mut self) {
        if let Some(width) = self.same_compare(&[Reg::SF, Reg::OF]) {
            self.push_compare_operands(width, true);
            if width.is_long() {
                self.w().i64_lt_s()
            } else {
                self.w().i32_lt_s()
            };
        } else if self.flags.source(Reg::OF) == Source::Const(false) {
            self.push_flag(Reg::SF);
        } else {
            self.push_flag(Reg::SF);
            self.push_flag(Reg::OF);
            self.w().i32_ne();
        }
    }

    fn push_less_or_equal(&mut self) {
        if let Some(width) = self.same_compare(&[Reg::ZF, Reg::SF, Reg::OF]) {
            self.push_compare_operands(width, true);
            if width.is_long() {
                self.w().i64_le_s()
            } else {
                self.w().i32_le_s()
            };
        } else {
            self.push_less();
            self.push_flag(Reg::ZF);
            self.w().i32_or();
        }
    }
}
