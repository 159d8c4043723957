//! Where an object's sections go, what its symbols are worth there, and the relocated bytes.
//!
//! [`Layout`] needs only sizes, so a caller can ask how much room an object wants before choosing
//! an address. [`PlacedObject`] owns the invariant that its image is completely relocated: every
//! field lies inside its section and holds a value that fits.

use std::collections::{BTreeMap, HashMap};

use super::apply::{self, Operands};
use super::error::{BadRelocation, Error, Unresolved};
use super::x86_64;
use crate::elf::{Binding, Object, Place, RawRelocation, Section, SectionId, SectionKind, SymbolId};

/// Bytes kept free after the last byte of a text section: an entry's table index takes four bytes,
/// and the last function may be shorter.
const TEXT_TAIL: u64 = 4;

/// What a name outside the object stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its address; an absolute value for the few symbols that are no address.
    pub address: u64,
    /// The table index of the code there, when it is code and the index is known. Code without one
    /// is entered through the index that its first four bytes hold.
    pub slot: Option<u32>,
}

/// Definitions from outside the object, by name.
#[derive(Debug, Clone, Default)]
pub struct SymbolBindings {
    names: HashMap<String, Definition>,
}

impl SymbolBindings {
    /// No definitions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a definition.
    pub fn define(&mut self, name: impl Into<String>, definition: Definition) {
        self.names.insert(name.into(), definition);
    }

    /// Looks a name up.
    pub fn find(&self, name: &str) -> Option<Definition> {
        self.names.get(name).copied()
    }
}

/// Offsets of an object's parts from its base.
#[derive(Debug)]
pub struct Layout {
    sections: Vec<u64>,
    commons: BTreeMap<u32, u64>,
    constant_len: u64,
    table: u64,
    table_entries: HashMap<u32, u64>,
    first_cell: u64,
    cells: u32,
    image_len: u64,
    extent: u64,
    align: u64,
}

/// Bytes of a cell.
const CELL: u64 = 8;
/// What a shared object is aligned to at least: its linker has divided it into pages.
const PAGE_ALIGN: u64 = 4096;

impl Layout {
    /// Lays an object out: text, constants, data, the table of addresses, then what starts as zero.
    pub fn new(object: &Object<'_>) -> Result<Layout, Error> {
        Layout::with_cells(object, 0)
    }

    /// As [`Layout::new`], with so many cells of eight bytes for code pointers among the constants.
    pub fn with_cells(object: &Object<'_>, cells: u32) -> Result<Layout, Error> {
        if object.shared.is_some() { Layout::shared(object, cells) } else { Layout::relocatable(object, cells) }
    }

