//! Cells: code pointers of C functions that lie where there is no room for a table index.

// Note [Cells of short functions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Whoever enters code through its address finds a table index in the first four bytes there. gcc without alignment puts
// functions directly behind others of one to three bytes, and the index of the first would run into that of the next.
// The next then gets a *cell*: eight bytes behind the object's constants that hold its index. The cell's address is
// what the function's address is, for everybody:
//
// * it is what the object exports for the symbol;
// * fields with the function's address, in data and in instructions, have the cell's instead;
// * so has an instruction that computes the address relative to itself.
//
// Direct calls and jumps within the object need no address. How many cells there are is known only when the code has been
// looked through, for which the object has been placed already: so one that needs cells is placed a second time. What is
// found does not depend on where data lies.
//
// In a shared object distances are settled and no field tells of them; there only instructions, which the lifter
// translates, and fields with addresses matter, for a compiler with position-independent code makes no others. Another
// object's code or data may follow its text at once, so that a short last function gets a cell, too.
//
// Haskell's entries can't move, because info tables lie in front of them; for the same reason they are never close behind
// others. But C functions may lie close behind them, where a linker has put both into one section.

use std::collections::{BTreeMap, BTreeSet};

use super::convention::CodeKind;
use super::error::Error;
use super::names::Names;
use crate::elf::{SectionId, SectionKind};
use crate::reloc::{PlacedObject, x86_64};

/// Bytes at an entry that hold its table index.
const SLOT_BYTES: u32 = 4;

/// A field of the object that holds the address of a function with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    /// What it is to hold instead.
    value: u64,
    /// Its width in bytes.
    width: u8,
}

/// The cells of an object.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    by_entry: BTreeMap<u32, u32>,
    fields: BTreeMap<u32, Field>,
}

/// Entries whose index has no room where they are, of those that need one; `entries` are ascending.
pub(super) fn crowded(
    placed: &PlacedObject<'_, '_>,
    entries: impl Iterator<Item = (u32, CodeKind)>,
) -> Result<Vec<u32>, Error> {
    let mut crowded = Vec::new();
    let mut before: Option<u32> = None;
    let ends = text_ends(placed);
    for (address, kind) in entries {
        // Nothing lies behind the text of a relocatable object; in a shared one anything may.
        let end = ends.range(address..).next().copied();
        if kind == CodeKind::C && end.is_some_and(|end| end - address < SLOT_BYTES) {
            crowded.push(address);
            continue;
        }
        match before.filter(|before| address - before < SLOT_BYTES) {
            None => before = Some(address),
            Some(_) if kind == CodeKind::C => crowded.push(address),
            Some(before) => return Err(error(placed, before, address)),
        }
    }
    Ok(crowded)
}

/// Where sections of code end, in a shared object.
fn text_ends(placed: &PlacedObject<'_, '_>) -> BTreeSet<u32> {
    let sections = (0..).map(SectionId).zip(&placed.object.sections);
    let text = sections.filter(|(_, section)| placed.object.shared.is_some() && section.kind == SectionKind::Text);
    text.map(|(id, section)| placed.section_address(id) + section.size as u32).collect()
}

/// That `first` has no room for its index because of `second`.
fn error(placed: &PlacedObject<'_, '_>, first: u32, second: u32) -> Error {
    let names = Names::new(placed);
    Error::Crowded {
        file: placed.object.file.clone(),
        first: names.of(first),
        first_address: first,
        second: names.of(second),
        second_address: second,
    }
}

impl Cells {
    /// Gives the entries `crowded` the cells of `placed`; none if there are too few.
    pub(super) fn new(placed: &PlacedObject<'_, '_>, crowded: &[u32]) -> Cells {
        if crowded.is_empty() || (placed.cells() as usize) < crowded.len() {
            return Cells::default();
        }
        let cells = (0..).map(|n| placed.cell(n));
        let mut cells = Cells { by_entry: crowded.iter().copied().zip(cells).collect(), fields: BTreeMap::new() };
        cells.find_fields(placed);
        cells
    }

    fn find_fields(&mut self, placed: &PlacedObject<'_, '_>) {
        for (index, section) in (0..).zip(&placed.object.sections) {
            if section.kind == SectionKind::EhFrame {
                continue;
            }
            let start = placed.section_address(SectionId(index));
            for relocation in &section.relocations {
                let target = u32::try_from(placed.relocation_target(relocation)).ok();
                let Some(cell) = target.and_then(|target| self.of(target)) else { continue };
                let place = start + relocation.offset as u32;
                let (value, width) = match relocation.r_type {
                    other if x86_64::is_address(other) => (u64::from(cell), 8),
                    x86_64::R32 | x86_64::R32S => (u64::from(cell), 4),
                    // In code it is a call's, or the lifter computes the address.
                    x86_64::PC32 if section.kind != SectionKind::Text => (u64::from(cell.wrapping_sub(place)), 4),
                    _ => continue,
                };
                self.fields.insert(place, Field { value, width });
            }
        }
        for (place, target) in placed.table() {
            if let Some(cell) = u32::try_from(target).ok().and_then(|target| self.of(target)) {
                self.fields.insert(place, Field { value: u64::from(cell), width: 8 });
            }
        }
    }

    /// The cell of the function at `address`, if it has one.
    pub fn of(&self, address: u32) -> Option<u32> {
        self.by_entry.get(&address).copied()
    }

    /// What a field in the instruction from `start` to `end` holds instead of what lies there.
    pub(super) fn field_within(&self, start: u64, end: u64) -> Option<u64> {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        self.fields.range(start..end).next().map(|(_, field)| field.value)
    }

    /// Writes the addresses of cells to the fields that are to hold them, in `image`, the object's bytes at `base`.
    pub(super) fn patch(&self, base: u32, image: &mut [u8]) {
        for (place, field) in &self.fields {
            let at = (place - base) as usize;
            let width = usize::from(field.width);
            if let Some(bytes) = image.get_mut(at..at + width) {
                bytes.copy_from_slice(&field.value.to_le_bytes()[..width]);
            }
        }
    }
}
