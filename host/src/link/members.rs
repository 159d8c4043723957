//! [`Members`]: an archive whose members are loaded when they are needed.
//!
//! Which member defines what is in the archive's index, or in its members if it has none. Whether a definition is weak is
//! in the members only; they are looked at when it matters, each once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::error::Error;
use super::source::{MAX_FILE_BYTES, Source, read_file};
use crate::elf::{Archive, Object};

/// An archive.
#[derive(Debug)]
pub(super) struct Members {
    path: PathBuf,
    members: Vec<Member>,
    /// By symbol: the numbers of members that define it.
    by_symbol: BTreeMap<String, Vec<usize>>,
}

/// A member of an archive.
#[derive(Debug)]
struct Member {
    source: Source,
    /// What it defines strongly, once somebody wanted to know.
    strong: OnceLock<BTreeSet<String>>,
}

impl Members {
    /// The archive at `path`.
    pub(super) fn read(path: PathBuf) -> Result<Members, Error> {
        let file = path.display().to_string();
        let data = read_file(&path).map_err(|source| Error::Read { file: file.clone(), source })?;
        let archive = Archive::parse(file, &data)?;
        let mut members = Vec::new();
        let mut by_symbol: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, member) in archive.members().iter().enumerate() {
            // A member that is no object is no error as long as nobody needs it.
            debug_assert!(member.offset + member.data.len() as u64 <= MAX_FILE_BYTES);
            let at = Some((member.name.clone(), member.offset, member.data.len() as u64));
            members.push(Member { source: Source { path: path.clone(), member: at }, strong: OnceLock::new() });
            if !archive.has_index()
                && let Ok(object) = Object::parse(archive.member_name(number), member.data)
            {
                for symbol in object.symbols.iter().filter(|symbol| symbol.is_exported()) {
                    by_symbol.entry(symbol.name.to_owned()).or_default().push(number);
                }
            }
        }
        for (name, members) in archive.index() {
            by_symbol.insert(String::from_utf8_lossy(name).into_owned(), members.to_vec());
        }
        Ok(Members { path, members, by_symbol })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The first member that defines a symbol.
    pub(super) fn defining(&self, name: &str) -> Option<&Source> {
        let first = self.by_symbol.get(name)?.first()?;
        Some(&self.members[*first].source)
    }

    /// The first member with a definition of a symbol that does not give way to others.
    pub(super) fn defining_strongly(&self, name: &str) -> Option<&Source> {
        let mut members = self.by_symbol.get(name)?.iter().map(|&number| &self.members[number]);
        members.find(|member| member.strong().contains(name)).map(|member| &member.source)
    }
}

impl Member {
    /// What it defines strongly: nothing, if it is no object any more.
    fn strong(&self) -> &BTreeSet<String> {
        self.strong.get_or_init(|| {
            let Ok(data) = self.source.read() else { return BTreeSet::new() };
            let Ok(object) = Object::parse(self.source.name(), &data) else { return BTreeSet::new() };
            let strong = object.symbols.iter().filter(|symbol| symbol.is_exported() && !symbol.gives_way());
            strong.map(|symbol| symbol.name.to_owned()).collect()
        })
    }
}
