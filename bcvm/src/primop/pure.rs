//! Primops that are functions from words to a word: arithmetic, comparison, conversion.
//!
//! A row is `Name "name#" "argument representations" result = closure`; the closure's types say how the words are
//! read. One that answers `None` divides by zero, which ends the evaluation as SIGFPE ends a process. Results of
//! comparisons are 0 or 1, as GHC's Int# booleans.

use super::table::{Code, Primop};

/// Calls `$m!` with every pure primop.
macro_rules! for_each_pure {
    ($m:ident) => {
        $m! {
            CharGt "gtChar#" "nn" b'n' = |a: u64, b: u64| a > b,
            CharGe "geChar#" "nn" b'n' = |a: u64, b: u64| a >= b,
            CharEq "eqChar#" "nn" b'n' = |a: u64, b: u64| a == b,
            CharNe "neChar#" "nn" b'n' = |a: u64, b: u64| a != b,
            CharLt "ltChar#" "nn" b'n' = |a: u64, b: u64| a < b,
            CharLe "leChar#" "nn" b'n' = |a: u64, b: u64| a <= b,
            Ord "ord#" "n" b'n' = |a: u64| a,
            Chr "chr#" "n" b'n' = |a: u64| a,
            IntAdd "+#" "nn" b'n' = |a: i64, b: i64| a.wrapping_add(b),
            IntSub "-#" "nn" b'n' = |a: i64, b: i64| a.wrapping_sub(b),
            IntMul "*#" "nn" b'n' = |a: i64, b: i64| a.wrapping_mul(b),
            IntMulMayOflo "mulIntMayOflo#" "nn" b'n' = |a: i64, b: i64| a.checked_mul(b).is_none(),
            IntQuot "quotInt#" "nn" b'n' = |a: i64, b: i64| (b != 0).then(|| a.wrapping_div(b)),
            IntRem "remInt#" "nn" b'n' = |a: i64, b: i64| (b != 0).then(|| a.wrapping_rem(b)),
            IntAnd "andI#" "nn" b'n' = |a: i64, b: i64| a & b,
            IntOr "orI#" "nn" b'n' = |a: i64, b: i64| a | b,
            IntXor "xorI#" "nn" b'n' = |a: i64, b: i64| a ^ b,
            IntNot "notI#" "n" b'n' = |a: i64| !a,
            IntNegate "negateInt#" "n" b'n' = |a: i64| a.wrapping_neg(),
            IntGt ">#" "nn" b'n' = |a: i64, b: i64| a > b,
            IntGe ">=#" "nn" b'n' = |a: i64, b: i64| a >= b,
            IntEq "==#" "nn" b'n' = |a: i64, b: i64| a == b,
            IntNe "/=#" "nn" b'n' = |a: i64, b: i64| a != b,
            IntLt "<#" "nn" b'n' = |a: i64, b: i64| a < b,
            IntLe "<=#" "nn" b'n' = |a: i64, b: i64| a <= b,
            IntToWord "int2Word#" "n" b'n' = |a: u64| a,
            IntToFloat "int2Float#" "n" b'f' = |a: i64| a as f32,
            IntToDouble "int2Double#" "n" b'd' = |a: i64| a as f64,
            WordToFloat "word2Float#" "n" b'f' = |a: u64| a as f32,
            WordToDouble "word2Double#" "n" b'd' = |a: u64| a as f64,
            IntShl "uncheckedIShiftL#" "nn" b'n' = |a: i64, n: u64| a.wrapping_shl(n as u32),
            IntShr "uncheckedIShiftRA#" "nn" b'n' = |a: i64, n: u64| a.wrapping_shr(n as u32),
            IntShrLogical "uncheckedIShiftRL#" "nn" b'n' = |a: u64, n: u64| a.wrapping_shr(n as u32),
            WordAdd "plusWord#" "nn" b'n' = |a: u64, b: u64| a.wrapping_add(b),
            WordSub "minusWord#" "nn" b'n' = |a: u64, b: u64| a.wrapping_sub(b),
            WordMul "timesWord#" "nn" b'n' = |a: u64, b: u64| a.wrapping_mul(b),
            WordQuot "quotWord#" "nn" b'n' = |a: u64, b: u64| a.checked_div(b),
            WordRem "remWord#" "nn" b'n' = |a: u64, b: u64| a.checked_rem(b),
            WordAnd "and#" "nn" b'n' = |a: u64, b: u64| a & b,
            WordOr "or#" "nn" b'n' = |a: u64, b: u64| a | b,
            WordXor "xor#" "nn" b'n' = |a: u64, b: u64| a ^ b,
            WordNot "not#" "n" b'n' = |a: u64| !a,
            WordShl "uncheckedShiftL#" "nn" b'n' = |a: u64, n: u64| a.wrapping_shl(n as u32),
            WordShr "uncheckedShiftRL#" "nn" b'n' = |a: u64, n: u64| a.wrapping_shr(n as u32),
            WordToInt "word2Int#" "n" b'n' = |a: u64| a,
            WordGt "gtWord#" "nn" b'n' = |a: u64, b: u64| a > b,
            WordGe "geWord#" "nn" b'n' = |a: u64, b: u64| a >= b,
            WordEq "eqWord#" "nn" b'n' = |a: u64, b: u64| a == b,
            WordNe "neWord#" "nn" b'n' = |a: u64, b: u64| a != b,
            WordLt "ltWord#" "nn" b'n' = |a: u64, b: u64| a < b,
            WordLe "leWord#" "nn" b'n' = |a: u64, b: u64| a <= b,
            PopCnt8 "popCnt8#" "n" b'n' = |a: u64| (a as u8).count_ones() as u64,
            PopCnt16 "popCnt16#" "n" b'n' = |a: u64| (a as u16).count_ones() as u64,
            PopCnt32 "popCnt32#" "n" b'n' = |a: u64| (a as u32).count_ones() as u64,
            PopCnt64 "popCnt64#" "n" b'n' = |a: u64| (a as u64).count_ones() as u64,
            PopCnt "popCnt#" "n" b'n' = |a: u64| a.count_ones() as u64,
            Clz8 "clz8#" "n" b'n' = |a: u64| (a as u8).leading_zeros() as u64,
            Clz16 "clz16#" "n" b'n' = |a: u64| (a as u16).leading_zeros() as u64,
            Clz32 "clz32#" "n" b'n' = |a: u64| (a as u32).leading_zeros() as u64,
            Clz64 "clz64#" "n" b'n' = |a: u64| (a as u64).leading_zeros() as u64,
            Clz "clz#" "n" b'n' = |a: u64| a.leading_zeros() as u64,
            Ctz8 "ctz8#" "n" b'n' = |a: u64| (a as u8).trailing_zeros() as u64,
            Ctz16 "ctz16#" "n" b'n' = |a: u64| (a as u16).trailing_zeros() as u64,
            Ctz32 "ctz32#" "n" b'n' = |a: u64| (a as u32).trailing_zeros() as u64,
            Ctz64 "ctz64#" "n" b'n' = |a: u64| (a as u64).trailing_zeros() as u64,
            Ctz "ctz#" "n" b'n' = |a: u64| a.trailing_zeros() as u64,
            ByteSwap16 "byteSwap16#" "n" b'n' = |a: u64| (a as u16).swap_bytes() as u64,
            ByteSwap32 "byteSwap32#" "n" b'n' = |a: u64| (a as u32).swap_bytes() as u64,
            ByteSwap64 "byteSwap64#" "n" b'n' = |a: u64| (a as u64).swap_bytes() as u64,
            ByteSwap "byteSwap#" "n" b'n' = |a: u64| a.swap_bytes(),
            BitReverse8 "bitReverse8#" "n" b'n' = |a: u64| (a as u8).reverse_bits() as u64,
            BitReverse16 "bitReverse16#" "n" b'n' = |a: u64| (a as u16).reverse_bits() as u64,
            BitReverse32 "bitReverse32#" "n" b'n' = |a: u64| (a as u32).reverse_bits() as u64,
            BitReverse64 "bitReverse64#" "n" b'n' = |a: u64| (a as u64).reverse_bits() as u64,
            BitReverse "bitReverse#" "n" b'n' = |a: u64| a.reverse_bits(),
            Pdep8 "pdep8#" "nn" b'n' = |a: u64, m: u64| deposit_bits(a, (m as u8) as u64),
            Pdep16 "pdep16#" "nn" b'n' = |a: u64, m: u64| deposit_bits(a, (m as u16) as u64),
            Pdep32 "pdep32#" "nn" b'n' = |a: u64, m: u64| deposit_bits(a, (m as u32) as u64),
            Pdep64 "pdep64#" "nn" b'n' = |a: u64, m: u64| deposit_bits(a, (m as u64) as u64),
            Pdep "pdep#" "nn" b'n' = |a: u64, m: u64| deposit_bits(a, m),
            Pext8 "pext8#" "nn" b'n' = |a: u64, m: u64| extract_bits(a, (m as u8) as u64),
            Pext16 "pext16#" "nn" b'n' = |a: u64, m: u64| extract_bits(a, (m as u16) as u64),
            Pext32 "pext32#" "nn" b'n' = |a: u64, m: u64| extract_bits(a, (m as u32) as u64),
            Pext64 "pext64#" "nn" b'n' = |a: u64, m: u64| extract_bits(a, (m as u64) as u64),
            Pext "pext#" "nn" b'n' = |a: u64, m: u64| extract_bits(a, m),
            Narrow8Int "narrow8Int#" "n" b'n' = |a: u64| a as i8 as i64,
            Narrow8Word "narrow8Word#" "n" b'n' = |a: u64| a as u8 as u64,
            Narrow16Int "narrow16Int#" "n" b'n' = |a: u64| a as i16 as i64,
            Narrow16Word "narrow16Word#" "n" b'n' = |a: u64| a as u16 as u64,
            Narrow32Int "narrow32Int#" "n" b'n' = |a: u64| a as i32 as i64,
            Narrow32Word "narrow32Word#" "n" b'n' = |a: u64| a as u32 as u64,
            ExtendInt8 "extendInt8#" "n" b'n' = |a: u64| a as i8 as i64,
            NarrowToInt8 "narrowInt8#" "n" b'n' = |a: u64| a as i8 as i64,
            NegateInt8 "negateInt8#" "n" b'n' = |a: u64| (a as i8).wrapping_neg() as i64,
            PlusInt8 "plusInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8).wrapping_add(b as i8) as i64,
            SubInt8 "subInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8).wrapping_sub(b as i8) as i64,
            TimesInt8 "timesInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8).wrapping_mul(b as i8) as i64,
            QuotInt8 "quotInt8#" "nn" b'n' = |a: u64, b: u64| (b as i8 != 0).then(|| (a as i8).wrapping_div(b as i8) as i64),
            RemInt8 "remInt8#" "nn" b'n' = |a: u64, b: u64| (b as i8 != 0).then(|| (a as i8).wrapping_rem(b as i8) as i64),
            GtInt8 "gtInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) > (b as i8),
            GeInt8 "geInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) >= (b as i8),
            EqInt8 "eqInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) == (b as i8),
            NeInt8 "neInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) != (b as i8),
            LtInt8 "ltInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) < (b as i8),
            LeInt8 "leInt8#" "nn" b'n' = |a: u64, b: u64| (a as i8) <= (b as i8),
            ExtendWord8 "extendWord8#" "n" b'n' = |a: u64| a as u8 as u64,
            NarrowToWord8 "narrowWord8#" "n" b'n' = |a: u64| a as u8 as u64,
            NotWord8 "notWord8#" "n" b'n' = |a: u64| !(a as u8) as u64,
            PlusWord8 "plusWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8).wrapping_add(b as u8) as u64,
            SubWord8 "subWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8).wrapping_sub(b as u8) as u64,
            TimesWord8 "timesWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8).wrapping_mul(b as u8) as u64,
            QuotWord8 "quotWord8#" "nn" b'n' = |a: u64, b: u64| (b as u8 != 0).then(|| (a as u8).wrapping_div(b as u8) as u64),
            RemWord8 "remWord8#" "nn" b'n' = |a: u64, b: u64| (b as u8 != 0).then(|| (a as u8).wrapping_rem(b as u8) as u64),
            GtWord8 "gtWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) > (b as u8),
            GeWord8 "geWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) >= (b as u8),
            EqWord8 "eqWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) == (b as u8),
            NeWord8 "neWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) != (b as u8),
            LtWord8 "ltWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) < (b as u8),
            LeWord8 "leWord8#" "nn" b'n' = |a: u64, b: u64| (a as u8) <= (b as u8),
            ExtendInt16 "extendInt16#" "n" b'n' = |a: u64| a as i16 as i64,
            NarrowToInt16 "narrowInt16#" "n" b'n' = |a: u64| a as i16 as i64,
            NegateInt16 "negateInt16#" "n" b'n' = |a: u64| (a as i16).wrapping_neg() as i64,
            PlusInt16 "plusInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16).wrapping_add(b as i16) as i64,
            SubInt16 "subInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16).wrapping_sub(b as i16) as i64,
            TimesInt16 "timesInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16).wrapping_mul(b as i16) as i64,
            QuotInt16 "quotInt16#" "nn" b'n' = |a: u64, b: u64| (b as i16 != 0).then(|| (a as i16).wrapping_div(b as i16) as i64),
            RemInt16 "remInt16#" "nn" b'n' = |a: u64, b: u64| (b as i16 != 0).then(|| (a as i16).wrapping_rem(b as i16) as i64),
            GtInt16 "gtInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) > (b as i16),
            GeInt16 "geInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) >= (b as i16),
            EqInt16 "eqInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) == (b as i16),
            NeInt16 "neInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) != (b as i16),
            LtInt16 "ltInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) < (b as i16),
            LeInt16 "leInt16#" "nn" b'n' = |a: u64, b: u64| (a as i16) <= (b as i16),
            ExtendWord16 "extendWord16#" "n" b'n' = |a: u64| a as u16 as u64,
            NarrowToWord16 "narrowWord16#" "n" b'n' = |a: u64| a as u16 as u64,
            NotWord16 "notWord16#" "n" b'n' = |a: u64| !(a as u16) as u64,
            PlusWord16 "plusWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16).wrapping_add(b as u16) as u64,
            SubWord16 "subWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16).wrapping_sub(b as u16) as u64,
            TimesWord16 "timesWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16).wrapping_mul(b as u16) as u64,
            QuotWord16 "quotWord16#" "nn" b'n' = |a: u64, b: u64| (b as u16 != 0).then(|| (a as u16).wrapping_div(b as u16) as u64),
            RemWord16 "remWord16#" "nn" b'n' = |a: u64, b: u64| (b as u16 != 0).then(|| (a as u16).wrapping_rem(b as u16) as u64),
            GtWord16 "gtWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) > (b as u16),
            GeWord16 "geWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) >= (b as u16),
            EqWord16 "eqWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) == (b as u16),
            NeWord16 "neWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) != (b as u16),
            LtWord16 "ltWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) < (b as u16),
            LeWord16 "leWord16#" "nn" b'n' = |a: u64, b: u64| (a as u16) <= (b as u16),
            DoubleGt ">##" "dd" b'n' = |a: f64, b: f64| a > b,
            DoubleGe ">=##" "dd" b'n' = |a: f64, b: f64| a >= b,
            DoubleEq "==##" "dd" b'n' = |a: f64, b: f64| a == b,
            DoubleNe "/=##" "dd" b'n' = |a: f64, b: f64| a != b,
            DoubleLt "<##" "dd" b'n' = |a: f64, b: f64| a < b,
            DoubleLe "<=##" "dd" b'n' = |a: f64, b: f64| a <= b,
            DoubleAdd "+##" "dd" b'd' = |a: f64, b: f64| a + b,
            DoubleSub "-##" "dd" b'd' = |a: f64, b: f64| a - b,
            DoubleMul "*##" "dd" b'd' = |a: f64, b: f64| a * b,
            DoubleDiv "/##" "dd" b'd' = |a: f64, b: f64| a / b,
            DoubleNegate "negateDouble#" "d" b'd' = |a: f64| -a,
            DoubleFabs "fabsDouble#" "d" b'd' = |a: f64| libm::fabs(a),
            DoubleToInt "double2Int#" "d" b'n' = |a: f64| truncate(a),
            DoubleToFloat "double2Float#" "d" b'f' = |a: f64| a as f32,
            DoubleExp "expDouble#" "d" b'd' = |a: f64| libm::exp(a),
            DoubleExpm1 "expm1Double#" "d" b'd' = |a: f64| libm::expm1(a),
            DoubleLog "logDouble#" "d" b'd' = |a: f64| libm::log(a),
            DoubleLog1p "log1pDouble#" "d" b'd' = |a: f64| libm::log1p(a),
            DoubleSqrt "sqrtDouble#" "d" b'd' = |a: f64| libm::sqrt(a),
            DoubleSin "sinDouble#" "d" b'd' = |a: f64| libm::sin(a),
            DoubleCos "cosDouble#" "d" b'd' = |a: f64| libm::cos(a),
            DoubleTan "tanDouble#" "d" b'd' = |a: f64| libm::tan(a),
            DoubleAsin "asinDouble#" "d" b'd' = |a: f64| libm::asin(a),
            DoubleAcos "acosDouble#" "d" b'd' = |a: f64| libm::acos(a),
            DoubleAtan "atanDouble#" "d" b'd' = |a: f64| libm::atan(a),
            DoubleSinh "sinhDouble#" "d" b'd' = |a: f64| libm::sinh(a),
            DoubleCosh "coshDouble#" "d" b'd' = |a: f64| libm::cosh(a),
            DoubleTanh "tanhDouble#" "d" b'd' = |a: f64| libm::tanh(a),
            DoubleAsinh "asinhDouble#" "d" b'd' = |a: f64| libm::asinh(a),
            DoubleAcosh "acoshDouble#" "d" b'd' = |a: f64| libm::acosh(a),
            DoubleAtanh "atanhDouble#" "d" b'd' = |a: f64| libm::atanh(a),
            DoublePow "**##" "dd" b'd' = |a: f64, b: f64| libm::pow(a, b),
            FloatGt "gtFloat#" "ff" b'n' = |a: f32, b: f32| a > b,
            FloatGe "geFloat#" "ff" b'n' = |a: f32, b: f32| a >= b,
            FloatEq "eqFloat#" "ff" b'n' = |a: f32, b: f32| a == b,
            FloatNe "neFloat#" "ff" b'n' = |a: f32, b: f32| a != b,
            FloatLt "ltFloat#" "ff" b'n' = |a: f32, b: f32| a < b,
            FloatLe "leFloat#" "ff" b'n' = |a: f32, b: f32| a <= b,
            FloatAdd "plusFloat#" "ff" b'f' = |a: f32, b: f32| a + b,
            FloatSub "minusFloat#" "ff" b'f' = |a: f32, b: f32| a - b,
            FloatMul "timesFloat#" "ff" b'f' = |a: f32, b: f32| a * b,
            FloatDiv "divideFloat#" "ff" b'f' = |a: f32, b: f32| a / b,
            FloatNegate "negateFloat#" "f" b'f' = |a: f32| -a,
            FloatFabs "fabsFloat#" "f" b'f' = |a: f32| libm::fabsf(a),
            FloatToInt "float2Int#" "f" b'n' = |a: f32| truncate(a as f64),
            FloatExp "expFloat#" "f" b'f' = |a: f32| libm::expf(a),
            FloatExpm1 "expm1Float#" "f" b'f' = |a: f32| libm::expm1f(a),
            FloatLog "logFloat#" "f" b'f' = |a: f32| libm::logf(a),
            FloatLog1p "log1pFloat#" "f" b'f' = |a: f32| libm::log1pf(a),
            FloatSqrt "sqrtFloat#" "f" b'f' = |a: f32| libm::sqrtf(a),
            FloatSin "sinFloat#" "f" b'f' = |a: f32| libm::sinf(a),
            FloatCos "cosFloat#" "f" b'f' = |a: f32| libm::cosf(a),
            FloatTan "tanFloat#" "f" b'f' = |a: f32| libm::tanf(a),
            FloatAsin "asinFloat#" "f" b'f' = |a: f32| libm::asinf(a),
            FloatAcos "acosFloat#" "f" b'f' = |a: f32| libm::acosf(a),
            FloatAtan "atanFloat#" "f" b'f' = |a: f32| libm::atanf(a),
            FloatSinh "sinhFloat#" "f" b'f' = |a: f32| libm::sinhf(a),
            FloatCosh "coshFloat#" "f" b'f' = |a: f32| libm::coshf(a),
            FloatTanh "tanhFloat#" "f" b'f' = |a: f32| libm::tanhf(a),
            FloatAsinh "asinhFloat#" "f" b'f' = |a: f32| libm::asinhf(a),
            FloatAcosh "acoshFloat#" "f" b'f' = |a: f32| libm::acoshf(a),
            FloatAtanh "atanhFloat#" "f" b'f' = |a: f32| libm::atanhf(a),
            FloatPow "powerFloat#" "ff" b'f' = |a: f32, b: f32| libm::powf(a, b),
            FloatToDouble "float2Double#" "f" b'd' = |a: f32| a as f64,
            AddrPlus "plusAddr#" "nn" b'n' = |a: u64, b: u64| a.wrapping_add(b),
            AddrMinus "minusAddr#" "nn" b'n' = |a: u64, b: u64| a.wrapping_sub(b),
            AddrRem "remAddr#" "nn" b'n' = |a: u64, b: u64| a.checked_rem(b),
            AddrGt "gtAddr#" "nn" b'n' = |a: u64, b: u64| a > b,
            AddrGe "geAddr#" "nn" b'n' = |a: u64, b: u64| a >= b,
            AddrEq "eqAddr#" "nn" b'n' = |a: u64, b: u64| a == b,
            AddrNe "neAddr#" "nn" b'n' = |a: u64, b: u64| a != b,
            AddrLt "ltAddr#" "nn" b'n' = |a: u64, b: u64| a < b,
            AddrLe "leAddr#" "nn" b'n' = |a: u64, b: u64| a <= b,
            AddrToInt "addr2Int#" "n" b'n' = |a: u64| a,
            IntToAddr "int2Addr#" "n" b'n' = |a: u64| a,
        }
    };
}

