//! One x86-64 object: sections that are loaded, symbols, raw relocations.
//!
//! [`Object`] borrows the file and never changes it. What it owns: every section's bytes lie in
//! the file, every symbol in its section, every relocation's offset in its section and its symbol
//! in the table. Relocation types stay raw numbers here; `reloc::x86_64` gives them meaning. Here are relocatable
//! objects; what differs in shared ones is in `shared`.

use object::elf;
use object::read::elf::{ElfFile64, FileHeader as _, SectionHeader as _};
use object::{Endianness, Object as _, ObjectSection as _, ObjectSymbol as _};
use object::{RelocationFlags, RelocationTarget, SectionFlags, SymbolFlags, SymbolSection};

use super::error::Error;
use super::symbol::{Binding, Place, Symbol, SymbolId, SymbolType};

/// A loaded section's number in [`Object::sections`] (not the ELF section number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId(pub u32);

/// What a section is for, as far as placing and lifting care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// Machine code (and GHC's info tables between it).
    Text,
    /// Constants.
    ReadOnly,
    /// Variables with initial values.
    Data,
    /// Variables that begin as zeros; no bytes in the file.
    Zero,
    /// Addresses of functions to run after loading, in order.
    InitArray,
    /// Unwind tables: which bytes of the text are C functions.
    EhFrame,
    /// Variables of each thread with initial values: see Note [The only thread] in `shared`.
    ThreadData,
    /// Variables of each thread that begin as zeros.
    ThreadZero,
}

impl SectionKind {
    /// Whether it begins as zeros, with no bytes in the file.
    pub fn is_zero(self) -> bool {
        matches!(self, SectionKind::Zero | SectionKind::ThreadZero)
    }

    /// Whether each thread has its own.
    pub fn is_of_thread(self) -> bool {
        matches!(self, SectionKind::ThreadData | SectionKind::ThreadZero)
    }
}

/// One relocation, its type not yet interpreted.
#[derive(Debug, Clone, Copy)]
pub struct RawRelocation {
    /// Where, from the start of its section.
    pub offset: u64,
    /// `R_X86_64_*`.
    pub r_type: u32,
    /// Against which symbol; `None` is the null symbol, whose value is zero.
    pub symbol: Option<SymbolId>,
    /// The constant part.
    pub addend: i64,
}

/// A section that occupies memory when loaded.
#[derive(Debug)]
pub struct Section<'data> {
    /// Its name.
    pub name: &'data str,
    /// What it is for.
    pub kind: SectionKind,
    /// Its size in memory.
    pub size: u64,
    /// Its alignment, a power of two.
    pub align: u64,
    /// Its address in a shared object; 0 in a relocatable one.
    pub address: u64,
    /// Its bytes; empty if it begins as zeros, else `size` long.
    pub data: &'data [u8],
    /// Its relocations, in file order.
    pub relocations: Vec<RawRelocation>,
}

/// What a shared object has beside sections, symbols and relocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The function to call first (`DT_INIT`).
    pub init: Option<(SectionId, u64)>,
}

/// A parsed object.
#[derive(Debug)]
pub struct Object<'data> {
    /// What messages call it: a path, or `archive(member)`.
    pub file: String,
    /// The sections that are loaded.
    pub sections: Vec<Section<'data>>,
    /// The whole symbol table, index 0 being ELF's null symbol.
    pub symbols: Vec<Symbol<'data>>,
    /// In a shared object, whose sections keep their distances, what else it has.
    pub shared: Option<Shared>,
}

/// Alignments above this are refused: nothing real asks for more, and placing would waste memory.
pub(super) const MAX_ALIGN: u64 = 4096;

/// The size of a relocation in the file.
pub(super) const RELOCATION_BYTES: usize = 24;

impl<'data> Object<'data> {
    /// Parses `data`, a whole file, under the name `file`: a relocatable object or a shared one.
    pub fn parse(file: impl Into<String>, data: &'data [u8]) -> Result<Self, Error> {
        let file = file.into();
        let elf = ElfFile64::<Endianness>::parse(data).map_err(|e| Error::malformed(&file, "the ELF header", e))?;
        match check_header(&file, &elf)? {
            elf::ET_DYN => Object::parse_shared(file, data, &elf),
            _ => Object::parse_relocatable(file, data, &elf),
        }
    }

