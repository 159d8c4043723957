//! Shared objects, as far as they differ from relocatable ones: what their own linker has settled, and what it left.
//!
//! The outcome is the same [`Object`], so that what follows need hardly know. Section headers are what is read, not
//! segments: they tell code from data, and `strip` leaves them.

// Note [What is left to link in a shared object]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Sections keep their distances, because code refers to data by them and nothing says where. So each has an address,
// and whoever places the object adds the same number to all (`reloc::Layout`).
//
// Dynamic relocations name addresses; here they become relocations of sections. One against the object itself,
// R_X86_64_RELATIVE, becomes an R_X86_64_64 against the section that it points to, through a symbol made up for it.
// Symbols are those of the dynamic table, then one per section, then the local functions of the static table if the file
// has one: they are for messages, and for the bounds of functions without unwind tables.
//
// A call through the procedure linkage table loads an address from the table of addresses, which a relocation fills: both
// are ordinary code and data. The way back into the dynamic linker, for addresses found at the first call, is never
// taken, since all are found at once.
//
// Versions of symbols are not compared. Of two definitions with one name only the default one is seen by others.

// Note [The only thread]
// ~~~~~~~~~~~~~~~~~~~~~~
// All code in the sandbox runs on one thread of the machine, so a thread's variables are variables. An object's lie behind
// everything else of it. The code that asks for their address, `__tls_get_addr`, is given a module and an
// offset from the table of addresses and adds the two; so the first of them is 0, or where the object's own variables
// begin, and the other makes it an address. Code that reaches them from the thread pointer (%fs) finds their
// distance to `bcvm::abi::THREAD` in the table; see `lift::operand`.

use std::collections::BTreeMap;

use object::elf;
use object::read::elf::{ElfFile64, SectionHeader as _};
use object::{Endianness, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget};
use object::{SymbolFlags, SymbolSection};

use super::dynamic::Dynamic;
use super::error::Error;
use super::object::{
    Object, RELOCATION_BYTES, RawRelocation, Section, SectionId, SectionKind, Shared, kind_and_binding, parse_section,
};
use super::symbol::{Binding, Place, Symbol, SymbolId, SymbolType};

type Elf<'data> = ElfFile64<'data, Endianness>;

/// Bytes that may lie unused between sections, beside what the file has: alignment to large pages takes some.
const MAX_GAPS: u64 = 16 << 20;

/// What only the dynamic linker reads.
const TABLES: [u32; 8] = [
    elf::SHT_DYNSYM,
    elf::SHT_STRTAB,
    elf::SHT_RELA,
    elf::SHT_HASH,
    elf::SHT_GNU_HASH,
    elf::SHT_GNU_VERSYM,
    elf::SHT_GNU_VERDEF,
    elf::SHT_GNU_VERNEED,
];

/// The loaded sections of a shared object.
struct Sections<'data> {
    list: Vec<Section<'data>>,
    /// By ELF section number.
    numbers: Vec<Option<SectionId>>,
    /// By address; those without bytes of their own are left out.
    by_address: BTreeMap<u64, SectionId>,
    /// The first of those that each thread has its own of.
    thread: Option<SectionId>,
}

impl<'data> Object<'data> {
    /// Parses a shared object.
    pub(super) fn parse_shared(file: String, data: &'data [u8], elf: &Elf<'data>) -> Result<Self, Error> {
        let mut sections = Sections::read(&file, data, elf)?;
        let dynamic = Dynamic::read(&file, elf)?;
        if dynamic.program {
            return Err(wrong(&file, "is a program"));
        }
        let mut symbols = dynamic_symbols(&file, data, elf, &sections, dynamic.symbolic)?;
        let first_section = symbols.len() as u32;
        symbols.extend((0..).zip(&sections.list).map(|(id, _)| Symbol {
            kind: SymbolType::Section,
            place: Place::Section(SectionId(id), 0),
            ..Symbol::NULL
        }));
        add_local_functions(&file, elf, &sections, &mut symbols)?;
        let bytes: usize = sections.list.iter().map(|section| section.data.len()).sum();
        let room = data.len().saturating_sub(bytes) / RELOCATION_BYTES;
        for (count, (address, relocation)) in elf.dynamic_relocations().into_iter().flatten().enumerate() {
            if count >= room {
                return Err(wrong(&file, "has more relocations than room for them"));
            }
            let (section, relocation) = sections.relocation(&file, address, &relocation, &symbols, first_section)?;
            if let Some(relocation) = relocation {
                sections.list[section.0 as usize].relocations.push(relocation);
            }
        }
        if bytes > data.len() {
            return Err(wrong(&file, "has sections that share bytes of the file"));
        }
        let init = dynamic.init.map(|address| initialiser(&file, address, &sections)).transpose()?;
        Ok(Object { file, sections: sections.list, symbols, shared: Some(Shared { init }) })
    }
}

