//! What the linker has to know of an object before it relocates it: what it defines, what it wants, what it takes up.
//!
//! Invariant: all of it follows from the object's bytes alone, so that an index can be kept and be used instead of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::error::Error;
use super::flat::Builder;
use super::package::{analysed, need_of};
use super::space::Need;
use super::symbols::hash_of;
use crate::elf::{Binding, Object, Place as SymbolPlace, SymbolId};
use crate::lift::{Analysis, LiftedModule, Numbering};
use crate::reloc::{Definition, Layout, SymbolBindings, x86_64};

/// What an exported symbol is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// So many bytes after the object's base.
    Offset(u32),
    /// A number.
    Absolute(u64),
}

/// A symbol that an object defines for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export<'a> {
    /// Its name.
    pub name: &'a str,
    /// The hash by which it is found.
    pub hash: u64,
    /// What it is worth.
    pub value: Value,
    /// Whether another definition may take its place: weak and common symbols.
    pub gives_way: bool,
}

/// A symbol that an object looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want<'a> {
    /// Its name.
    pub name: &'a str,
    /// The hash by which it is found.
    pub hash: u64,
    /// The first place that refers to it, as `section+0x…`; none if the object can do without: it refers to it weakly, or
    /// would have a definition of its own.
    pub needed_at: Option<&'a str>,
    /// Whether it is a shared object's that only calls it, so that it need not be there until then.
    pub only_called: bool,
}

/// What is known about an object from its bytes. How it is laid out is `flat`'s.
#[derive(Clone)]
pub struct Index {
    /// In memory, or a file as it is mapped.
    pub(super) bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl PartialEq for Index {
    fn eq(&self, other: &Index) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Index {}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} exports, {} wants, {:?})", self.export_count(), self.want_count(), self.need())
    }
}

/// Where an object is placed to find out how many slots it needs. It does not matter where, as long as what it refers to
/// is elsewhere.
const SOMEWHERE: u32 = bcvm::abi::PACKAGES_START;
/// What it refers to then.
const ELSEWHERE: Definition = Definition { address: bcvm::abi::RTS_START as u64, slot: None };

impl Index {
    /// The index of `object`.
    pub fn new(object: &Object<'_>) -> Result<Index, Error> {
        Index::with_analysis(object, |_| Ok(())).map(|(index, ())| index)
    }

    /// The index of an object whose code can't be linked: what it defines and wants.
    pub(super) fn of_symbols(object: &Object<'_>) -> Result<Index, Error> {
        let layout = Layout::new(object)?;
        let mut index = Builder::default();
        add_wants(object, &mut index, &mut SymbolBindings::new());
        add_exports(object, |id| layout.symbol_offset(object, id), &mut index);
        Ok(index.finish(Need { bytes: layout.extent() as u32, stg: 0, c: 0 }, object.shared.is_some()))
    }

    /// The index of `object`, and its code as it would be translated.
    pub fn with_code(object: &Object<'_>) -> Result<(Index, LiftedModule), Error> {
        Index::with_analysis(object, |analysis| Ok(analysis.lift(Numbering::default())?))
    }

    fn with_analysis<T>(
        object: &Object<'_>,
        look: impl FnOnce(&Analysis<'_>) -> Result<T, Error>,
    ) -> Result<(Index, T), Error> {
        let mut wants = Builder::default();
        let mut bindings = SymbolBindings::new();
        add_wants(object, &mut wants, &mut bindings);
        analysed(object, SOMEWHERE, &bindings, |placed, analysis| {
            let mut index = wants;
            let pointer = |offset| analysis.pointer(placed.base() + offset) - placed.base();
            add_exports(object, |id| placed.symbol_offset(id).map(pointer), &mut index);
            let need = need_of(placed, analysis);
            Ok((index.finish(need, object.shared.is_some()), look(analysis)?))
        })
    }
}

/// Adds what the object defines; `offset_of` answers by how much a symbol's address is above the object's.
fn add_exports(object: &Object<'_>, offset_of: impl Fn(SymbolId) -> Option<u32>, index: &mut Builder) {
    for (id, symbol) in (0..).map(SymbolId).zip(&object.symbols) {
        if !symbol.is_exported() || symbol.name.is_empty() {
            continue;
        }
        let value = match (offset_of(id), symbol.place) {
            (Some(offset), _) => Value::Offset(offset),
            (None, SymbolPlace::Absolute(value)) => Value::Absolute(value),
            _ => continue,
        };
        let (name, gives_way) = (symbol.name, symbol.gives_way());
        index.export(Export { name, hash: hash_of(name), value, gives_way });
    }
}

/// What the object wants is bound to what is elsewhere.
fn add_wants(object: &Object<'_>, index: &mut Builder, bindings: &mut SymbolBindings) {
    // By symbol, the first place that refers to it, and whether all are for calls: a symbol that no relocation is against
    // is not wanted.
    let mut wanted: BTreeMap<SymbolId, (&str, u64, bool)> = BTreeMap::new();
    for section in &object.sections {
        for relocation in &section.relocations {
            if let Some(symbol) = relocation.symbol {
                let wanted = wanted.entry(symbol).or_insert((section.name, relocation.offset, true));
                wanted.2 &= relocation.r_type == x86_64::JUMP_SLOT;
            }
        }
    }
    for (id, (section, offset, only_called)) in wanted {
        let symbol = object.symbol(id);
        let undefined = symbol.place == SymbolPlace::Undefined && !symbol.name.is_empty();
        if undefined || symbol.gives_way() {
            let needed = undefined && symbol.binding != Binding::Weak;
            let needed_at = needed.then(|| format!("{section}+{offset:#x}"));
            let (name, needed_at) = (symbol.name, needed_at.as_deref());
            index.want(Want { name, hash: hash_of(name), needed_at, only_called });
            bindings.define(symbol.name, ELSEWHERE);
        }
    }
}
