//! What a relocation means, as data, without the numbers of one machine.

/// What is computed; S symbol, A addend, P the place itself, G the symbol's entry in the object's
/// table of addresses, T the start of that table, H the thread pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// S + A
    Absolute,
    /// S + A − P
    Relative,
    /// G + A − P
    TableEntryRelative,
    /// G + A − T
    TableEntryOffset,
    /// S + A − T
    TableOffset,
    /// T + A − P
    TableRelative,
    /// size of S + A
    Size,
    /// S + A − H
    ThreadRelative,
}

/// Which values a field takes without losing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It is zero-extended when read.
    Unsigned,
    /// It is sign-extended when read.
    Signed,
    /// Either reading is possible.
    Either,
}

/// One kind of relocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The type's name in messages.
    pub name: &'static str,
    /// What is computed.
    pub value: Value,
    /// The field's width: 1, 2, 4 or 8 bytes.
    pub width: u8,
    /// What fits.
    pub check: Check,
}

impl Kind {
    /// The field's bytes for `value`, or `None` when it does not fit.
    pub fn encode(&self, value: i128) -> Option<[u8; 8]> {
        let bits = u32::from(self.width) * 8;
        let signed = -(1i128 << (bits - 1))..(1i128 << (bits - 1));
        let unsigned = 0..(1i128 << bits);
        let fits = match self.check {
            Check::Unsigned => unsigned.contains(&value),
            Check::Signed => signed.contains(&value),
            Check::Either => unsigned.contains(&value) || signed.contains(&value),
        };
        fits.then(|| (value as u64).to_le_bytes())
    }

    /// Whether the value goes through the object's table of addresses.
    pub fn needs_table(&self) -> bool {
        !matches!(self.value, Value::Absolute | Value::Relative | Value::Size | Value::ThreadRelative)
    }
}
