//! Names for addresses, for reports.

use crate::elf::{Place, SymbolId};
use crate::reloc::PlacedObject;

/// Symbols of text by address, for reports.
pub(super) struct Names<'p> {
    symbols: Vec<(u32, &'p str)>,
}

impl<'p> Names<'p> {
    /// Collects the symbols of an object.
    pub(super) fn new(placed: &'p PlacedObject<'_, '_>) -> Names<'p> {
        let mut symbols: Vec<(u32, &str)> = Vec::new();
        for symbol in &placed.object.symbols {
            if let Place::Section(section, offset) = symbol.place
                && !symbol.name.is_empty()
            {
                symbols.push((placed.section_address(section) + offset as u32, symbol.name));
            }
        }
        symbols.sort_unstable();
        Names { symbols }
    }

    /// The symbol at an address, which may be one that the object refers to.
    pub(super) fn exactly(&self, address: u32) -> Option<&'p str> {
        let index = self.symbols.binary_search_by_key(&address, |&(at, _)| at).ok()?;
        Some(self.symbols[index].1)
    }

    /// Adds what the object refers to and does not define.
    pub(super) fn add_undefined(&mut self, placed: &'p PlacedObject<'_, '_>) {
        for (id, symbol) in (0..).map(SymbolId).zip(&placed.object.symbols) {
            if let (Place::Undefined, Ok(address)) = (symbol.place, u32::try_from(placed.symbol_address(id))) {
                self.symbols.push((address, symbol.name));
            }
        }
        self.symbols.sort_unstable();
    }

    /// The symbol at or before an address.
    pub(super) fn of(&self, address: u32) -> String {
        match self.symbols.partition_point(|&(at, _)| at <= address).checked_sub(1) {
            None => "code without a name".to_owned(),
            Some(index) => {
                let (at, name) = self.symbols[index];
                if at == address { name.to_owned() } else { format!("{name}+{:#x}", address - at) }
            }
        }
    }
}
