//! The file format: round trips, the document's example, and hostile files.

use super::*;
use crate::unlinked::constructor::Field;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        "[a-z]{0,6}".prop_map(Name::Internal),
        ("[a-z]{1,4}", "[A-Z][a-z]{1,4}", "\\PC{1,3}").prop_map(|(package, module, occ)| Name::External {
            package,
            module,
            occ
        }),
    ]
}

fn literal() -> impl Strategy<Value = BcoNPtr> {
    prop_oneof![
        any::<u64>().prop_map(BcoNPtr::Word),
        "[a-z_]{0,8}".prop_map(BcoNPtr::Label),
        name().prop_map(BcoNPtr::Itbl),
        any::<Vec<u8>>().prop_map(BcoNPtr::Str),
    ]
}

fn bco() -> impl Strategy<Value = UnlinkedBco> {
    let pointer = prop_oneof![name().prop_map(BcoPtr::Name), "[a-z#]{1,6}".prop_map(BcoPtr::PrimOp)];
    let with = |ptr: BoxedStrategy<BcoPtr>| {
        let lists = (
            prop::collection::vec(any::<u16>(), 0..9),
            prop::collection::vec(any::<u64>(), 0..3),
            prop::collection::vec(literal(), 0..3),
            prop::collection::vec(ptr, 0..4),
        );
        ("[a-z.]{0,5}", any::<u32>(), lists).prop_map(|(name, arity, (instrs, bitmap, lits, ptrs))| UnlinkedBco {
            name,
            arity,
            instrs,
            bitmap,
            lits,
            ptrs,
        })
    };
    let pointer = pointer.boxed();
    with(pointer.clone()).prop_recursive(4, 16, 4, move |inner| {
        with(prop_oneof![pointer.clone(), inner.prop_map(|bco| BcoPtr::Bco(Box::new(bco)))].boxed())
    })
}

fn program() -> impl Strategy<Value = Program> {
    let field = prop::sample::select(vec![Field::Lifted, Field::Unlifted, Field::Int, Field::Float, Field::Addr]);
    let constructor = ("[A-Z][a-z]{0,4}", any::<u32>(), prop::collection::vec(field, 0..4))
        .prop_map(|(name, tag, fields)| Constructor { name, tag, fields });
    (prop::collection::vec(constructor, 0..3), prop::collection::vec(bco(), 1..4))
        .prop_map(|(constructors, bcos)| Program { entry: bcos[0].name.clone(), constructors, bcos })
}

/// A file with this payload and correct length and checksum.
fn seal(payload: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    out.extend(GHC.to_le_bytes());
    out.extend((payload.len() as u64).to_le_bytes());
    out.extend(checksum(&out, payload));
    out.extend(payload);
    out
}

fn flat(name: &str, ptrs: Vec<FlatPtr>) -> FlatBco {
    FlatBco { name: name.into(), arity: 0, instrs: vec![], bitmap: vec![0], lits: vec![], ptrs }
}

fn read_flat(bcos: Vec<FlatBco>) -> Result<Program, ContainerError> {
    let payload = Payload { entry: "main".into(), constructors: vec![], bcos };
    read(&seal(&bincode::encode_to_vec(&payload, encoding::<{ usize::MAX }>()).unwrap()))
}