    /// Lays out a shared object: cells, then all sections as far from each other as they are in the file, and behind
    /// them what each thread has its own of.
    fn shared(object: &Object<'_>, cells: u32) -> Result<Layout, Error> {
        let too_big =
            |size| Error::Placing { file: object.file.clone(), size, base: 0, problem: "larger than guest memory" };
        let align = object.sections.iter().map(|section| section.align).fold(PAGE_ALIGN, u64::max);
        let own = |kind: SectionKind| !kind.is_of_thread();
        let of = |wanted: bool| object.sections.iter().filter(move |section| own(section.kind) == wanted);
        let lowest = |wanted| of(wanted).map(|section| section.address).min().unwrap_or(0);
        let start = (u64::from(cells) * CELL).next_multiple_of(align);
        let first = lowest(true) / align * align;
        let end_of = |section: &Section<'_>, from: u64, at: u64| {
            let end = (section.address - from).checked_add(section.size)?.checked_add(at + TEXT_TAIL)?;
            (end <= 1 << 31).then_some(end)
        };
        let mut image_len = start;
        let mut extent = start;
        for section in of(true) {
            let end = end_of(section, first, start).ok_or_else(|| too_big(section.size))?;
            extent = extent.max(end);
            if !section.kind.is_zero() {
                image_len = image_len.max(end);
            }
        }
        let first_of_thread = lowest(false) / align * align;
        let thread = extent.next_multiple_of(align);
        for section in of(false) {
            let end = end_of(section, first_of_thread, thread).ok_or_else(|| too_big(section.size))?;
            extent = extent.max(end);
            if !section.kind.is_zero() {
                image_len = image_len.max(end);
            }
        }
        let place = |section: &Section<'_>| match own(section.kind) {
            true => section.address - first + start,
            false => section.address - first_of_thread + thread,
        };
        let is_constant = |kind| matches!(kind, SectionKind::Text | SectionKind::ReadOnly | SectionKind::EhFrame);
        let constant_len = of(true).filter(|section| !is_constant(section.kind)).map(&place).min().unwrap_or(image_len);
        Ok(Layout {
            sections: object.sections.iter().map(place).collect(),
            commons: BTreeMap::new(),
            constant_len,
            table: 0,
            table_entries: HashMap::new(),
            first_cell: 0,
            cells,
            image_len,
            extent,
            align,
        })
    }

    fn relocatable(object: &Object<'_>, cells: u32) -> Result<Layout, Error> {
        let mut at = 0u64;
        let mut sections = vec![0; object.sections.len()];
        let mut align_of_all = 16;
        let order = |kind: SectionKind| match kind {
            SectionKind::Text => 0,
            SectionKind::ReadOnly | SectionKind::EhFrame => 1,
            SectionKind::InitArray | SectionKind::Data | SectionKind::ThreadData => 2,
            SectionKind::Zero | SectionKind::ThreadZero => 3,
        };
        let too_big =
            |size| Error::Placing { file: object.file.clone(), size, base: 0, problem: "larger than guest memory" };
        let mut place = |size: u64, align: u64| -> Result<u64, Error> {
            let start = at.next_multiple_of(align);
            align_of_all = align_of_all.max(align);
            at = start.checked_add(size).filter(|&end| end <= 1 << 31).ok_or_else(|| too_big(size))?;
            Ok(start)
        };
        let (mut first_cell, mut constant_len) = (0, 0);
        for rank in 0..3 {
            if rank == 2 {
                first_cell = place(u64::from(cells) * CELL, CELL)?;
                constant_len = place(0, 1)?;
            }
            for (index, section) in object.sections.iter().enumerate() {
                if order(section.kind) == rank {
                    let tail = if section.kind == SectionKind::Text { TEXT_TAIL } else { 0 };
                    let size = section.size.checked_add(tail).ok_or_else(|| too_big(section.size))?;
                    sections[index] = place(size, section.align)?;
                }
            }
        }
        let mut table_entries = HashMap::new();
        let table = place(0, 8)?;
        for relocation in object.sections.iter().flat_map(|s| &s.relocations) {
            let needs = x86_64::kind(relocation.r_type).is_some_and(|kind| kind.needs_table());
            if let (true, Some(symbol)) = (needs, relocation.symbol)
                && !table_entries.contains_key(&symbol.0)
            {
                table_entries.insert(symbol.0, place(8, 8)?);
            }
        }
        let image_len = place(0, 1)?;
        for (index, section) in object.sections.iter().enumerate() {
            if section.kind.is_zero() {
                sections[index] = place(section.size, section.align)?;
            }
        }
        let mut commons = BTreeMap::new();
        for (index, symbol) in object.symbols.iter().enumerate() {
            if let Place::Common { size, align } = symbol.place {
                commons.insert(index as u32, place(size, align)?);
            }
        }
        let extent = place(0, 1)?;
        Ok(Layout {
            sections,
            commons,
            constant_len,
            table,
            table_entries,
            first_cell,
            cells,
            image_len,
            extent,
            align: align_of_all,
        })
    }

    /// Bytes of memory the object needs.
    pub fn extent(&self) -> u64 {
        self.extent
    }

    /// The alignment its base must have.
    pub fn align(&self) -> u64 {
        self.align
    }

    /// Where a symbol that the object defines lies, from its base; `None` for one that is no place in it.
    pub fn symbol_offset(&self, object: &Object<'_>, id: SymbolId) -> Option<u32> {
        let offset = match object.symbol(id).place {
            Place::Section(section, offset) => self.sections.get(section.0 as usize)? + offset,
            Place::Common { .. } => *self.commons.get(&id.0)?,
            Place::Undefined | Place::NotLoaded | Place::Absolute(_) => return None,
        };
        // It lies in the object, which is at most 2 GiB long.
        Some(offset as u32)
    }
}

