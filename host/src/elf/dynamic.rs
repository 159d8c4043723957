//! The dynamic section of a shared object: what it is called, which libraries it needs, and where to look for them.

use object::Endianness;
use object::elf;
use object::read::elf::ElfFile64;

use super::error::Error;

/// What the dynamic section of a shared object says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// The name by which others need it (`DT_SONAME`).
    pub name: Option<String>,
    /// Names of the libraries that it needs, in order.
    pub needed: Vec<String>,
    /// Folders to look for them, `$ORIGIN` standing for its own.
    pub search: Vec<String>,
    /// Whether its own definitions are its own (`-Bsymbolic`).
    pub(super) symbolic: bool,
    /// Whether it is a program that can be anywhere in memory.
    pub(super) program: bool,
    /// The address of the function that is called first.
    pub(super) init: Option<u64>,
}

impl Dynamic {
    /// The dynamic section of the shared object `data`, which messages call `file`.
    pub fn parse(file: &str, data: &[u8]) -> Result<Dynamic, Error> {
        let elf = ElfFile64::parse(data).map_err(|e| Error::malformed(file, "the ELF header", e))?;
        Dynamic::read(file, &elf)
    }

    /// The dynamic section of `elf`; empty if there is none.
    pub(super) fn read(file: &str, elf: &ElfFile64<'_, Endianness>) -> Result<Dynamic, Error> {
        let malformed = |e| Error::malformed(file, "the dynamic section", e);
        let table = elf.elf_dynamic_table().map_err(malformed)?;
        let mut dynamic = Dynamic::default();
        let (mut search, mut old_search) = (None, None);
        for entry in table.iter() {
            let text = || table.string(entry).map(|text| String::from_utf8_lossy(text).into_owned()).map_err(malformed);
            match entry.tag {
                elf::DT_SONAME => dynamic.name = Some(text()?),
                elf::DT_NEEDED => dynamic.needed.push(text()?),
                elf::DT_RUNPATH => search = Some(text()?),
                elf::DT_RPATH => old_search = Some(text()?),
                elf::DT_SYMBOLIC => dynamic.symbolic = true,
                elf::DT_FLAGS => dynamic.symbolic |= entry.val & u64::from(elf::DF_SYMBOLIC) != 0,
                elf::DT_FLAGS_1 => dynamic.program = entry.val & u64::from(elf::DF_1_PIE) != 0,
                elf::DT_INIT => dynamic.init = Some(entry.val).filter(|&address| address != 0),
                _ => {}
            }
        }
        let search = search.or(old_search).unwrap_or_default();
        dynamic.search = search.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect();
        Ok(dynamic)
    }
}