    fn parse_relocatable(file: String, data: &'data [u8], elf: &ElfFile64<'data, Endianness>) -> Result<Self, Error> {
        let mut map = vec![None; elf.sections().map(|s| s.index().0 + 1).max().unwrap_or(0)];
        let mut sections = Vec::new();
        for section in elf.sections() {
            if let Some(parsed) = parse_section(&file, &section, false)? {
                map[section.index().0] = Some(SectionId(sections.len() as u32));
                sections.push(parsed);
            }
        }
        let symbols = parse_symbols(&file, elf, &sections, &map)?;
        // In an honest file no byte belongs to two things. Checking the sums keeps a small file from
        // becoming a large object.
        let mut bytes: usize = sections.iter().map(|section| section.data.len()).sum();
        for section in elf.sections() {
            let Some(id) = map[section.index().0] else {
                continue;
            };
            let parsed = &sections[id.0 as usize];
            let room = data.len().saturating_sub(bytes) / RELOCATION_BYTES;
            let relocations = parse_relocations(&file, &section, parsed, symbols.len(), room)?;
            bytes += relocations.len() * RELOCATION_BYTES;
            sections[id.0 as usize].relocations = relocations;
        }
        if bytes > data.len() {
            return Err(Error::WrongKind { file, found: "sections that share bytes of the file".to_owned() });
        }
        Ok(Object { file, sections, symbols, shared: None })
    }

    /// The section with this number.
    pub fn section(&self, id: SectionId) -> &Section<'data> {
        &self.sections[id.0 as usize]
    }

    /// The symbol with this number.
    pub fn symbol(&self, id: SymbolId) -> &Symbol<'data> {
        &self.symbols[id.0 as usize]
    }

    /// What a message should call a symbol: its name, or its section's.
    pub fn symbol_name(&self, id: SymbolId) -> String {
        let symbol = self.symbol(id);
        match symbol.place {
            Place::Section(section, _) if symbol.name.is_empty() => self.section(section).name.to_owned(),
            _ if symbol.name.is_empty() => format!("number {}", id.0),
            _ => symbol.name.to_owned(),
        }
    }
}

/// The type of the file, one of those that can be linked.
fn check_header(file: &str, elf: &ElfFile64<'_, Endianness>) -> Result<u16, Error> {
    let wrong = |found: String| Err(Error::WrongKind { file: file.to_owned(), found });
    let header = elf.elf_header();
    let endian = elf.endian();
    if endian != Endianness::Little {
        return wrong("big-endian".to_owned());
    }
    if header.e_machine(endian) != elf::EM_X86_64 {
        return wrong(format!("machine {:?}", header.e_machine(endian)));
    }
    match header.e_type(endian) {
        kind @ (elf::ET_REL | elf::ET_DYN) => Ok(kind),
        kind => wrong(format!("ELF type {kind:?}, neither relocatable nor shared")),
    }
}

pub(super) type ElfSection<'data, 'file> = object::read::elf::ElfSection64<'data, 'file, Endianness>;

/// A section, if it is loaded.
pub(super) fn parse_section<'data>(
    file: &str,
    section: &ElfSection<'data, '_>,
    shared: bool,
) -> Result<Option<Section<'data>>, Error> {
    let SectionFlags::Elf { sh_flags } = section.flags() else {
        return Ok(None);
    };
    if sh_flags & u64::from(elf::SHF_ALLOC) == 0 {
        return Ok(None);
    }
    let name = section.name().map_err(|e| Error::malformed(file, "a section's name", e))?;
    let bad = |problem: String| Error::Section { file: file.to_owned(), section: name.to_owned(), problem };
    let of_thread = sh_flags & u64::from(elf::SHF_TLS) != 0;
    if of_thread && !shared {
        return Err(bad(
            "thread-local storage is not supported in relocatable objects (link it into a shared object)".to_owned()
        ));
    }
    let align = section.align().max(1);
    if !align.is_power_of_two() || align > MAX_ALIGN {
        return Err(bad(format!("alignment {align} is not a power of two up to {MAX_ALIGN}")));
    }
    let sh_type = section.elf_section_header().sh_type(Endianness::Little);
    let kind = match sh_type {
        _ if sh_flags & u64::from(elf::SHF_EXECINSTR) != 0 => SectionKind::Text,
        elf::SHT_NOBITS if of_thread => SectionKind::ThreadZero,
        _ if of_thread => SectionKind::ThreadData,
        elf::SHT_NOBITS => SectionKind::Zero,
        elf::SHT_INIT_ARRAY => SectionKind::InitArray,
        elf::SHT_X86_64_UNWIND => SectionKind::EhFrame,
        _ if name == ".eh_frame" => SectionKind::EhFrame,
        // Notes (GNU properties, stack markings) say nothing that guest code could read.
        elf::SHT_NOTE => return Ok(None),
        elf::SHT_PREINIT_ARRAY | elf::SHT_FINI_ARRAY if !shared => return Ok(None),
        _ if sh_flags & u64::from(elf::SHF_WRITE) != 0 => SectionKind::Data,
        _ => SectionKind::ReadOnly,
    };
    if kind == SectionKind::Text && sh_type == elf::SHT_NOBITS {
        return Err(bad("executable but without bytes".to_owned()));
    }
    let data = section.data().map_err(|e| Error::malformed(file, format!("section {name}"), e))?;
    if !kind.is_zero() && data.len() as u64 != section.size() {
        return Err(bad(format!("{} bytes in the file, {} declared", data.len(), section.size())));
    }
    let address = if shared { section.address() } else { 0 };
    Ok(Some(Section { name, kind, size: section.size(), align, address, data, relocations: Vec::new() }))
}