fn wrong(file: &str, found: &str) -> Error {
    Error::WrongKind { file: file.to_owned(), found: format!("a shared object that {found}") }
}

impl<'data> Sections<'data> {
    fn read(file: &str, data: &[u8], elf: &Elf<'data>) -> Result<Self, Error> {
        let count = elf.sections().map(|s| s.index().0 + 1).max().unwrap_or(0);
        let mut sections =
            Sections { list: Vec::new(), numbers: vec![None; count], by_address: BTreeMap::new(), thread: None };
        for section in elf.sections() {
            let sh_type = section.elf_section_header().sh_type(Endianness::Little);
            if sh_type == elf::SHT_RELR {
                return Err(wrong(file, "has packed relocations (SHT_RELR), which are not supported"));
            }
            if TABLES.contains(&sh_type) {
                continue;
            }
            let Some(parsed) = parse_section(file, &section, true)? else { continue };
            let id = SectionId(sections.list.len() as u32);
            sections.numbers[section.index().0] = Some(id);
            if parsed.kind != SectionKind::ThreadZero
                && parsed.size > 0
                && sections.by_address.insert(parsed.address, id).is_some()
            {
                return Err(wrong(file, "has two sections at one address"));
            }
            if parsed.kind.is_of_thread()
                && sections.thread.is_none_or(|first| parsed.address < sections.get(first).address)
            {
                sections.thread = Some(id);
            }
            sections.list.push(parsed);
        }
        if sections.list.is_empty() {
            return Err(wrong(file, "has no section headers, which tell code from data (`strip` leaves them)"));
        }
        sections.check_extent(file, data.len() as u64)?;
        Ok(sections)
    }