macro_rules! declare {
    ($($name:ident $ghc:literal $args:literal $result:literal = $f:expr,)*) => {
        /// A pure primop.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Pure {
            $($name,)*
        }

        /// The rows, in the order of [`Pure`].
        pub const PURE: &[Primop] = &[
            $(Primop { name: $ghc, args: $args, result: $result, code: Code::Pure(Pure::$name) },)*
        ];

        impl Pure {
            /// The result on argument words; arguments beyond the primop's own are not looked at. None on a
            /// division by zero.
            #[inline(always)]
            pub fn compute(self, args: [u64; 2]) -> Option<u64> {
                match self {
                    $(Pure::$name => Words::compute(&$f, args),)*
                }
            }

            /// The primop whose discriminant is `n`.
            #[inline(always)]
            pub fn from_number(n: u8) -> Option<Pure> {
                match n {
                    $(n if n == Pure::$name as u8 => Some(Pure::$name),)*
                    _ => None,
                }
            }
        }
    };
}
for_each_pure!(declare);

/// A closure of one or two word-like arguments, so that rows can be written with their own types.
trait Words<Args> {
    fn compute(&self, args: [u64; 2]) -> Option<u64>;
}

impl<F: Fn(A) -> R, A: Word64, R: Answer> Words<(A,)> for F {
    #[inline(always)]
    fn compute(&self, args: [u64; 2]) -> Option<u64> {
        self(A::from_word(args[0])).answer()
    }
}

