//! Bytes that GHC 9.0.2 and its server really exchanged.

use super::hex;
use crate::protocol::binary::{decode, decode_all, encode};
use crate::protocol::closure::{GenClosure, StgInfoTable};
use crate::protocol::shape::Encoded;
use crate::protocol::th::ast;
use crate::protocol::types::*;
use crate::protocol::*;

const V: GhcVersion = GhcVersion::V9_0;

fn check_request(digits: &str, expected: impl Into<Message>) {
    let (bytes, expected) = (hex(digits), expected.into());
    assert_eq!(decode_all::<Message>(&bytes, V).unwrap(), expected);
    assert_eq!(encode(&expected, V).unwrap(), bytes);
}

fn check_reply<R: Request<Kind = MessageKind>>(digits: &str, expected: R::Reply)
where
    R::Reply: PartialEq + std::fmt::Debug,
{
    let bytes = hex(digits);
    assert_eq!(decode_all::<R::Reply>(&bytes, V).unwrap(), expected);
    assert_eq!(encode(&expected, V).unwrap(), bytes);
}

fn check_th(digits: &str, expected: impl Into<ThMessage>) {
    let (bytes, expected) = (hex(digits), expected.into());
    assert_eq!(decode_all::<ThMessage>(&bytes, V).unwrap(), expected);
    assert_eq!(encode(&expected, V).unwrap(), bytes);
}

#[test]
fn trivial_messages() {
    check_request("00", request::Shutdown {});
    check_request("0f 0000000000000000", request::MallocStrings { strings: vec![] });
    check_reply::<request::MallocStrings>("0000000000000000", vec![]);
    check_request(
        "02 000000000000000d 7374675f61705f705f696e666f",
        request::LookupSymbol { symbol: "stg_ap_p_info".into() },
    );
    check_reply::<request::LookupSymbol>("01 000000000159e990", Some(RemotePtr(0x159_e990)));
    check_reply::<request::LookupSymbol>("00", None);
    check_request(
        "1c 0000000000000020 0000000000000002 01",
        request::EnableBreakpoint { array: BreakArrayRef(0x20), index: 2, enabled: true },
    );
    check_reply::<request::EnableBreakpoint>("", ());
}

#[test]
fn evaluation() {
    use EvalResult::*;
    check_request("18 000000000000001e", request::EvalIO { action: HValueRef(0x1e) });
    check_reply::<request::EvalIO>("01", EvalSuccess(()));
    let this = |n| Box::new(EvalExpr::EvalThis(HValueRef(n)));
    check_request(
        "13 01 00 00 00 01 00 0000000000000023 00 0000000000000040",
        request::EvalStmt {
            opts: EvalOpts {
                use_sandbox_thread: true,
                single_step: false,
                break_on_exception: false,
                break_on_error: false,
            },
            expr: EvalExpr::EvalApp(this(0x23), this(0x40)),
        },
    );
    let complete = |allocated, result| EvalStatus::EvalComplete { allocated, result };
    check_reply::<request::EvalStmt>(
        "00 00000000000060c0 01 0000000000000001 0000000000000038",
        complete(24768, EvalSuccess(vec![HValueRef(0x38)])),
    );
    check_reply::<request::EvalStmt>(
        "00 0000000000005f40 00 02 0000000000000018 5072656c7564652e686561643a20656d707479206c697374",
        complete(0x5f40, EvalException(SerializableException::EOtherException("Prelude.head: empty list".into()))),
    );
    check_reply::<request::EvalStmt>(
        "00 0000000000005eb8 00 00",
        complete(0x5eb8, EvalException(SerializableException::EUserInterrupt)),
    );
    check_reply::<request::EvalStmt>(
        "00 0000000000005b88 00 01 01 0000000000000003",
        complete(0x5b88, EvalException(SerializableException::EExitCode(ExitCode::ExitFailure(3)))),
    );
    check_reply::<request::EvalStmt>(
        "01 00 000000000000002a 0000000000000002 00000000240018d9 0000000000000029 0000000000000000",
        EvalStatus::EvalBreak {
            is_exception: false,
            closure: HValueRef(0x2a),
            index: 2,
            module_unique: 0x2400_18d9,
            resume: ResumeContextRef(0x29),
            ccs: RemotePtr(0),
        },
    );
}