/// An object at an address: relocated bytes and symbol values.
#[derive(Debug)]
pub struct PlacedObject<'o, 'data> {
    /// The object as it was parsed.
    pub object: &'o Object<'data>,
    /// The bytes at [`Self::base`]; zeros follow up to [`Self::extent`].
    pub image: Vec<u8>,
    base: u32,
    layout: Layout,
    symbols: Vec<u64>,
    slots: HashMap<u32, u32>,
    /// Fields for the addresses of functions that nobody defines.
    nowhere: BTreeMap<u32, SymbolId>,
}

impl<'o, 'data> PlacedObject<'o, 'data> {
    /// Puts `object` at `base` and applies every relocation. `bindings` defines what the object does not.
    /// Symbols that stay unresolved are reported all at once.
    pub fn new(object: &'o Object<'data>, layout: Layout, base: u32, bindings: &SymbolBindings) -> Result<Self, Error> {
        let placing = |problem| Error::Placing { file: object.file.clone(), size: layout.extent, base, problem };
        if !u64::from(base).is_multiple_of(layout.align) {
            return Err(placing("the address is not aligned"));
        }
        if u64::from(base) + layout.extent > 1 << 31 {
            return Err(placing("code that mentions 32-bit addresses must lie below 2 GiB"));
        }
        let mut image = vec![0; layout.image_len as usize];
        for (section, &offset) in object.sections.iter().zip(&layout.sections) {
            if !section.data.is_empty() {
                image[offset as usize..][..section.data.len()].copy_from_slice(section.data);
            }
        }
        let (symbols, slots, nowhere) = (Vec::new(), HashMap::new(), BTreeMap::new());
        let mut placed = PlacedObject { object, image, base, layout, symbols, slots, nowhere };
        placed.resolve(bindings)?;
        placed.relocate()?;
        Ok(placed)
    }

    /// The address of its first byte.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Bytes of memory it takes, zeros included.
    pub fn extent(&self) -> u64 {
        self.layout.extent
    }

    /// The address of a section.
    pub fn section_address(&self, id: SectionId) -> u32 {
        self.base + self.layout.sections[id.0 as usize] as u32
    }

    /// `len` bytes of the image at a guest address; `None` outside it and where it starts as zeros.
    pub fn bytes(&self, address: u32, len: usize) -> Option<&[u8]> {
        let offset = address.checked_sub(self.base)? as usize;
        self.image.get(offset..offset.checked_add(len)?)
    }

    /// Where a symbol that the object defines lies, from its base; `None` for one that is no place in it.
    pub fn symbol_offset(&self, id: SymbolId) -> Option<u32> {
        self.layout.symbol_offset(self.object, id)
    }

    /// The value of a symbol.
    pub fn symbol_address(&self, id: SymbolId) -> u64 {
        self.symbols[id.0 as usize]
    }

    /// The entries of its table of addresses: where they are and what they hold.
    pub fn table(&self) -> impl Iterator<Item = (u32, u64)> {
        let entries = self.layout.table_entries.iter();
        entries.map(|(&symbol, &offset)| (self.base + offset as u32, self.symbols[symbol as usize]))
    }

    /// Bytes at the beginning that nobody changes: text, constants and cells.
    pub fn constant_len(&self) -> u32 {
        self.layout.constant_len as u32
    }

    /// How many cells it has.
    pub fn cells(&self) -> u32 {
        self.layout.cells
    }

    /// The address of cell number `n`.
    pub fn cell(&self, n: u32) -> u32 {
        self.base + (self.layout.first_cell + u64::from(n) * CELL) as u32
    }

    /// The table index of code outside the object, when its definition gave one.
    pub fn outside_slot(&self, address: u32) -> Option<u32> {
        self.slots.get(&address).copied()
    }

