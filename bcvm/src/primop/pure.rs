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
            CharGt "gtChar#" "nn" "n" = |a: u64, b: u64| a > b,
            CharGe "geChar#" "nn" "n" = |a: u64, b: u64| a >= b,
            CharEq "eqChar#" "nn" "n" = |a: u64, b: u64| a == b,
            CharNe "neChar#" "nn" "n" = |a: u64, b: u64| a != b,
            CharLt "ltChar#" "nn" "n" = |a: u64, b: u64| a < b,
            CharLe "leChar#" "nn" "n" = |a: u64, b: u64| a <= b,
            Ord "ord#" "n" "n" = |a: u64| a,
            Chr "chr#" "n" "n" = |a: u64| a,
            IntAdd "+#" "nn" "n" = |a: i64, b: i64| a.wrapping_add(b),
            IntSub "-#" "nn" "n" = |a: i64, b: i64| a.wrapping_sub(b),
            IntMul "*#" "nn" "n" = |a: i64, b: i64| a.wrapping_mul(b),
            IntMulMayOflo "mulIntMayOflo#" "nn" "n" = |a: i64, b: i64| a.checked_mul(b).is_none(),
            IntQuot "quotInt#" "nn" "n" = |a: i64, b: i64| (b != 0).then(|| a.wrapping_div(b)),
            IntRem "remInt#" "nn" "n" = |a: i64, b: i64| (b != 0).then(|| a.wrapping_rem(b)),
            IntAnd "andI#" "nn" "n" = |a: i64, b: i64| a & b,
            IntOr "orI#" "nn" "n" = |a: i64, b: i64| a | b,
            IntXor "xorI#" "nn" "n" = |a: i64, b: i64| a ^ b,
            IntNot "notI#" "n" "n" = |a: i64| !a,
            IntNegate "negateInt#" "n" "n" = |a: i64| a.wrapping_neg(),
            IntGt ">#" "nn" "n" = |a: i64, b: i64| a > b,
            IntGe ">=#" "nn" "n" = |a: i64, b: i64| a >= b,
            IntEq "==#" "nn" "n" = |a: i64, b: i64| a == b,
            IntNe "/=#" "nn" "n" = |a: i64, b: i64| a != b,
            IntLt "<#" "nn" "n" = |a: i64, b: i64| a < b,
            IntLe "<=#" "nn" "n" = |a: i64, b: i64| a <= b,
            IntToWord "int2Word#" "n" "n" = |a: u64| a,
            IntToFloat "int2Float#" "n" "f" = |a: i64| a as f32,
            IntToDouble "int2Double#" "n" "d" = |a: i64| a as f64,
            WordToFloat "word2Float#" "n" "f" = |a: u64| a as f32,
            WordToDouble "word2Double#" "n" "d" = |a: u64| a as f64,
            IntShl "uncheckedIShiftL#" "nn" "n" = |a: i64, n: u64| a.wrapping_shl(n as u32),
            IntShr "uncheckedIShiftRA#" "nn" "n" = |a: i64, n: u64| a.wrapping_shr(n as u32),
            IntShrLogical "uncheckedIShiftRL#" "nn" "n" = |a: u64, n: u64| a.wrapping_shr(n as u32),
            WordAdd "plusWord#" "nn" "n" = |a: u64, b: u64| a.wrapping_add(b),
            WordSub "minusWord#" "nn" "n" = |a: u64, b: u64| a.wrapping_sub(b),
            WordMul "timesWord#" "nn" "n" = |a: u64, b: u64| a.wrapping_mul(b),
            WordQuot "quotWord#" "nn" "n" = |a: u64, b: u64| a.checked_div(b),
            WordRem "remWord#" "nn" "n" = |a: u64, b: u64| a.checked_rem(b),
            WordAnd "and#" "nn" "n" = |a: u64, b: u64| a & b,
            WordOr "or#" "nn" "n" = |a: u64, b: u64| a | b,
            WordXor "xor#" "nn" "n" = |a: u64, b: u64| a ^ b,
            WordNot "not#" "n" "n" = |a: u64| !a,
            WordShl "uncheckedShiftL#" "nn" "n" = |a: u64, n: u64| a.wrapping_shl(n as u32),
            WordShr "uncheckedShiftRL#" "nn" "n" = |a: u64, n: u64| a.wrapping_shr(n as u32),
            WordToInt "word2Int#" "n" "n" = |a: u64| a,
            WordGt "gtWord#" "nn" "n" = |a: u64, b: u64| a > b,
            WordGe "geWord#" "nn" "n" = |a: u64, b: u64| a >= b,
            WordEq "eqWord#" "nn" "n" = |a: u64, b: u64| a == b,
            WordNe "neWord#" "nn" "n" = |a: u64, b: u64| a != b,
            WordLt "ltWord#" "nn" "n" = |a: u64, b: u64| a < b,
            WordLe "leWord#" "nn" "n" = |a: u64, b: u64| a <= b,
            PopCnt8 "popCnt8#" "n" "n" = |a: u64| (a as u8).count_ones() as u64,
            PopCnt16 "popCnt16#" "n" "n" = |a: u64| (a as u16).count_ones() as u64,
            PopCnt32 "popCnt32#" "n" "n" = |a: u64| (a as u32).count_ones() as u64,
            PopCnt64 "popCnt64#" "n" "n" = |a: u64| (a as u64).count_ones() as u64,
            PopCnt "popCnt#" "n" "n" = |a: u64| a.count_ones() as u64,
            Clz8 "clz8#" "n" "n" = |a: u64| (a as u8).leading_zeros() as u64,
            Clz16 "clz16#" "n" "n" = |a: u64| (a as u16).leading_zeros() as u64,
            Clz32 "clz32#" "n" "n" = |a: u64| (a as u32).leading_zeros() as u64,
            Clz64 "clz64#" "n" "n" = |a: u64| (a as u64).leading_zeros() as u64,
            Clz "clz#" "n" "n" = |a: u64| a.leading_zeros() as u64,
            Ctz8 "ctz8#" "n" "n" = |a: u64| (a as u8).trailing_zeros() as u64,
            Ctz16 "ctz16#" "n" "n" = |a: u64| (a as u16).trailing_zeros() as u64,
            Ctz32 "ctz32#" "n" "n" = |a: u64| (a as u32).trailing_zeros() as u64,
            Ctz64 "ctz64#" "n" "n" = |a: u64| (a as u64).trailing_zeros() as u64,
            Ctz "ctz#" "n" "n" = |a: u64| a.trailing_zeros() as u64,
            ByteSwap16 "byteSwap16#" "n" "n" = |a: u64| (a as u16).swap_bytes() as u64,
            ByteSwap32 "byteSwap32#" "n" "n" = |a: u64| (a as u32).swap_bytes() as u64,
            ByteSwap64 "byteSwap64#" "n" "n" = |a: u64| (a as u64).swap_bytes() as u64,
            ByteSwap "byteSwap#" "n" "n" = |a: u64| a.swap_bytes(),
            BitReverse8 "bitReverse8#" "n" "n" = |a: u64| (a as u8).reverse_bits() as u64,
            BitReverse16 "bitReverse16#" "n" "n" = |a: u64| (a as u16).reverse_bits() as u64,
            BitReverse32 "bitReverse32#" "n" "n" = |a: u64| (a as u32).reverse_bits() as u64,
            BitReverse64 "bitReverse64#" "n" "n" = |a: u64| (a as u64).reverse_bits() as u64,
            BitReverse "bitReverse#" "n" "n" = |a: u64| a.reverse_bits(),
            Pdep8 "pdep8#" "nn" "n" = |a: u64, m: u64| deposit_bits(a, (m as u8) as u64),
            Pdep16 "pdep16#" "nn" "n" = |a: u64, m: u64| deposit_bits(a, (m as u16) as u64),
            Pdep32 "pdep32#" "nn" "n" = |a: u64, m: u64| deposit_bits(a, (m as u32) as u64),
            Pdep64 "pdep64#" "nn" "n" = |a: u64, m: u64| deposit_bits(a, (m as u64) as u64),
            Pdep "pdep#" "nn" "n" = |a: u64, m: u64| deposit_bits(a, m),
            Pext8 "pext8#" "nn" "n" = |a: u64, m: u64| extract_bits(a, (m as u8) as u64),
            Pext16 "pext16#" "nn" "n" = |a: u64, m: u64| extract_bits(a, (m as u16) as u64),
            Pext32 "pext32#" "nn" "n" = |a: u64, m: u64| extract_bits(a, (m as u32) as u64),
            Pext64 "pext64#" "nn" "n" = |a: u64, m: u64| extract_bits(a, (m as u64) as u64),
            Pext "pext#" "nn" "n" = |a: u64, m: u64| extract_bits(a, m),
            Narrow8Int "narrow8Int#" "n" "n" = |a: u64| a as i8 as i64,
            Narrow8Word "narrow8Word#" "n" "n" = |a: u64| a as u8 as u64,
            Narrow16Int "narrow16Int#" "n" "n" = |a: u64| a as i16 as i64,
            Narrow16Word "narrow16Word#" "n" "n" = |a: u64| a as u16 as u64,
            Narrow32Int "narrow32Int#" "n" "n" = |a: u64| a as i32 as i64,
            Narrow32Word "narrow32Word#" "n" "n" = |a: u64| a as u32 as u64,
            ExtendInt8 "extendInt8#" "n" "n" = |a: u64| a as i8 as i64,
            NarrowToInt8 "narrowInt8#" "n" "n" = |a: u64| a as i8 as i64,
            NegateInt8 "negateInt8#" "n" "n" = |a: u64| (a as i8).wrapping_neg() as i64,
            PlusInt8 "plusInt8#" "nn" "n" = |a: u64, b: u64| (a as i8).wrapping_add(b as i8) as i64,
            SubInt8 "subInt8#" "nn" "n" = |a: u64, b: u64| (a as i8).wrapping_sub(b as i8) as i64,
            TimesInt8 "timesInt8#" "nn" "n" = |a: u64, b: u64| (a as i8).wrapping_mul(b as i8) as i64,
            QuotInt8 "quotInt8#" "nn" "n" = |a: u64, b: u64| (b as i8 != 0).then(|| (a as i8).wrapping_div(b as i8) as i64),
            RemInt8 "remInt8#" "nn" "n" = |a: u64, b: u64| (b as i8 != 0).then(|| (a as i8).wrapping_rem(b as i8) as i64),
            GtInt8 "gtInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) > (b as i8),
            GeInt8 "geInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) >= (b as i8),
            EqInt8 "eqInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) == (b as i8),
            NeInt8 "neInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) != (b as i8),
            LtInt8 "ltInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) < (b as i8),
            LeInt8 "leInt8#" "nn" "n" = |a: u64, b: u64| (a as i8) <= (b as i8),
            ExtendWord8 "extendWord8#" "n" "n" = |a: u64| a as u8 as u64,
            NarrowToWord8 "narrowWord8#" "n" "n" = |a: u64| a as u8 as u64,
            NotWord8 "notWord8#" "n" "n" = |a: u64| !(a as u8) as u64,
            PlusWord8 "plusWord8#" "nn" "n" = |a: u64, b: u64| (a as u8).wrapping_add(b as u8) as u64,
            SubWord8 "subWord8#" "nn" "n" = |a: u64, b: u64| (a as u8).wrapping_sub(b as u8) as u64,
            TimesWord8 "timesWord8#" "nn" "n" = |a: u64, b: u64| (a as u8).wrapping_mul(b as u8) as u64,
            QuotWord8 "quotWord8#" "nn" "n" = |a: u64, b: u64| (b as u8 != 0).then(|| (a as u8).wrapping_div(b as u8) as u64),
            RemWord8 "remWord8#" "nn" "n" = |a: u64, b: u64| (b as u8 != 0).then(|| (a as u8).wrapping_rem(b as u8) as u64),
            GtWord8 "gtWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) > (b as u8),
            GeWord8 "geWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) >= (b as u8),
            EqWord8 "eqWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) == (b as u8),
            NeWord8 "neWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) != (b as u8),
            LtWord8 "ltWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) < (b as u8),
            LeWord8 "leWord8#" "nn" "n" = |a: u64, b: u64| (a as u8) <= (b as u8),
            ExtendInt16 "extendInt16#" "n" "n" = |a: u64| a as i16 as i64,
            NarrowToInt16 "narrowInt16#" "n" "n" = |a: u64| a as i16 as i64,
            NegateInt16 "negateInt16#" "n" "n" = |a: u64| (a as i16).wrapping_neg() as i64,
            PlusInt16 "plusInt16#" "nn" "n" = |a: u64, b: u64| (a as i16).wrapping_add(b as i16) as i64,
            SubInt16 "subInt16#" "nn" "n" = |a: u64, b: u64| (a as i16).wrapping_sub(b as i16) as i64,
            TimesInt16 "timesInt16#" "nn" "n" = |a: u64, b: u64| (a as i16).wrapping_mul(b as i16) as i64,
            QuotInt16 "quotInt16#" "nn" "n" = |a: u64, b: u64| (b as i16 != 0).then(|| (a as i16).wrapping_div(b as i16) as i64),
            RemInt16 "remInt16#" "nn" "n" = |a: u64, b: u64| (b as i16 != 0).then(|| (a as i16).wrapping_rem(b as i16) as i64),
            GtInt16 "gtInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) > (b as i16),
            GeInt16 "geInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) >= (b as i16),
            EqInt16 "eqInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) == (b as i16),
            NeInt16 "neInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) != (b as i16),
            LtInt16 "ltInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) < (b as i16),
            LeInt16 "leInt16#" "nn" "n" = |a: u64, b: u64| (a as i16) <= (b as i16),
            ExtendWord16 "extendWord16#" "n" "n" = |a: u64| a as u16 as u64,
            NarrowToWord16 "narrowWord16#" "n" "n" = |a: u64| a as u16 as u64,
            NotWord16 "notWord16#" "n" "n" = |a: u64| !(a as u16) as u64,
            PlusWord16 "plusWord16#" "nn" "n" = |a: u64, b: u64| (a as u16).wrapping_add(b as u16) as u64,
            SubWord16 "subWord16#" "nn" "n" = |a: u64, b: u64| (a as u16).wrapping_sub(b as u16) as u64,
            TimesWord16 "timesWord16#" "nn" "n" = |a: u64, b: u64| (a as u16).wrapping_mul(b as u16) as u64,
            QuotWord16 "quotWord16#" "nn" "n" = |a: u64, b: u64| (b as u16 != 0).then(|| (a as u16).wrapping_div(b as u16) as u64),
            RemWord16 "remWord16#" "nn" "n" = |a: u64, b: u64| (b as u16 != 0).then(|| (a as u16).wrapping_rem(b as u16) as u64),
            GtWord16 "gtWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) > (b as u16),
            GeWord16 "geWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) >= (b as u16),
            EqWord16 "eqWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) == (b as u16),
            NeWord16 "neWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) != (b as u16),
            LtWord16 "ltWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) < (b as u16),
            LeWord16 "leWord16#" "nn" "n" = |a: u64, b: u64| (a as u16) <= (b as u16),
            DoubleGt ">##" "dd" "n" = |a: f64, b: f64| a > b,
            DoubleGe ">=##" "dd" "n" = |a: f64, b: f64| a >= b,
            DoubleEq "==##" "dd" "n" = |a: f64, b: f64| a == b,
            DoubleNe "/=##" "dd" "n" = |a: f64, b: f64| a != b,
            DoubleLt "<##" "dd" "n" = |a: f64, b: f64| a < b,
            DoubleLe "<=##" "dd" "n" = |a: f64, b: f64| a <= b,
            DoubleAdd "+##" "dd" "d" = |a: f64, b: f64| a + b,
            DoubleSub "-##" "dd" "d" = |a: f64, b: f64| a - b,
            DoubleMul "*##" "dd" "d" = |a: f64, b: f64| a * b,
            DoubleDiv "/##" "dd" "d" = |a: f64, b: f64| a / b,
            DoubleNegate "negateDouble#" "d" "d" = |a: f64| -a,
            DoubleFabs "fabsDouble#" "d" "d" = |a: f64| libm::fabs(a),
            DoubleToInt "double2Int#" "d" "n" = |a: f64| truncate(a),
            DoubleToFloat "double2Float#" "d" "f" = |a: f64| a as f32,
            DoubleExp "expDouble#" "d" "d" = |a: f64| libm::exp(a),
            DoubleExpm1 "expm1Double#" "d" "d" = |a: f64| libm::expm1(a),
            DoubleLog "logDouble#" "d" "d" = |a: f64| libm::log(a),
            DoubleLog1p "log1pDouble#" "d" "d" = |a: f64| libm::log1p(a),
            DoubleSqrt "sqrtDouble#" "d" "d" = |a: f64| libm::sqrt(a),
            DoubleSin "sinDouble#" "d" "d" = |a: f64| libm::sin(a),
            DoubleCos "cosDouble#" "d" "d" = |a: f64| libm::cos(a),
            DoubleTan "tanDouble#" "d" "d" = |a: f64| libm::tan(a),
            DoubleAsin "asinDouble#" "d" "d" = |a: f64| libm::asin(a),
            DoubleAcos "acosDouble#" "d" "d" = |a: f64| libm::acos(a),
            DoubleAtan "atanDouble#" "d" "d" = |a: f64| libm::atan(a),
            DoubleSinh "sinhDouble#" "d" "d" = |a: f64| libm::sinh(a),
            DoubleCosh "coshDouble#" "d" "d" = |a: f64| libm::cosh(a),
            DoubleTanh "tanhDouble#" "d" "d" = |a: f64| libm::tanh(a),
            DoubleAsinh "asinhDouble#" "d" "d" = |a: f64| libm::asinh(a),
            DoubleAcosh "acoshDouble#" "d" "d" = |a: f64| libm::acosh(a),
            DoubleAtanh "atanhDouble#" "d" "d" = |a: f64| libm::atanh(a),
            DoublePow "**##" "dd" "d" = |a: f64, b: f64| libm::pow(a, b),
            FloatGt "gtFloat#" "ff" "n" = |a: f32, b: f32| a > b,
            FloatGe "geFloat#" "ff" "n" = |a: f32, b: f32| a >= b,
            FloatEq "eqFloat#" "ff" "n" = |a: f32, b: f32| a == b,
            FloatNe "neFloat#" "ff" "n" = |a: f32, b: f32| a != b,
            FloatLt "ltFloat#" "ff" "n" = |a: f32, b: f32| a < b,
            FloatLe "leFloat#" "ff" "n" = |a: f32, b: f32| a <= b,
            FloatAdd "plusFloat#" "ff" "f" = |a: f32, b: f32| a + b,
            FloatSub "minusFloat#" "ff" "f" = |a: f32, b: f32| a - b,
            FloatMul "timesFloat#" "ff" "f" = |a: f32, b: f32| a * b,
            FloatDiv "divideFloat#" "ff" "f" = |a: f32, b: f32| a / b,
            FloatNegate "negateFloat#" "f" "f" = |a: f32| -a,
            FloatFabs "fabsFloat#" "f" "f" = |a: f32| libm::fabsf(a),
            FloatToInt "float2Int#" "f" "n" = |a: f32| truncate(a as f64),
            FloatExp "expFloat#" "f" "f" = |a: f32| libm::expf(a),
            FloatExpm1 "expm1Float#" "f" "f" = |a: f32| libm::expm1f(a),
            FloatLog "logFloat#" "f" "f" = |a: f32| libm::logf(a),
            FloatLog1p "log1pFloat#" "f" "f" = |a: f32| libm::log1pf(a),
            FloatSqrt "sqrtFloat#" "f" "f" = |a: f32| libm::sqrtf(a),
            FloatSin "sinFloat#" "f" "f" = |a: f32| libm::sinf(a),
            FloatCos "cosFloat#" "f" "f" = |a: f32| libm::cosf(a),
            FloatTan "tanFloat#" "f" "f" = |a: f32| libm::tanf(a),
            FloatAsin "asinFloat#" "f" "f" = |a: f32| libm::asinf(a),
            FloatAcos "acosFloat#" "f" "f" = |a: f32| libm::acosf(a),
            FloatAtan "atanFloat#" "f" "f" = |a: f32| libm::atanf(a),
            FloatSinh "sinhFloat#" "f" "f" = |a: f32| libm::sinhf(a),
            FloatCosh "coshFloat#" "f" "f" = |a: f32| libm::coshf(a),
            FloatTanh "tanhFloat#" "f" "f" = |a: f32| libm::tanhf(a),
            FloatAsinh "asinhFloat#" "f" "f" = |a: f32| libm::asinhf(a),
            FloatAcosh "acoshFloat#" "f" "f" = |a: f32| libm::acoshf(a),
            FloatAtanh "atanhFloat#" "f" "f" = |a: f32| libm::atanhf(a),
            FloatPow "powerFloat#" "ff" "f" = |a: f32, b: f32| libm::powf(a, b),
            FloatToDouble "float2Double#" "f" "d" = |a: f32| a as f64,
            AddrPlus "plusAddr#" "nn" "n" = |a: u64, b: u64| a.wrapping_add(b),
            AddrMinus "minusAddr#" "nn" "n" = |a: u64, b: u64| a.wrapping_sub(b),
            AddrRem "remAddr#" "nn" "n" = |a: u64, b: u64| a.checked_rem(b),
            AddrGt "gtAddr#" "nn" "n" = |a: u64, b: u64| a > b,
            AddrGe "geAddr#" "nn" "n" = |a: u64, b: u64| a >= b,
            AddrEq "eqAddr#" "nn" "n" = |a: u64, b: u64| a == b,
            AddrNe "neAddr#" "nn" "n" = |a: u64, b: u64| a != b,
            AddrLt "ltAddr#" "nn" "n" = |a: u64, b: u64| a < b,
            AddrLe "leAddr#" "nn" "n" = |a: u64, b: u64| a <= b,
            AddrToInt "addr2Int#" "n" "n" = |a: u64| a,
            IntToAddr "int2Addr#" "n" "n" = |a: u64| a,
        }
    };
}

macro_rules! declare {
    ($($name:ident $ghc:literal $args:literal $results:literal = $f:expr,)*) => {
        /// A pure primop.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Pure {
            $($name,)*
        }

        /// The rows, in the order of [`Pure`].
        pub const PURE: &[Primop] = &[
            $(Primop { name: $ghc, args: $args, results: $results, code: Code::Pure(Pure::$name) },)*
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