#[test]
fn surrogates_in_strings() {
    check_request(
        "17 0000000000000024 0000000000000003 666f6f",
        request::EvalStringToString { function: HValueRef(0x24), argument: "foo".into() },
    );
    let text = HsString::try_from(hex("31202d2d20 eda080 20 f09f9880 20 edb080")).unwrap();
    assert_eq!((text.len_chars(), text.as_str()), (10, None));
    check_reply::<request::EvalStringToString>(
        "01 000000000000000a 31202d2d20 eda080 20 f09f9880 20 edb080",
        EvalResult::EvalSuccess(text),
    );
}

#[test]
fn tables_and_foreign_types() {
    check_request(
        "12 01 0000000000000003 0000000000000000 0000000000000000 0000000000000001 0000000000000008 6d61696e3a422e50",
        request::MkConInfoTable {
            tables_next_to_code: true,
            ptr_words: 3,
            nptr_words: 0,
            con_tag: 0,
            ptr_tag: 1,
            description: b"main:B.P"[..].into(),
        },
    );
    check_request(
        "10 00 0000000000000001 03 03",
        request::PrepFFI { conv: FFIConv::FFICCall, args: vec![FFIType::FFIDouble], result: FFIType::FFIDouble },
    );
}

#[test]
fn template_haskell() {
    check_request(
        "22 000000000000001d 000000000000001c 00 01 0000000000000005 54322e6873 0000000000000004 6d61696e \
         0000000000000002 5432 0000000000000006 0000000000000007 0000000000000006 00000000000000c9",
        request::RunTH {
            state: QStateRef(0x1d),
            splice: HValueRef(0x1c),
            result_type: THResultType::THExp,
            location: Some(Loc {
                file: "T2.hs".into(),
                package: "main".into(),
                module: "T2".into(),
                start: (6, 7),
                end: (6, 201),
            }),
        },
    );
    check_th("00 0000000000000001 79", th_request::NewName { base: "y".into() });
    check_th("01 00 0000000000000004 77c3b6726e", th_request::Report { is_error: false, text: "wörn".into() });
    check_th("0f", th_request::StartRecover {});
    check_th("10 01", th_request::EndRecover { failed: true });
    check_th("12", th_request::RunTHDone {});

    let answer = hex("01 0000000000000001 79 02 01 01 0000000000000008 2521000000000061");
    let name = decode_all::<THResult<Encoded<ast::Name>>>(&answer, V).unwrap();
    assert_eq!(encode(&name, V).unwrap(), answer);
    assert!(format!("{name:?}").contains("\"y\") (NameU 6989586621679018277)"), "{name:?}");

    let done = hex("00 0000000000000007 02 02 00 00000001");
    let QResult::QDone(Bytes(payload)) = decode_all::<QResult<Bytes>>(&done, V).unwrap() else { panic!() };
    let expression = Encoded::<ast::Exp>::new(payload, V).unwrap();
    assert_eq!(format!("{expression:?}"), "(LitE (IntegerL 1))");
    let fail = QResult::QFail::<Bytes>("Q monad failure".into());
    check_reply::<request::RunTH>("02 000000000000000f 51206d6f6e6164206661696c757265", fail);
}

