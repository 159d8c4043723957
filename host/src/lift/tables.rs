//! Jump tables: found from relocations before any code is decoded.
//!
//! GHC and gcc without PIC jump through tables of addresses, `jmp *table(,reg,8)`; gcc with PIC
//! adds a table's address to one of its 32-bit entries and jumps to the sum. Entries of tables are places
//! inside functions, with whatever is in registers there: they must not be taken for entries.

// Note [Computed jumps]
// ~~~~~~~~~~~~~~~~~~~~~
// For `jmp *table(,reg,8)` the table is in the instruction, and becomes a wasm table branch on the
// register. For any other computed jump the address came about somehow before. Instead of proving how, all
// places inside the function whose address is taken anywhere (in tables, or by `lea` for labels as
// values) are its candidates: the jump compares the address with them, by halving, and goes on as an
// indirect tail call when it is none of them. That is right however the address came about.
//
// With several tables in a function, edges from every jump to every place would tie it into knots. So where
// the sum of a register and an entry is what is jumped to, and the register was set to a table in the same
// block, or is set to one table only in the whole function, only that table counts.

// Note [Distances that are settled]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// In a shared object no relocations tell of tables of distances, nor of what code mentions. So all C functions are decoded
// from end to end, which is possible since they contain nothing but code. What an instruction addresses relative to itself
// is mentioned. Where a function jumps to what is in a register, each place in data whose address it takes
// may be a table; it is one as long as its entries lead to code, up to the next place that is mentioned. To take something
// else for a table costs a few blocks that nobody jumps to.

use std::collections::{BTreeMap, BTreeSet};

use iced_x86::{FlowControl, Mnemonic, OpKind};

use super::code::Code;
use super::regs::Reg;
use crate::elf::{RawRelocation, SectionId, SectionKind};
use crate::reloc::{PlacedObject, x86_64};

/// What relocations tell about computed jumps.
#[derive(Debug, Default)]
pub struct Tables {
    /// Tables of addresses by where they are; `None` entries are holes.
    absolute: BTreeMap<u32, Vec<Option<u32>>>,
    /// By C function: places inside it whose address is taken.
    inner: BTreeMap<u32, BTreeSet<u32>>,
    /// By C function: tables of distances that its code mentions.
    mentions: BTreeMap<u32, BTreeSet<u32>>,
    /// Tables of distances by where they are: the places they lead to.
    relative: BTreeMap<u32, BTreeSet<u32>>,
    /// By C function and register: tables of distances that the register is set to.
    bases: BTreeMap<(u32, Reg), BTreeSet<u32>>,
}

impl Tables {
    /// The entries of the table at `address`.
    pub fn absolute(&self, address: u32) -> Option<&[Option<u32>]> {
        self.absolute.get(&address).map(Vec::as_slice)
    }

    /// Places that a computed jump in the C function that starts at `function` may go to; some may come twice.
    pub fn inner(&self, function: u32) -> impl Iterator<Item = u32> {
        let tables = self.mentions.get(&function).into_iter().flatten();
        let through = tables.filter_map(|table| self.relative.get(table)).flatten();
        let places = self.inner.get(&function).into_iter().flatten();
        places.chain(through).copied()
    }

    /// Every place that some computed jump may go to.
    pub fn all_places(&self) -> impl Iterator<Item = u32> {
        let absolute = self.absolute.values().flatten().flatten();
        let inner = self.inner.values().chain(self.relative.values()).flatten();
        absolute.chain(inner).copied()
    }

    /// Notes that code of a C function sets a register to an address; that matters if it is a table's.
    pub fn add_base(&mut self, function: u32, register: Reg, address: u32) {
        if self.relative.contains_key(&address) {
            self.bases.entry((function, register)).or_default().insert(address);
        }
    }

    /// The places that the table at `address` leads to, or, if `address` is not known, the only table that
    /// the function sets `register` to.
    pub fn relative(&self, function: u32, register: Reg, address: Option<u32>) -> Option<&BTreeSet<u32>> {
        let only = || {
            let mut bases = self.bases.get(&(function, register))?.iter();
            bases.next().filter(|_| bases.next().is_none()).copied()
        };
        self.relative.get(&address.or_else(only)?)
    }

    /// Adds a place inside a C function.
    pub fn add_inner(&mut self, function: u32, address: u32) {
        self.inner.entry(function).or_default().insert(address);
    }

    /// The last table of addresses that starts at or before `place`.
    pub fn absolute_before(&self, place: u32) -> Option<(u32, &[Option<u32>])> {
        self.absolute.range(..=place).next_back().map(|(&address, entries)| (address, entries.as_slice()))
    }

