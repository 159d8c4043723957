//! Glue is valid, is deterministic, exports what [`convention`](super::convention) names and contains no bulk memory
//! instruction. That it works is tested where it can run, in the engine.

use bcvm::abi::STOP_SLOTS;
use wasmparser::{ExternalKind, Operator, Parser, Payload, Validator, WasmFeatures};

use super::convention::{C_PARAMS, C_TABLE, GROW_C, GROW_STG, MEMORY, RSP, RUN, RUN_C, STG_GLOBALS, STG_TABLE, STOP};
use super::module::generate;

#[test]
fn is_valid_for_any_number_of_slots() {
    for slots in [0, 1, 7, STOP_SLOTS] {
        Validator::new_with_features(WasmFeatures::all()).validate_all(&generate(slots)).expect("valid module");
    }
}

#[test]
fn is_deterministic() {
    assert_eq!(generate(STOP_SLOTS), generate(STOP_SLOTS), "the artefact cache is keyed by these bytes");
}

#[test]
fn exports_what_the_convention_names() {
    let wasm = generate(3);
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::ExportSection(section) = payload.expect("well-formed") {
            found.extend(section.into_iter().map(|e| e.expect("well-formed")).map(|e| (e.name.to_owned(), e.kind)));
        }
    }
    let mut expected = vec![(MEMORY.to_owned(), ExternalKind::Memory)];
    expected.extend(RUN.map(|name| (name.to_owned(), ExternalKind::Func)));
    expected.extend([
        (RUN_C.to_owned(), ExternalKind::Func),
        (GROW_STG.to_owned(), ExternalKind::Func),
        (GROW_C.to_owned(), ExternalKind::Func),
    ]);
    expected.extend(STOP.map(|name| (name.to_owned(), ExternalKind::Func)));
    expected.extend([STG_TABLE, C_TABLE].map(|name| (name.to_owned(), ExternalKind::Table)));
    expected.extend(STG_GLOBALS.iter().map(|g| (g.name.to_owned(), ExternalKind::Global)));
    expected.push((RSP.to_owned(), ExternalKind::Global));
    assert_eq!(found, expected);
}

#[test]
fn contains_no_bulk_memory() {
    let wasm = generate(3);
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::CodeSectionEntry(body) = payload.expect("well-formed") {
            for operator in body.get_operators_reader().expect("well-formed") {
                let operator = operator.expect("well-formed");
                let bulk = matches!(
                    operator,
                    Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryInit { .. }
                );
                assert!(!bulk, "{operator:?}");
            }
        }
    }
}

#[test]
fn c_functions_take_six_words_eight_vectors_and_rax() {
    use wasm_encoder::ValType::{I64, V128};
    assert_eq!(C_PARAMS[..6], [I64; 6]);
    assert_eq!(C_PARAMS[6..14], [V128; 8]);
    assert_eq!(C_PARAMS[14], I64);
}
