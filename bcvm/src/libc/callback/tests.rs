//! Values that C makes and looks at; evaluations need compiled code, see `engine/tests/callbacks.rs`.

use crate::interp::machine::Machine;
use crate::libc::harness::{call, ended, machine, read, string, try_call};
use crate::sched::native::callback::Outside;

/// A machine on which C runs that was called safely.
fn called() -> Machine {
    let mut m = machine();
    m.outside = Outside::Machine;
    m
}

#[test]
fn values_come_back_as_their_type_has_them() {
    let mut m = called();
    let w = 0x1234_5678_9abc_defe;
    for (ty, expected) in [
        ("Char", 0x9abc_defe),
        ("Int", w),
        ("Int8", -2i64 as u64),
        ("Int16", 0xffff_ffff_ffff_defe),
        ("Int32", 0xffff_ffff_9abc_defe),
        ("Int64", w),
        ("Word", w),
        ("Word8", 0xfe),
        ("Word16", 0xdefe),
        ("Word32", 0x9abc_defe),
        ("Word64", w),
        ("Ptr", w),
        ("FunPtr", w),
        ("StablePtr", w),
        ("Double", w),
        ("Float", 0x9abc_defe),
        ("Bool", 1),
    ] {
        let value = call(&mut m, &format!("rts_mk{ty}"), &[0, w]);
        assert_eq!(call(&mut m, &format!("rts_get{ty}"), &[value]), expected, "{ty}");
    }
    let no = call(&mut m, "rts_mkBool", &[0, 0x100]);
    assert_eq!(call(&mut m, "rts_getBool", &[no]), 0, "only the low byte is the Bool");
}

#[test]
fn strings_are_lists_of_characters() {
    let mut m = called();
    let text = string(&mut m, "ab");
    let list = call(&mut m, "rts_mkString", &[0, text]);
    let mut seen = String::new();
    let mut rest = crate::word::ClosurePtr::from_word(list);
    while rest.tag() == 2 {
        let head = m.mem.word(rest.addr() + 8);
        seen.push(char::from(call(&mut m, "rts_getChar", &[head]) as u8));
        rest = m.mem.closure(rest.addr() + 16);
    }
    assert_eq!(seen, read(&m, text));
}

#[test]
fn who_was_not_called_safely_does_not_come_in() {
    for (outside, why) in [(Outside::No, "foreign call that is safe"), (Outside::Finalizer, "a C finalizer")] {
        for function in ["rts_lock", "rts_mkInt", "rts_apply", "rts_evalIO"] {
            let mut m = machine();
            m.outside = outside;
            let report = ended(&mut m, function, &[0; 3]);
            assert!(report.contains(why), "{function}: {report}");
        }
    }
    let mut m = called();
    // No thread is running that could wait.
    try_call(&mut m, "rts_evalIO", &[0; 3]);
    assert!(m.crash_report.contains("no thread"), "{}", m.crash_report);
}

#[test]
fn without_compiled_code_there_are_no_adjustors() {
    let mut m = called();
    let types = string(&mut m, "d");
    let why = ended(&mut m, "createAdjustor", &[1, 2, 3, types]);
    assert!(why.contains("0 Haskell functions"), "{why}");
    // What is none is let be.
    call(&mut m, "freeHaskellFunctionPtr", &[0x1234]);
}