    /// Finds the tables of an object.
    pub fn find(placed: &PlacedObject<'_, '_>, code: &Code<'_>) -> Tables {
        let object = placed.object;
        let mut tables = Tables::default();
        let each = |text: bool| {
            object.sections.iter().enumerate().filter(move |(_, s)| (s.kind == SectionKind::Text) == text).flat_map(
                move |(index, section)| {
                    let start = placed.section_address(SectionId(index as u32));
                    section.relocations.iter().map(move |r| (start + r.offset as u32, r))
                },
            )
        };
        // Everything that code mentions ends the table before it.
        let mut mentioned = BTreeSet::new();
        for (_, relocation) in each(true) {
            mentioned.extend(data_target(placed, relocation));
        }
        for (place, relocation) in each(true) {
            let is_jump = matches!(relocation.r_type, x86_64::R32 | x86_64::R32S)
                && place.checked_sub(3).and_then(|at| placed.bytes(at, 3)).is_some_and(is_table_jump);
            if let (true, Some(table)) = (is_jump, data_target(placed, relocation)) {
                let end = next_after(&mentioned, table);
                tables.absolute.entry(table).or_insert_with(|| absolute_entries(placed, code, table, end));
            }
        }
        // Distances in data: relative tables, if code of a C function mentions their start.
        if object.shared.is_some() {
            tables.find_settled(placed, code, &mut mentioned);
        }
        let distances: BTreeSet<u32> =
            each(false).filter(|(_, r)| r.r_type == x86_64::PC32).map(|(place, _)| place).collect();
        for (place, relocation) in each(true) {
            let Some((function, _)) = code.c_function(place) else {
                continue;
            };
            let table = data_target(placed, relocation).filter(|table| distances.contains(table));
            if let Some(table) = table {
                let end = next_after(&mentioned, table);
                tables.mentions.entry(function).or_default().insert(table);
                let is_entry = |place: &u32| distances.contains(place);
                let targets = || relative_entries(placed, code, is_entry, table, end);
                tables.relative.entry(table).or_insert_with(targets);
            }
        }
        // Addresses in data that point into the middle of a C function.
        for (_, relocation) in each(false) {
            if relocation.r_type == x86_64::R64
                && let Ok(target) = u32::try_from(placed.relocation_target(relocation))
                && let Some((function, _)) = code.c_function(target)
                && target != function
            {
                tables.add_inner(function, target);
            }
        }
        tables
    }

    /// Finds tables of distances in a shared object: see Note [Distances that are settled].
    fn find_settled(&mut self, placed: &PlacedObject<'_, '_>, code: &Code<'_>, mentioned: &mut BTreeSet<u32>) {
        let mut candidates = Vec::new();
        let mut in_function = Vec::new();
        let mut functions = code.functions().peekable();
        while let Some((function, end)) = functions.next() {
            // Whatever unwind tables say, no byte is looked at twice.
            let end = functions.peek().map_or(end, |&(next, _)| end.min(next));
            in_function.clear();
            let mut jumps = false;
            let mut at = function;
            while at < end {
                let i = code.decode(at);
                if i.is_invalid() {
                    break;
                }
                if i.is_ip_rel_memory_operand()
                    && let Ok(target) = u32::try_from(i.ip_rel_memory_address())
                    && code.flat(target).is_none()
                {
                    mentioned.insert(target);
                    if i.mnemonic() == Mnemonic::Lea {
                        in_function.push((function, target));
                    }
                }
                jumps |= i.flow_control() == FlowControl::IndirectBranch && i.op0_kind() == OpKind::Register;
                at += i.len() as u32;
            }
            if jumps {
                candidates.append(&mut in_function);
            }
        }
        for (function, table) in candidates {
            let end = next_after(mentioned, table);
            let is_entry =
                |&place: &u32| entry_target(placed, table, place).is_some_and(|target| code.flat(target).is_some());
            let targets =
                self.relative.entry(table).or_insert_with(|| relative_entries(placed, code, is_entry, table, end));
            if !targets.is_empty() {
                self.mentions.entry(function).or_default().insert(table);
            }
        }
        self.relative.retain(|_, targets| !targets.is_empty());
    }
}

/// `ff 24 SIB` with no base, scale 8: `jmp *disp32(,reg,8)`.
fn is_table_jump(bytes: &[u8]) -> bool {
    bytes[0] == 0xff && bytes[1] == 0x24 && bytes[2] & 0xc7 == 0xc5
}

/// The place that code mentions through a relocation.
fn data_target(placed: &PlacedObject<'_, '_>, relocation: &RawRelocation) -> Option<u32> {
    let target = placed.relocation_target(relocation);
    let target = match relocation.r_type {
        x86_64::R32 | x86_64::R32S | x86_64::R64 => target,
        // The field is the instruction's last four bytes, as in `lea`.
        x86_64::PC32 => target.wrapping_add(4),
        _ => return None,
    };
    u32::try_from(target).ok()
}

fn next_after(mentioned: &BTreeSet<u32>, table: u32) -> u32 {
    mentioned.range(table.saturating_add(1)..).next().copied().unwrap_or(u32::MAX)
}

/// Reads a table of distances from its own start.
fn relative_entries(
    placed: &PlacedObject<'_, '_>,
    code: &Code<'_>,
    is_entry: impl Fn(&u32) -> bool,
    table: u32,
    end: u32,
) -> BTreeSet<u32> {
    let places = (table..end).step_by(4).take_while(is_entry);
    places
        .filter_map(|place| entry_target(placed, table, place))
        .filter(|&target| code.flat(target).is_some())
        .collect()
}

/// Where the entry at `place` of a table of distances leads.
fn entry_target(placed: &PlacedObject<'_, '_>, table: u32, place: u32) -> Option<u32> {
    let distance = i32::from_le_bytes(placed.bytes(place, 4)?.try_into().ok()?);
    Some(table.wrapping_add_signed(distance))
}

/// Reads a table of addresses: code addresses and zero holes, up to `end` or anything else.
fn absolute_entries(placed: &PlacedObject<'_, '_>, code: &Code<'_>, table: u32, end: u32) -> Vec<Option<u32>> {
    let mut entries = Vec::new();
    let mut at = table;
    while at < end
        && let Some(bytes) = placed.bytes(at, 8)
    {
        let value = bytes.try_into().map_or(u64::MAX, u64::from_le_bytes);
        match u32::try_from(value) {
            Ok(0) => entries.push(None),
            Ok(target) if code.flat(target).is_some() => entries.push(Some(target)),
            _ => break,
        }
        at += 8;
    }
    while entries.last() == Some(&None) {
        entries.pop();
    }
    entries
}
