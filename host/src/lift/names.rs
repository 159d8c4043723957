//! Names for addresses, for reports.

use crate::elf::Place;
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
