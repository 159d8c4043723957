//! Computing one relocation's value, checking it, and writing it into an image.

use bcvm::abi::THREAD;

use super::kind::{Kind, Value};

/// The numbers a relocation is computed from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operands {
    /// S: the symbol's value.
    pub symbol: u64,
    /// A: the addend.
    pub addend: i64,
    /// P: the address of the field.
    pub place: u64,
    /// G: the address of the symbol's entry in the table of addresses.
    pub entry: u64,
    /// T: the table's address.
    pub table: u64,
    /// The symbol's size.
    pub size: u64,
}

/// The mathematical value, wide enough that nothing can wrap.
pub(super) fn compute(kind: &Kind, operands: &Operands) -> i128 {
    let Operands { symbol, addend, place, entry, table, size } = *operands;
    let [s, a, p, g, t] = [symbol.into(), addend.into(), place.into(), entry.into(), i128::from(table)];
    match kind.value {
        Value::Absolute => s + a,
        Value::Relative => s + a - p,
        Value::TableEntryRelative => g + a - p,
        Value::TableEntryOffset => g + a - t,
        Value::TableOffset => s + a - t,
        Value::TableRelative => t + a - p,
        Value::Size => i128::from(size) + a,
        Value::ThreadRelative => s + a - i128::from(THREAD),
    }
}

/// Writes `value` into the first bytes of `field`; says what is wrong otherwise.
pub(super) fn write(kind: &Kind, value: i128, field: &mut [u8]) -> Result<(), String> {
    let width = usize::from(kind.width);
    let bytes = kind
        .encode(value)
        .ok_or_else(|| format!("value {value:#x} does not fit {} bytes ({:?})", width, kind.check))?;
    let Some(field) = field.get_mut(..width) else {
        return Err(format!("the {width} byte field runs over the end of the section"));
    };
    field.copy_from_slice(&bytes[..width]);
    Ok(())
}