proptest! {
    #[test]
    fn programs_survive(program in program()) {
        let bytes = write(&program).unwrap();
        prop_assert_eq!(read(&bytes).unwrap(), program);
    }

    #[test]
    fn every_damaged_byte_is_noticed(program in program(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = write(&program).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn every_truncation_is_noticed(program in program(), at in any::<prop::sample::Index>()) {
        let bytes = write(&program).unwrap();
        prop_assert!(read(&bytes[..at.index(bytes.len())]).is_err());
    }

    /// Mutations that carry a correct checksum reach the decoder.
    #[test]
    fn hostile_payloads_never_panic(
        program in program(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut payload = write(&program).unwrap().split_off(HEADER_BYTES);
        for (at, byte) in edits {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        if let Ok(read) = read(&seal(&payload)) {
            prop_assert_eq!(write(&read).and_then(|bytes| self::read(&bytes)).unwrap(), read);
        }
    }

    #[test]
    fn random_payloads_never_panic(payload in any::<Vec<u8>>()) {
        let _ = read(&seal(&payload));
    }
}

#[test]
fn the_header_is_checked_field_by_field() {
    let program =
        Program { entry: "main".into(), constructors: vec![], bcos: unflatten(vec![flat("main", vec![])]).unwrap() };
    let good = write(&program).unwrap();
    assert!(matches!(read(b"main = True"), Err(ContainerError::BadMagic)));
    let mut newer = good.clone();
    newer[8] = 2;
    assert!(read(&newer).unwrap_err().to_string().contains("format version 2; this program reads version 1 (a newer"));
    let mut other_ghc = good.clone();
    other_ghc[10..12].copy_from_slice(&9006u16.to_le_bytes());
    let sum = checksum(&other_ghc[..20], &other_ghc[HEADER_BYTES..]);
    other_ghc[20..52].copy_from_slice(&sum);
    assert!(matches!(read(&other_ghc), Err(ContainerError::Ghc { found: 9006 })));
    let mut huge = good.clone();
    huge[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(read(&huge), Err(ContainerError::TooLarge(u64::MAX))));
    let longer = [&good[..], b"x"].concat();
    assert!(matches!(read(&longer), Err(ContainerError::Length { .. })));
    let mut payload = good[HEADER_BYTES..].to_vec();
    payload.push(0);
    assert!(matches!(read(&seal(&payload)), Err(ContainerError::Trailing(1))));
}

#[test]
fn huge_lengths_in_the_payload_are_errors() {
    for at in [0, 8 + 4, 8 + 4 + 8] {
        let program = Program {
            entry: "main".into(),
            constructors: vec![],
            bcos: unflatten(vec![flat("main", vec![])]).unwrap(),
        };
        let mut payload = write(&program).unwrap().split_off(HEADER_BYTES);
        for length in [u64::MAX, 1 << 40, 1 << 24] {
            payload[at..at + 8].copy_from_slice(&length.to_le_bytes());
            assert!(matches!(read(&seal(&payload)), Err(ContainerError::Decode(_))), "{length} at {at}");
        }
    }
}

#[test]
fn nesting_must_be_a_forest_of_bounded_depth() {
    let shared = vec![flat("a", vec![]), flat("main", vec![FlatPtr::Bco(0), FlatPtr::Bco(0)])];
    assert!(
        read_flat(shared).unwrap_err().to_string().contains("BCO 1 (`main`) of the file holds BCO 0, which is taken")
    );
    let itself = vec![flat("main", vec![FlatPtr::Bco(0)])];
    assert!(read_flat(itself).unwrap_err().to_string().contains("does not come before"));
    let chain = |depth: u32| {
        let nested = (0..depth - 1).map(|i| flat("n", if i == 0 { vec![] } else { vec![FlatPtr::Bco(i - 1)] }));
        read_flat(nested.chain([flat("main", vec![FlatPtr::Bco(depth - 2)])]).collect())
    };
    assert!(chain(MAX_NESTING as u32).is_ok());
    assert!(chain(MAX_NESTING as u32 + 1).unwrap_err().to_string().contains("deep"));
    assert!(matches!(read_flat(vec![flat("f", vec![])]), Err(ContainerError::NoEntry(_))));
}

/// `docs/bcb.md` shows a program and the bytes of its file, in lines of an offset, a bar and hexadecimal.
#[test]
fn the_document_shows_the_bytes_of_its_example() {
    let document = include_str!("../../../../docs/bcb.md");
    let section = |begin: &str| {
        let from = document.find(begin).expect(begin) + begin.len();
        &document[from..from + document[from..].find("```").unwrap()]
    };
    let program = crate::stg::compile("example.stg", section("```stg\n")).unwrap();
    let bytes: Vec<u8> = section("```bytes\n")
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|hex| hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()))
        .collect();
    assert_eq!(write(&program).unwrap(), bytes);
    assert_eq!(read(&bytes).unwrap(), program);
}