    fn get(&self, id: SectionId) -> &Section<'data> {
        &self.list[id.0 as usize]
    }

    /// Sections must not overlap, nor lie so far apart that a small file needs much memory.
    fn check_extent(&self, file: &str, file_len: u64) -> Result<(), Error> {
        let mut before = None;
        let mut gaps = 0u64;
        let last_with_bytes = self.last_with_bytes();
        for (&address, &id) in &self.by_address {
            let section = self.get(id);
            if let Some(end) = before {
                gaps = gaps
                    .saturating_add(address.checked_sub(end).ok_or_else(|| wrong(file, "has sections that overlap"))?);
            }
            before = Some(address.checked_add(section.size).ok_or_else(|| wrong(file, "has a section without end"))?);
            // What begins as zeros needs bytes as soon as others follow.
            if section.kind == SectionKind::Zero && address < last_with_bytes {
                gaps = gaps.saturating_add(section.size);
            }
        }
        if gaps > MAX_GAPS + file_len {
            return Err(wrong(file, "has sections far apart"));
        }
        Ok(())
    }

    /// The address of the last section that has bytes in the file. The variables of threads come behind everything.
    fn last_with_bytes(&self) -> u64 {
        if self.list.iter().any(|section| section.kind == SectionKind::ThreadData) {
            return u64::MAX;
        }
        let mut from_behind = self.by_address.iter().rev();
        from_behind.find(|(_, id)| !self.get(**id).kind.is_zero()).map_or(0, |(address, _)| *address)
    }

    /// The section around an address, or the one that ends there.
    fn locate(&self, address: u64) -> Option<(SectionId, u64)> {
        let (&start, &id) = self.by_address.range(..=address).next_back()?;
        (address - start <= self.get(id).size).then_some((id, address - start))
    }

    /// A dynamic relocation as one of the section it changes; `None` if nothing is to be done.
    fn relocation(
        &self,
        file: &str,
        address: u64,
        relocation: &object::Relocation,
        symbols: &[Symbol<'_>],
        first_section: u32,
    ) -> Result<(SectionId, Option<RawRelocation>), Error> {
        let place = self.locate(address).filter(|&(id, offset)| offset < self.get(id).size);
        let Some((id, offset)) = place else {
            return Err(wrong(file, &format!("has a relocation at {address:#x}, which is in no section")));
        };
        let bad = |problem: String| Error::Section {
            file: file.to_owned(),
            section: self.get(id).name.to_owned(),
            problem: format!("relocation at {offset:#x} {problem}"),
        };
        let RelocationFlags::Elf { r_type } = relocation.flags() else {
            return Err(bad("has no ELF type".to_owned()));
        };
        let symbol = match relocation.target() {
            RelocationTarget::Symbol(index) if index.0 < first_section as usize => Some(SymbolId(index.0 as u32)),
            RelocationTarget::Absolute => None,
            _ => return Err(bad(format!("names a symbol that is not there (there are {first_section})"))),
        };
        let of_section = |id: SectionId| Some(SymbolId(first_section + id.0));
        let thread = || {
            self.thread
                .and_then(of_section)
                .ok_or_else(|| bad("is for variables of threads, of which there are none".to_owned()))
        };
        let addend = relocation.addend();
        let raw = |r_type, symbol, addend| Ok((id, Some(RawRelocation { offset, r_type, symbol, addend })));
        match (r_type, symbol) {
            (elf::R_X86_64_NONE, _) => Ok((id, None)),
            (elf::R_X86_64_RELATIVE, _) => {
                let target = u64::try_from(addend).ok().and_then(|target| self.locate(target));
                let (section, addend) =
                    target.ok_or_else(|| bad(format!("points to {addend:#x}, which is in no section")))?;
                raw(elf::R_X86_64_64, of_section(section), addend as i64)
            }
            (elf::R_X86_64_64 | elf::R_X86_64_GLOB_DAT | elf::R_X86_64_JUMP_SLOT, Some(_)) => {
                raw(r_type, symbol, addend)
            }
            // See Note [The only thread].
            (elf::R_X86_64_DTPMOD64, Some(_)) => Ok((id, None)),
            (elf::R_X86_64_DTPMOD64, None) => raw(elf::R_X86_64_64, Some(thread()?), 0),
            (elf::R_X86_64_DTPOFF64, Some(_)) => raw(elf::R_X86_64_64, symbol, addend),
            (elf::R_X86_64_TPOFF64, Some(_)) => raw(r_type, symbol, addend),
            (elf::R_X86_64_TPOFF64, None) => raw(r_type, Some(thread()?), addend),
            _ => {
                let name = symbol.map_or("", |id| symbols[id.0 as usize].name);
                let kind = match r_type {
                    elf::R_X86_64_IRELATIVE => "for an indirect function (R_X86_64_IRELATIVE)".to_owned(),
                    elf::R_X86_64_TLSDESC => "for a variable of a thread by descriptor (R_X86_64_TLSDESC)".to_owned(),
                    elf::R_X86_64_COPY => "that copies (R_X86_64_COPY)".to_owned(),
                    other => format!("of type {other}"),
                };
                let against = if name.is_empty() { String::new() } else { format!(" against {name}") };
                Err(bad(format!("{kind}{against} is not supported in shared objects")))
            }
        }
    }
}