    /// The function whose address the field at `place` would hold, if nobody defines it: a shared object is linked without
    /// what it only calls.
    pub fn nowhere(&self, place: u32) -> Option<&'data str> {
        self.nowhere.get(&place).map(|&id| self.object.symbol(id).name)
    }

    /// What a relocation refers to: S + A.
    pub fn relocation_target(&self, relocation: &RawRelocation) -> u64 {
        let symbol = relocation.symbol.map_or(0, |id| self.symbol_address(id));
        symbol.wrapping_add_signed(relocation.addend)
    }

    fn resolve(&mut self, bindings: &SymbolBindings) -> Result<(), Error> {
        let mut missing = Vec::new();
        for (index, symbol) in self.object.symbols.iter().enumerate() {
            // The first definition of a weak or common symbol is everybody's, this object's own code included.
            let elsewhere = if symbol.gives_way() { bindings.find(symbol.name) } else { None };
            let value = match symbol.place {
                _ if let Some(definition) = elsewhere => definition.address,
                Place::Section(section, offset) => u64::from(self.section_address(section)) + offset,
                Place::Absolute(value) => value,
                Place::Common { .. } => u64::from(self.base) + self.layout.commons[&(index as u32)],
                Place::NotLoaded => 0,
                Place::Undefined if symbol.name.is_empty() => 0,
                Place::Undefined => match bindings.find(symbol.name) {
                    Some(definition) => {
                        if let (Some(slot), Ok(address)) = (definition.slot, u32::try_from(definition.address)) {
                            self.slots.insert(address, slot);
                        }
                        definition.address
                    }
                    None if symbol.binding == Binding::Weak => 0,
                    None => {
                        missing.push(index as u32);
                        0
                    }
                },
            };
            self.symbols.push(value);
        }
        if missing.is_empty() { Ok(()) } else { self.report_missing(&missing) }
    }

    /// An error that lists those of `missing` that a relocation really wants.
    fn report_missing(&mut self, missing: &[u32]) -> Result<(), Error> {
        let mut wanted: BTreeMap<u32, (String, usize)> = BTreeMap::new();
        for (index, section) in self.object.sections.iter().enumerate() {
            for relocation in &section.relocations {
                let Some(SymbolId(symbol)) = relocation.symbol else {
                    continue;
                };
                if missing.binary_search(&symbol).is_err() {
                    continue;
                }
                if relocation.r_type == x86_64::JUMP_SLOT {
                    let place = self.base + (self.layout.sections[index] + relocation.offset) as u32;
                    self.nowhere.insert(place, SymbolId(symbol));
                } else {
                    let first = || (format!("{}+{:#x}", section.name, relocation.offset), 0);
                    wanted.entry(symbol).or_insert_with(first).1 += 1;
                }
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let symbols = wanted.into_iter().map(|(symbol, (wanted_by, references))| Unresolved {
            symbol: self.object.symbol_name(SymbolId(symbol)),
            wanted_by,
            references,
        });
        Err(Error::Unresolved { file: self.object.file.clone(), symbols: symbols.collect() })
    }

    fn relocate(&mut self) -> Result<(), Error> {
        let object = self.object;
        for (&symbol, &offset) in &self.layout.table_entries {
            let value = self.symbols[symbol as usize];
            self.image[offset as usize..][..8].copy_from_slice(&value.to_le_bytes());
        }
        for (index, section) in object.sections.iter().enumerate() {
            // Unwind tables are read for ranges of functions, through their relocations' targets.
            let start = self.layout.sections[index];
            for relocation in &section.relocations {
                if relocation.r_type == x86_64::NONE {
                    continue;
                }
                self.relocate_one(relocation, start, section.data.len()).map_err(|(kind, problem)| {
                    Box::new(BadRelocation {
                        file: object.file.clone(),
                        section: section.name.to_owned(),
                        offset: relocation.offset,
                        kind,
                        symbol: relocation.symbol.map_or_else(|| "nothing".to_owned(), |id| object.symbol_name(id)),
                        problem,
                    })
                })?;
            }
        }
        Ok(())
    }

    fn relocate_one(&mut self, relocation: &RawRelocation, start: u64, len: usize) -> Result<(), (String, String)> {
        let kind = x86_64::kind(relocation.r_type)
            .ok_or_else(|| (format!("type {}", relocation.r_type), "not supported".to_owned()))?;
        let named = |problem| (kind.name.to_owned(), problem);
        let base = u64::from(self.base);
        let symbol = relocation.symbol;
        let entry = symbol.and_then(|id| self.layout.table_entries.get(&id.0)).copied().unwrap_or(0);
        let operands = Operands {
            symbol: symbol.map_or(0, |id| self.symbol_address(id)),
            addend: relocation.addend,
            place: base + start + relocation.offset,
            entry: base + entry,
            table: base + self.layout.table,
            size: symbol.map_or(0, |id| self.object.symbol(id).size),
        };
        let section = &mut self.image[start as usize..][..len];
        let field = section
            .get_mut(relocation.offset as usize..)
            .ok_or_else(|| named("the section has no bytes there".to_owned()))?;
        apply::write(&kind, apply::compute(&kind, &operands), field).map_err(named)
    }
}
