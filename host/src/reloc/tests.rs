//! Kinds and their limits, without files.

use proptest::prelude::*;

use super::apply::{Operands, compute, write};
use super::{Check, Kind, Value, x86_64};

fn kind(check: Check, width: u8) -> Kind {
    Kind { name: "test", value: Value::Absolute, width, check }
}

#[test]
fn limits_of_each_check() {
    let fits = |check, value| kind(check, 4).encode(value).is_some();
    for (value, unsigned, signed) in [
        (0, true, true),
        (0x7fff_ffff, true, true),
        (0x8000_0000, true, false),
        (0xffff_ffff, true, false),
        (0x1_0000_0000, false, false),
        (-1, false, true),
        (-0x8000_0000, false, true),
        (-0x8000_0001, false, false),
    ] {
        assert_eq!(fits(Check::Unsigned, value), unsigned, "{value:#x}");
        assert_eq!(fits(Check::Signed, value), signed, "{value:#x}");
        assert_eq!(fits(Check::Either, value), unsigned || signed, "{value:#x}");
    }
}

#[test]
fn values_are_what_the_abi_says() {
    let operands = Operands { symbol: 0x1000, addend: -4, place: 0x2000, entry: 0x3008, table: 0x3000, size: 24 };
    for (r_type, expected) in [
        (x86_64::R64, 0xffc),
        (x86_64::R32S, 0xffc),
        (x86_64::PC32, 0xffc - 0x2000),
        (x86_64::PLT32, 0xffc - 0x2000),
        (x86_64::PC64, 0xffc - 0x2000),
        (x86_64::GOTPCREL, 0x3004 - 0x2000),
        (x86_64::REX_GOTPCRELX, 0x3004 - 0x2000),
        (x86_64::GOTOFF64, 0xffc - 0x3000),
        (x86_64::GOTPC32, 0x3000 - 4 - 0x2000),
        (x86_64::GOT64, 4),
        (x86_64::SIZE32, 20),
        (x86_64::JUMP_SLOT, 0xffc),
        (x86_64::TPOFF64, 0xffc - i128::from(bcvm::abi::THREAD)),
    ] {
        let kind = x86_64::kind(r_type).expect("a known type");
        assert_eq!(compute(&kind, &operands), expected, "{}", kind.name);
    }
}

#[test]
fn unknown_types_have_no_kind() {
    // Thread-local and dynamic ones among them.
    for r_type in [0, 5, 8, 16, 17, 19, 20, 21, 22, 23, 37, 43, 1000] {
        assert_eq!(x86_64::kind(r_type), None, "{r_type}");
    }
}

#[test]
fn a_field_over_the_end_is_an_error() {
    let mut bytes = [0; 3];
    let message = write(&kind(Check::Either, 4), 1, &mut bytes).expect_err("four bytes into three");
    assert!(message.contains("runs over the end"), "{message}");
}

proptest! {
    /// What was written reads back as the value, by the reading that the check is about.
    #[test]
    fn written_values_read_back(value in any::<i64>(), width in prop::sample::select(vec![1u8, 2, 4, 8])) {
        for check in [Check::Unsigned, Check::Signed] {
            let kind = kind(check, width);
            let mut bytes = [0xaa; 8];
            if write(&kind, i128::from(value), &mut bytes).is_ok() {
                let mut whole = [0; 16];
                whole[..usize::from(width)].copy_from_slice(&bytes[..usize::from(width)]);
                let raw = i128::from_le_bytes(whole);
                let unused = 128 - 8 * u32::from(width);
                let read = if check == Check::Signed { raw << unused >> unused } else { raw };
                prop_assert_eq!(read, i128::from(value));
                prop_assert!(bytes[usize::from(width)..].iter().all(|&byte| byte == 0xaa));
            }
        }
    }
}
