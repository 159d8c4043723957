//! `ar` archives: System V and GNU long names, and the index of symbols.
//!
//! Members are borrowed. Which of them are loaded is the linker's choice: it asks
//! [`Archive::defining`] for every symbol it wants.

use std::collections::BTreeMap;

use object::read::archive::{ArchiveFile, ArchiveOffset};

use super::error::Error;

/// A member's place in its archive.
#[derive(Debug, Clone)]
pub struct Member<'data> {
    /// Its name without padding.
    pub name: String,
    /// Where in the archive its bytes begin.
    pub offset: u64,
    /// Its bytes.
    pub data: &'data [u8],
}

/// A parsed archive.
#[derive(Debug)]
pub struct Archive<'data> {
    file: String,
    members: Vec<Member<'data>>,
    symbols: BTreeMap<&'data [u8], Vec<usize>>,
}

impl<'data> Archive<'data> {
    /// Parses `data`, a whole archive, under the name `file`. Members are not looked into.
    pub fn parse(file: impl Into<String>, data: &'data [u8]) -> Result<Self, Error> {
        let file = file.into();
        let malformed = |what: &str, source| Error::malformed(&file, what, source);
        let archive = ArchiveFile::parse(data).map_err(|e| malformed("the archive header", e))?;
        if archive.is_thin() {
            return Err(Error::ThinArchive { file });
        }
        let mut members = Vec::new();
        let mut by_offset = BTreeMap::new();
        for member in archive.members() {
            let member = member.map_err(|e| malformed("an archive member", e))?;
            let name = String::from_utf8_lossy(member.name()).into_owned();
            let bytes = member.data(data).map_err(|e| malformed(&format!("member {name}"), e))?;
            // The index names a member by where its header starts: 60 bytes before its data (GNU and
            // System V; BSD's inline names move the data, so the header is looked up by containment).
            by_offset.insert(member.file_range().0, members.len());
            members.push(Member { name, offset: member.file_range().0, data: bytes });
        }
        let mut symbols: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        if let Some(index) = archive.symbols().map_err(|e| malformed("the symbol index", e))? {
            for symbol in index {
                let symbol = symbol.map_err(|e| malformed("the symbol index", e))?;
                let ArchiveOffset(header) = symbol.offset();
                // The member whose data begins soonest after that header.
                let Some((_, &member)) = by_offset.range(header..).next() else {
                    return Err(Error::Symbol {
                        file: file.clone(),
                        symbol: String::from_utf8_lossy(symbol.name()).into_owned(),
                        problem: format!("the index says its member is at {header:#x}, where none is"),
                    });
                };
                symbols.entry(symbol.name()).or_default().push(member);
            }
        }
        Ok(Archive { file, members, symbols })
    }

    /// The members in file order.
    pub fn members(&self) -> &[Member<'data>] {
        &self.members
    }

    /// The name messages use for one of [`Self::members`]: `archive(member)`.
    pub fn member_name(&self, member: usize) -> String {
        format!("{}({})", self.file, self.members[member].name)
    }

    /// The members that the archive's index says define `symbol`, in their order.
    pub fn defining(&self, symbol: &str) -> &[usize] {
        self.symbols.get(symbol.as_bytes()).map_or(&[], Vec::as_slice)
    }

    /// The archive's index: symbols, and the numbers of the members that define them.
    pub fn index(&self) -> impl Iterator<Item = (&'data [u8], &[usize])> {
        self.symbols.iter().map(|(&symbol, members)| (symbol, members.as_slice()))
    }

    /// Whether the archive has an index at all.
    pub fn has_index(&self) -> bool {
        !self.symbols.is_empty()
    }
}
