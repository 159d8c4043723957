//! The machine code of a placed object: bytes by guest address, decoded on demand, and which
//! parts of it follow which convention.
//!
//! Addresses are checked here and nowhere else: asking for code outside the object's text answers
//! `None` or an invalid instruction.

use std::collections::BTreeMap;

use iced_x86::{Decoder, DecoderOptions, Instruction};

use super::convention::CodeKind;
use crate::elf::{Place, SectionId, SectionKind, SymbolType};
use crate::reloc::{PlacedObject, x86_64};

/// One executable section.
#[derive(Debug, Clone, Copy)]
struct Text<'p> {
    start: u32,
    bytes: &'p [u8],
    /// The number of text bytes in sections before it.
    flat: usize,
    /// Whether a linker or C's runtime made it.
    is_c: bool,
}

/// All the code of one object.
#[derive(Debug)]
pub struct Code<'p> {
    texts: Vec<Text<'p>>,
    /// C functions: first address to end, from the unwind tables and from symbols.
    functions: BTreeMap<u32, u32>,
    /// What code outside [`Self::functions`] is.
    default_kind: CodeKind,
}

impl<'p> Code<'p> {
    /// Finds the code of `placed`.
    pub fn new(placed: &'p PlacedObject<'_, '_>) -> Code<'p> {
        let mut texts = Vec::new();
        for (index, section) in placed.object.sections.iter().enumerate() {
            if section.kind == SectionKind::Text && section.size > 0 {
                let start = placed.section_address(SectionId(index as u32));
                let offset = (start - placed.base()) as usize;
                let bytes = &placed.image[offset..][..section.data.len()];
                texts.push(Text { start, bytes, flat: 0, is_c: is_c_section(section.name) });
            }
        }
        texts.sort_by_key(|text| text.start);
        let mut flat = 0;
        for text in &mut texts {
            text.flat = flat;
            flat += text.bytes.len();
        }
        // GHC names everything it compiles with such endings; C has little reason to, and in a shared object of Haskell
        // code the runtime's names come up.
        let relocatable = placed.object.shared.is_none();
        let haskell = placed.object.symbols.iter().any(|symbol| {
            let ending = symbol.name.ends_with("_info") || symbol.name.ends_with("_closure");
            symbol.name.starts_with("stg_") || (relocatable && ending)
        });
        let default_kind = if haskell { CodeKind::Stg } else { CodeKind::C };
        let mut code = Code { texts, functions: unwind_ranges(placed), default_kind };
        code.functions.retain(|&start, &mut end| end > start && code.texts.iter().any(|text| text.has(start, end)));
        if !haskell {
            code.add_symbols(placed);
        }
        code
    }

    /// Adds functions that have a symbol and no unwind table.
    fn add_symbols(&mut self, placed: &PlacedObject<'_, '_>) {
        for symbol in &placed.object.symbols {
            let Place::Section(section, offset) = symbol.place else { continue };
            if symbol.kind != SymbolType::Function || symbol.size == 0 {
                continue;
            }
            let start = placed.section_address(section) + offset as u32;
            let Some(end) = u32::try_from(symbol.size).ok().and_then(|size| start.checked_add(size)) else { continue };
            let overlaps = self.functions.range(..end).next_back().is_some_and(|(_, &other)| other > start);
            if !overlaps && self.texts.iter().any(|text| text.has(start, end)) {
                self.functions.insert(start, end);
            }
        }
    }

    /// C functions: first addresses and ends, ascending.
    pub fn functions(&self) -> impl Iterator<Item = (u32, u32)> {
        self.functions.iter().map(|(&start, &end)| (start, end))
    }

    /// The number of text bytes.
    pub fn len(&self) -> usize {
        self.texts.last().map_or(0, |text| text.flat + text.bytes.len())
    }

    fn text(&self, address: u32) -> Option<&Text<'p>> {
        let index = self.texts.partition_point(|text| text.start <= address).checked_sub(1)?;
        let text = &self.texts[index];
        ((address - text.start) < text.bytes.len() as u32).then_some(text)
    }