fn parse_symbols<'data>(
    file: &str,
    elf: &ElfFile64<'data, Endianness>,
    sections: &[Section<'data>],
    map: &[Option<SectionId>],
) -> Result<Vec<Symbol<'data>>, Error> {
    let mut symbols = vec![Symbol::NULL];
    for symbol in elf.symbols() {
        let number = symbol.index().0;
        let name = symbol.name().map_err(|e| Error::malformed(file, format!("the name of symbol {number}"), e))?;
        let shown = || {
            if name.is_empty() { format!("number {number}") } else { name.to_owned() }
        };
        let bad = |problem: String| Error::Symbol { file: file.to_owned(), symbol: shown(), problem };
        let SymbolFlags::Elf { st_info, .. } = symbol.flags() else {
            return Err(bad("has no ELF flags".to_owned()));
        };
        let place = match symbol.section() {
            SymbolSection::Undefined => Place::Undefined,
            SymbolSection::Absolute => Place::Absolute(symbol.address()),
            SymbolSection::Common => {
                let align = symbol.address().max(1);
                if !align.is_power_of_two() || align > MAX_ALIGN {
                    return Err(bad(format!("common with alignment {align}")));
                }
                Place::Common { size: symbol.size(), align }
            }
            SymbolSection::Section(index) => match map.get(index.0) {
                None => {
                    return Err(bad(format!("is in section {}, which does not exist", index.0)));
                }
                Some(None) => Place::NotLoaded,
                Some(Some(id)) => {
                    let section = &sections[id.0 as usize];
                    if symbol.address() > section.size {
                        return Err(bad(format!(
                            "at offset {:#x} of section {}, which has {:#x} bytes",
                            symbol.address(),
                            section.name,
                            section.size
                        )));
                    }
                    Place::Section(*id, symbol.address())
                }
            },
            SymbolSection::None => Place::NotLoaded,
            _ => return Err(bad("is in a section this linker does not know".to_owned())),
        };
        let (kind, binding) = kind_and_binding(st_info).map_err(bad)?;
        if kind == SymbolType::Thread {
            return Err(bad("is thread-local, which is supported in shared objects only".to_owned()));
        }
        debug_assert_eq!(symbols.len(), number);
        symbols.push(Symbol { name, binding, kind, place, size: symbol.size(), interposable: false });
    }
    Ok(symbols)
}

pub(super) fn kind_and_binding(st_info: u8) -> Result<(SymbolType, Binding), String> {
    let kind = match st_info & 0xf {
        0 => SymbolType::None,
        1 | 5 => SymbolType::Object,
        2 => SymbolType::Function,
        3 => SymbolType::Section,
        4 => SymbolType::File,
        6 => SymbolType::Thread,
        10 => return Err("is an indirect function (STT_GNU_IFUNC), which is not supported".to_owned()),
        _ => SymbolType::Other,
    };
    let binding = match st_info >> 4 {
        0 => Binding::Local,
        1 | 10 => Binding::Global,
        2 => Binding::Weak,
        other => return Err(format!("has unknown binding {other}")),
    };
    Ok((kind, binding))
}

fn parse_relocations(
    file: &str,
    section: &ElfSection<'_, '_>,
    parsed: &Section<'_>,
    symbol_count: usize,
    room: usize,
) -> Result<Vec<RawRelocation>, Error> {
    let bad = |problem: String| Error::Section { file: file.to_owned(), section: parsed.name.to_owned(), problem };
    let mut relocations = Vec::new();
    for (offset, relocation) in section.relocations() {
        let RelocationFlags::Elf { r_type } = relocation.flags() else {
            return Err(bad(format!("relocation at {offset:#x} has no ELF type")));
        };
        if relocation.has_implicit_addend() {
            return Err(bad(format!("relocation at {offset:#x} has no addend (SHT_REL is not used on x86-64)")));
        }
        let symbol = match relocation.target() {
            RelocationTarget::Symbol(index) if index.0 < symbol_count => Some(SymbolId(index.0 as u32)),
            RelocationTarget::Symbol(index) => {
                return Err(bad(format!(
                    "relocation at {offset:#x} names symbol {}, there are {symbol_count}",
                    index.0
                )));
            }
            RelocationTarget::Absolute => None,
            _ => {
                return Err(bad(format!("relocation at {offset:#x} has a target this linker does not know")));
            }
        };
        if offset >= parsed.size {
            return Err(bad(format!("relocation at {offset:#x} lies outside its {:#x} bytes", parsed.size)));
        }
        if relocations.len() >= room {
            return Err(bad("has more relocations than the file has room for".to_owned()));
        }
        relocations.push(RawRelocation { offset, r_type, symbol, addend: relocation.addend() });
    }
    Ok(relocations)
}
