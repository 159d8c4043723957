//! Finding the code in an object's text: entries, and where basic blocks begin.
//!
//! Text mixes code with info tables, so it cannot be read from end to end. Decoding starts at what is known
//! to be code and follows every jump. Each address is decoded at most once, so the work is linear in
//! the text whatever the jumps are.

// Note [What is an entry]
// ~~~~~~~~~~~~~~~~~~~~~~~
// An entry is a place that other code may reach with nothing but the calling convention in common. It
// becomes a wasm function, and gets a table slot unless direct calls are all that reaches it. In Haskell code:
//   * every symbol in text that is no section symbol;
//   * the target of every 32-bit address in text: return points, which have no symbol;
//   * the target of every 64-bit address in data that is in no jump table: info pointers of closures;
//   * the slow entry of a function with a general argument pattern, which only its info table names:
//     the distance at info pointer − 40, if the type at −8 is a function's and the pattern at −24 general.
// In C code: exported functions, what is called, and the starts of functions whose address is taken.
// An address inside a C function is a label: see Note [Computed jumps] in `tables`.
// C code is what the unwind tables cover; see `Code::kind`.

use std::collections::BTreeMap;

use iced_x86::{Mnemonic, OpKind};

use super::code::Code;
use super::convention::CodeKind;
use super::flow::{Flow, flow};
use super::regs::Reg;
use super::tables::Tables;
use crate::elf::{Place, SectionId, SectionKind, SymbolType};
use crate::reloc::{PlacedObject, x86_64};

/// A block longer than this is cut, which bounds the size of functions.
pub const MAX_BLOCK: usize = 1000;

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its convention.
    pub kind: CodeKind,
    /// Whether anything but a direct call in this object may reach it: then it needs a table slot, and
    /// its first four bytes to say which.
    pub addressed: bool,
}

/// What was found.
#[derive(Debug)]
pub struct Discovery {
    /// Where blocks begin, ascending.
    pub leaders: Vec<u32>,
    /// Entries.
    pub entries: BTreeMap<u32, Found>,
    /// Targets of computed jumps.
    pub tables: Tables,
    /// Bytes of text that are instructions reached.
    pub reached_bytes: u64,
}

const VISITED: u8 = 1;
const LEADER: u8 = 2;

struct Search<'a, 'p> {
    code: &'a Code<'p>,
    marks: Vec<u8>,
    work: Vec<u32>,
    leaders: Vec<u32>,
    entries: BTreeMap<u32, Found>,
    tables: Tables,
    reached_bytes: u64,
}

/// Finds all code of `placed`.
pub fn discover(placed: &PlacedObject<'_, '_>, code: &Code<'_>) -> Discovery {
    let mut search = Search {
        code,
        marks: vec![0; code.len()],
        work: Vec::new(),
        leaders: Vec::new(),
        entries: BTreeMap::new(),
        tables: Tables::find(placed, code),
        reached_bytes: 0,
    };
    search.seed_symbols(placed);
    search.seed_relocations(placed);
    search.run();
    let Search { mut leaders, entries, tables, reached_bytes, .. } = search;
    leaders.sort_unstable();
    Discovery { leaders, entries, tables, reached_bytes }
}

impl Search<'_, '_> {
    fn seed_symbols(&mut self, placed: &PlacedObject<'_, '_>) {
        for symbol in &placed.object.symbols {
            let Place::Section(section, offset) = symbol.place else {
                continue;
            };
            if placed.object.section(section).kind != SectionKind::Text
                || matches!(symbol.kind, SymbolType::Section | SymbolType::File)
            {
                continue;
            }
            let address = placed.section_address(section) + offset as u32;
            if self.code.kind(address) == CodeKind::Stg || symbol.is_exported() {
                self.add_entry(address, true);
            }
        }
        if let Some((section, offset)) = placed.object.shared.as_ref().and_then(|shared| shared.init) {
            self.add_entry(placed.section_address(section) + offset as u32, true);
        }
    }

    fn seed_relocations(&mut self, placed: &PlacedObject<'_, '_>) {
        for (index, section) in placed.object.sections.iter().enumerate() {
            let start = placed.section_address(SectionId(index as u32));
            let is_text = section.kind == SectionKind::Text;
            for relocation in &section.relocations {
                let is_address = match relocation.r_type {
                    x86_64::R32 | x86_64::R32S => is_text,
                    other => x86_64::is_address(other),
                };
                let Ok(target) = u32::try_from(placed.relocation_target(relocation)) else {
                    continue;
                };
                if is_address && !self.in_table(start + relocation.offset as u32) {
                    self.add_address(target);
                }
            }
        }
        let places: Vec<u32> = self.tables.all_places().collect();
        places.into_iter().for_each(|place| self.add_leader(place));
    }