impl<F: Fn(A, B) -> R, A: Word64, B: Word64, R: Answer> Words<(A, B)> for F {
    #[inline(always)]
    fn compute(&self, args: [u64; 2]) -> Option<u64> {
        self(A::from_word(args[0]), B::from_word(args[1])).answer()
    }
}

/// A type that a stack word can be read as.
trait Word64 {
    fn from_word(w: u64) -> Self;
}

/// What a row's closure may answer.
trait Answer {
    fn answer(self) -> Option<u64>;
}

macro_rules! word64 {
    ($($t:ty: |$w:ident| $from:expr, |$v:ident| $to:expr;)*) => {$(
        impl Word64 for $t {
            #[inline(always)]
            fn from_word($w: u64) -> $t {
                $from
            }
        }
        impl Answer for $t {
            #[inline(always)]
            fn answer(self) -> Option<u64> {
                let $v = self;
                Some($to)
            }
        }
    )*};
}
word64! {
    u64: |w| w, |v| v;
    i64: |w| w as i64, |v| v as u64;
    f64: |w| f64::from_bits(w), |v| v.to_bits();
    f32: |w| f32::from_bits(w as u32), |v| v.to_bits() as u64;
}

impl Answer for bool {
    #[inline(always)]
    fn answer(self) -> Option<u64> {
        Some(self as u64)
    }
}

impl<T: Answer> Answer for Option<T> {
    #[inline(always)]
    fn answer(self) -> Option<u64> {
        self.and_then(Answer::answer)
    }
}

/// What x86-64's `cvttsd2si` answers, which is what GHC compiles to: out of range is the least Int.
fn truncate(x: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&x) { x as i64 } else { i64::MIN }
}

/// Puts the low bits of `a` where `mask` has ones (`pdep`).
fn deposit_bits(mut a: u64, mut mask: u64) -> u64 {
    let mut out = 0;
    while mask != 0 {
        let lowest = mask & mask.wrapping_neg();
        if a & 1 != 0 {
            out |= lowest;
        }
        a >>= 1;
        mask ^= lowest;
    }
    out
}

/// Gathers the bits of `a` where `mask` has ones (`pext`).
fn extract_bits(a: u64, mut mask: u64) -> u64 {
    let (mut out, mut at) = (0, 0);
    while mask != 0 {
        let lowest = mask & mask.wrapping_neg();
        if a & lowest != 0 {
            out |= 1 << at;
        }
        at += 1;
        mask ^= lowest;
    }
    out
}