    /// The number of `address` among all text bytes; `None` outside the code.
    pub fn flat(&self, address: u32) -> Option<usize> {
        self.text(address).map(|text| text.flat + (address - text.start) as usize)
    }

    /// The bytes from `address` to the end of its section.
    pub fn bytes_from(&self, address: u32) -> Option<&'p [u8]> {
        self.text(address).map(|text| &text.bytes[(address - text.start) as usize..])
    }

    /// The four bytes `before` bytes in front of `address`, if they are in the same section.
    pub fn word_before(&self, address: u32, before: u32) -> Option<u32> {
        let text = self.text(address)?;
        let at = (address - text.start).checked_sub(before)? as usize;
        let bytes = text.bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Decodes the instruction at `address`; outside the code it is an invalid one.
    pub fn decode(&self, address: u32) -> Instruction {
        let bytes = self.bytes_from(address).unwrap_or(&[]);
        let bytes = &bytes[..bytes.len().min(15)];
        Decoder::with_ip(64, bytes, u64::from(address), DecoderOptions::NONE).decode()
    }

    /// The C function around `address`: its first address and its end.
    pub fn c_function(&self, address: u32) -> Option<(u32, u32)> {
        let (&start, &end) = self.functions.range(..=address).next_back()?;
        (address < end).then_some((start, end))
    }

    /// The convention of the code at `address`.
    pub fn kind(&self, address: u32) -> CodeKind {
        let is_c = || self.text(address).is_some_and(|text| text.is_c);
        if self.c_function(address).is_some() || is_c() { CodeKind::C } else { self.default_kind }
    }
}

impl Text<'_> {
    fn has(&self, start: u32, end: u32) -> bool {
        self.start <= start && end as usize - self.start as usize <= self.bytes.len()
    }
}

/// Sections of shared objects with code that is C's whatever else is in the object, and may lack unwind tables.
fn is_c_section(name: &str) -> bool {
    [".init", ".fini", ".plt", ".plt.got", ".plt.sec"].contains(&name)
}

/// The ranges of functions in `.eh_frame`. Only C compilers write it, so it tells C code from GHC's.
///
/// A record is: its length (4 bytes), then 0 for a common record or the distance to one; a function's
/// record goes on with where it starts, which in a relocatable file is the target of a relocation,
/// and how long it is, in a field of the same width. In a shared object the start is a distance of 32 bits from the field
/// itself: compilers may choose other ways to write it and do not.
fn unwind_ranges(placed: &PlacedObject<'_, '_>) -> BTreeMap<u32, u32> {
    let mut ranges = BTreeMap::new();
    for (id, section) in (0..).map(SectionId).zip(&placed.object.sections) {
        if section.kind != SectionKind::EhFrame {
            continue;
        }
        let word = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(section.data.get(at..at.checked_add(4)?)?.try_into().ok()?))
        };
        let section_start = placed.section_address(id);
        let starts: BTreeMap<u64, _> = section.relocations.iter().map(|r| (r.offset, r)).collect();
        let mut at = 0usize;
        while let (Some(length), Some(common)) = (word(at), word(at + 4)) {
            // 0 ends the table; 0xffffffff would begin a record larger than four GiB.
            if length == 0 || length == u32::MAX {
                break;
            }
            if common != 0
                && placed.object.shared.is_some()
                && let (Some(distance), Some(size)) = (word(at + 8), word(at + 12))
            {
                let start = section_start.wrapping_add(at as u32 + 8).wrapping_add(distance);
                ranges.insert(start, start.saturating_add(size));
            } else if common != 0
                && let Some(relocation) = starts.get(&(at as u64 + 8))
                && let Some(kind) = x86_64::kind(relocation.r_type)
                && let Some(size) = word(at + 8 + usize::from(kind.width))
                && let Ok(start) = u32::try_from(placed.relocation_target(relocation))
                && let Some(end) = start.checked_add(size)
            {
                ranges.insert(start, end);
            }
            let Some(next) = at.checked_add(4 + length as usize) else {
                break;
            };
            at = next;
        }
    }
    ranges
}