/// The dynamic symbol table.
fn dynamic_symbols<'data>(
    file: &str,
    data: &'data [u8],
    elf: &Elf<'data>,
    sections: &Sections<'data>,
    symbolic: bool,
) -> Result<Vec<Symbol<'data>>, Error> {
    let versions = elf.elf_section_table().gnu_versym(Endianness::Little, data);
    let versions =
        versions.map_err(|e| Error::malformed(file, "the versions of symbols", e))?.map_or(&[][..], |(v, _)| v);
    let mut symbols = vec![Symbol::NULL];
    for symbol in elf.dynamic_symbols() {
        let number = symbol.index().0;
        let name = symbol.name().map_err(|e| Error::malformed(file, format!("the name of symbol {number}"), e))?;
        let bad = |problem: String| Error::Symbol { file: file.to_owned(), symbol: name.to_owned(), problem };
        let SymbolFlags::Elf { st_info, st_other } = symbol.flags() else {
            return Err(bad("has no ELF flags".to_owned()));
        };
        let place = match symbol.section() {
            SymbolSection::Undefined => Place::Undefined,
            SymbolSection::Absolute => Place::Absolute(symbol.address()),
            SymbolSection::Section(index) => {
                let Some(own) = sections.numbers.get(index.0).copied() else {
                    return Err(bad(format!("is in section {}, which does not exist", index.0)));
                };
                place(st_info, symbol.address(), own, sections)
                    .ok_or_else(|| bad(format!("at {:#x} is in no section", symbol.address())))?
            }
            _ => Place::NotLoaded,
        };
        let (kind, mut binding) = match kind_and_binding(st_info) {
            // Nobody has called it yet: what others define is not looked at.
            Err(_) if place == Place::Undefined => (SymbolType::Other, Binding::Global),
            found => found.map_err(bad)?,
        };
        let is_default = versions.get(number).is_none_or(|v| v.0.get(Endianness::Little) & elf::VERSYM_HIDDEN == 0);
        if place != Place::Undefined && !is_default {
            binding = Binding::Local;
        }
        let interposable = !symbolic && st_other & 3 != elf::STV_PROTECTED;
        debug_assert_eq!(symbols.len(), number);
        symbols.push(Symbol { name, binding, kind, place, size: symbol.size(), interposable });
    }
    Ok(symbols)
}

/// Where a symbol with this value in that section points.
fn place(st_info: u8, value: u64, own: Option<SectionId>, sections: &Sections<'_>) -> Option<Place> {
    let Some(own) = own else { return Some(Place::NotLoaded) };
    let section = sections.get(own);
    // The value of a thread's variable counts from the first of them.
    let value = match sections.thread {
        Some(first) if st_info & 0xf == elf::STT_TLS => sections.get(first).address.checked_add(value)?,
        _ => value,
    };
    let offset = value.checked_sub(section.address).filter(|&offset| offset <= section.size);
    match offset {
        Some(offset) => Some(Place::Section(own, offset)),
        // Linkers put names of ends (`_end`) where they like.
        None => Some(sections.locate(value).map_or(Place::NotLoaded, |(id, offset)| Place::Section(id, offset))),
    }
}

/// Adds the local functions of the static symbol table, if the file has one.
fn add_local_functions<'data>(
    file: &str,
    elf: &Elf<'data>,
    sections: &Sections<'data>,
    symbols: &mut Vec<Symbol<'data>>,
) -> Result<(), Error> {
    for symbol in elf.symbols() {
        let (SymbolFlags::Elf { st_info, .. }, SymbolSection::Section(index)) = (symbol.flags(), symbol.section())
        else {
            continue;
        };
        let Some(Some(own)) = sections.numbers.get(index.0) else { continue };
        let is_function = matches!(st_info & 0xf, elf::STT_FUNC | elf::STT_NOTYPE | elf::STT_OBJECT);
        if !is_function || st_info >> 4 != elf::STB_LOCAL || sections.get(*own).kind != SectionKind::Text {
            continue;
        }
        let name = symbol.name().map_err(|e| Error::malformed(file, "the name of a symbol", e))?;
        let (Ok((kind, binding)), Some(place)) =
            (kind_and_binding(st_info), place(st_info, symbol.address(), Some(*own), sections))
        else {
            continue;
        };
        symbols.push(Symbol { name, binding, kind, place, size: symbol.size(), interposable: false });
    }
    Ok(())
}

/// The function that is called before those of `.init_array`.
fn initialiser(file: &str, address: u64, sections: &Sections<'_>) -> Result<(SectionId, u64), Error> {
    let place = sections.locate(address).filter(|&(id, _)| sections.get(id).kind == SectionKind::Text);
    place.ok_or_else(|| wrong(file, &format!("is initialised at {address:#x}, where no code is")))
}
