//! Refuses modules that would make wasmtime's own code touch guest memory: see Note [A guest without bulk memory] in
//! `xtask/src/guest_toolchain.rs`.
//!
//! Included by path in `build.rs` as well, so that a bad guest fails to build rather than to start. That wasm is valid
//! is checked by wasmtime, not here.

use std::ops::Range;

use thiserror::Error;
use wasmparser::{BinaryReaderError, ConstExpr, DataKind, Operator, Parser, Payload};

/// What is wrong with a module.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    /// It cannot be read.
    #[error("not WebAssembly: {0}")]
    Malformed(#[from] BinaryReaderError),
    /// It contains an instruction that the host would carry out.
    #[error(
        "the bulk memory instruction {instruction}, at which an uncommitted page would kill the host; some flag or crate \
         enables `bulk-memory`"
    )]
    BulkMemory {
        /// Its name and operands.
        instruction: String,
    },
    /// A data segment that wasmtime would copy to where nothing need be committed.
    #[error("data segment {index} does not lie in {:#x}..{:#x}", allowed.start, allowed.end)]
    Data {
        /// Its number.
        index: usize,
        /// Where it might lie.
        allowed: Range<u32>,
    },
}

/// Checks `wasm`, whose data segments may lie in `data` only.
pub(crate) fn check(wasm: &[u8], data: Range<u32>) -> Result<(), Refused> {
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::DataSection(section) => {
                for (index, segment) in section.into_iter().enumerate() {
                    let segment = segment?;
                    let refused = Refused::Data { index, allowed: data.clone() };
                    let DataKind::Active { offset_expr, .. } = &segment.kind else {
                        continue;
                    };
                    let start = i32_constant(offset_expr).ok_or(refused)?;
                    let end = u64::from(start) + segment.data.len() as u64;
                    if start < data.start || end > u64::from(data.end) {
                        return Err(Refused::Data { index, allowed: data });
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    if let op @ (Operator::MemoryCopy { .. }
                    | Operator::MemoryFill { .. }
                    | Operator::MemoryInit { .. }
                    | Operator::MemoryDiscard { .. }) = operator?
                    {
                        return Err(Refused::BulkMemory { instruction: format!("{op:?}") });
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The value of a constant expression that is one `i32.const`.
pub(crate) fn i32_constant(init: &ConstExpr<'_>) -> Option<u32> {
    match init.get_operators_reader().into_iter().next()? {
        Ok(Operator::I32Const { value }) => Some(value.cast_unsigned()),
        _ => None,
    }
}