#[test]
fn byte_code() {
    let chunk = "0000000000000001 01 0000000000000000 0000000000000000 000000000000000f \
         0b000000 0b000100 2d000000 02000200 00001f00 0b000200 26000300 01003a00 \
         0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 80a91c4100000000 \
         0000000000000003 0000000000000003 02 000000004126c518 02 0000000041278ee8 02 00000000419275f8";
    let bytes = hex(&format!("0c 0000000000000001 000000000000009c {chunk}"));
    let (message, len) = decode::<Message>(&bytes, V).unwrap();
    assert_eq!((message.kind(), len), (MessageKind::CreateBCOs, bytes.len()));
    let Message::CreateBCOs(mut message) = message else { panic!() };
    assert_eq!(message.chunks[0].decode(V).unwrap().bytes(), hex(chunk));
    let mut handles = vec![];
    message.visit_handles(&mut |handle| {
        handles.push(match handle {
            Handle::Ref(n) => ("ref", *n),
            Handle::Ptr(n) => ("ptr", *n),
            Handle::Literal(n) => ("literal", *n),
        });
    });
    let expected = [("literal", 0x411c_a980), ("ptr", 0x4126_c518), ("ptr", 0x4127_8ee8), ("ptr", 0x4192_75f8)];
    assert_eq!(handles, expected);
    check_reply::<request::CreateBCOs>("0000000000000001 000000000000001c", vec![HValueRef(0x1c)]);
}

#[test]
fn closures() {
    let info =
        |ptrs, closure_type, srt_len| StgInfoTable { entry: None, ptrs, nptrs: 0, closure_type, srt_len, code: None };
    check_reply::<request::GetClosure>(
        "00 00 00000002 00000000 04 00000001 00 0000000000000002 000000000000001e 000000000000001f \
         0000000000000000 0000000000000008 6768632d7072696d 0000000000000009 4748432e5479706573 0000000000000001 3a",
        GenClosure::ConstrClosure {
            info: info(2, 4, 1),
            ptr_args: vec![HValueRef(0x1e), HValueRef(0x1f)],
            data_args: vec![],
            pkg: "ghc-prim".into(),
            modl: "GHC.Types".into(),
            name: ":".into(),
        },
    );
    check_reply::<request::GetClosure>(
        "05 00 00000000 00000000 18 00000000 00 00000000 00000001 000000000000002d 0000000000000001 000000000000002e",
        GenClosure::APClosure {
            info: info(0, 24, 0),
            arity: 0,
            n_args: 1,
            fun: HValueRef(0x2d),
            payload: vec![HValueRef(0x2e)],
        },
    );
}

#[test]
fn numbers_as_haskell_writes_them() {
    use crate::protocol::number::{DecodedFloat, Integer};
    for (n, digits) in [
        (0, "00 00000000"),
        (-1, "00 ffffffff"),
        (0x7fff_ffff, "00 7fffffff"),
        (0x8000_0000, "01 01 0000000000000004 00000080"),
        (-0x8000_0000, "00 80000000"),
        (-0x8000_0001, "01 ff 0000000000000004 01000080"),
    ] {
        assert_eq!(encode(&Integer::from(n), V).unwrap(), hex(digits), "{n}");
    }
    // decodeFloat: 1.0, 0.1, the smallest Double, infinity, NaN.
    for (x, mantissa, exponent) in [
        (1.0, 1 << 52, -52),
        (0.1, 7_205_759_403_792_794, -56),
        (5e-324, 1 << 52, -1126),
        (f64::INFINITY, 1 << 52, 972),
        (f64::NAN.copysign(-1.0), -(3 << 51), 972),
        (0.0, 0, 0),
    ] {
        let expected = DecodedFloat { mantissa: Integer::from(mantissa), exponent };
        assert_eq!(DecodedFloat::from_f64(x), expected, "{x}");
    }
    assert_eq!(DecodedFloat::from_f32(1.0), DecodedFloat { mantissa: Integer::from(1 << 23), exponent: -23 });
}

#[test]
fn a_version_may_lack_a_constructor() {
    use crate::protocol::declare::wire_sum;
    wire_sum! {
        /// As `DocLoc` is missing from 9.0.2.
        Later {
            /// There in every version.
            Always = 0,
            /// Not in this one.
            Missing = [-],
        }
    }
    let e = encode(&Later::Missing, V).unwrap_err();
    assert_eq!(e.to_string(), "Missing does not exist on the wire of GHC 9.0.2");
    assert_eq!(decode_all::<Later>(&[0], V).unwrap(), Later::Always);
    assert!(decode_all::<Later>(&[1], V).is_err());
}