    /// Whether a place in data is an entry of a jump table.
    fn in_table(&self, place: u32) -> bool {
        let Some((start, entries)) = self.tables.absolute_before(place) else {
            return false;
        };
        ((place - start) / 8) < entries.len() as u32
    }

    /// Code whose address is taken.
    fn add_address(&mut self, address: u32) {
        match self.code.c_function(address) {
            Some((function, _)) if function != address => {
                self.tables.add_inner(function, address);
                self.add_leader(address);
            }
            _ => self.add_entry(address, true),
        }
    }

    fn add_leader(&mut self, address: u32) {
        if let Some(flat) = self.code.flat(address)
            && self.marks[flat] & LEADER == 0
        {
            self.marks[flat] |= LEADER;
            self.leaders.push(address);
            self.work.push(address);
        }
    }

    fn add_entry(&mut self, address: u32, addressed: bool) {
        if self.code.flat(address).is_none() {
            return;
        }
        if let Some(known) = self.entries.get_mut(&address) {
            known.addressed |= addressed;
            return;
        }
        let kind = self.code.kind(address);
        self.entries.insert(address, Found { kind, addressed });
        self.add_leader(address);
        if kind == CodeKind::Stg
            && let Some(slow) = self.slow_entry(address)
        {
            self.add_entry(slow, true);
        }
    }

    /// The slow entry that the info table in front of `entry` names.
    fn slow_entry(&self, entry: u32) -> Option<u32> {
        const FUN: std::ops::RangeInclusive<u32> = 8..=14;
        const ARG_GEN_BIG: u32 = 1;
        if !FUN.contains(&self.code.word_before(entry, 8)?) || self.code.word_before(entry, 24)? > ARG_GEN_BIG {
            return None;
        }
        let distance = self.code.word_before(entry, 40)? as i32;
        (distance != 0).then(|| entry.wrapping_add_signed(distance))
    }

    fn run(&mut self) {
        while let Some(leader) = self.work.pop() {
            self.follow(leader);
        }
    }

    /// Decodes from a leader to the end of its block.
    fn follow(&mut self, leader: u32) {
        let function = self.code.c_function(leader);
        let mut at = leader;
        for count in 0.. {
            let Some(flat) = self.code.flat(at) else {
                return;
            };
            if self.marks[flat] & VISITED != 0 || count == MAX_BLOCK {
                // Two ways meet here, or the block is long enough.
                return self.add_leader(at);
            }
            if at != leader && self.marks[flat] & LEADER != 0 {
                return;
            }
            if function.is_some_and(|(_, end)| at >= end) {
                return;
            }
            self.marks[flat] |= VISITED;
            let i = self.code.decode(at);
            let next = at.wrapping_add(i.len() as u32);
            if !i.is_invalid() {
                self.reached_bytes += i.len() as u64;
            }
            match flow(&i) {
                Flow::Next => {
                    if i.mnemonic() == Mnemonic::Call && i.op0_kind() == OpKind::NearBranch64 {
                        if let Ok(target) = u32::try_from(i.near_branch_target()) {
                            self.add_entry(target, false);
                        }
                    } else if i.mnemonic() == Mnemonic::Lea
                        && i.is_ip_rel_memory_operand()
                        && let Ok(target) = u32::try_from(i.ip_rel_memory_address())
                    {
                        if self.code.flat(target).is_some() {
                            self.add_address(target);
                        } else if let (Some((start, _)), Some(register)) = (function, Reg::of(i.op0_register())) {
                            self.tables.add_base(start, register, target);
                        }
                    }
                }
                Flow::Goto(target) => return self.add_target(target),
                Flow::Branch(target) => {
                    self.add_target(target);
                    return self.add_leader(next);
                }
                Flow::Table(_) | Flow::Indirect | Flow::Return | Flow::Stop => return,
            }
            at = next;
        }
    }

    fn add_target(&mut self, target: u64) {
        if let Ok(target) = u32::try_from(target) {
            self.add_leader(target);
        }
    }
}
