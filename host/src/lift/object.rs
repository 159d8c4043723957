//! Lifting one placed object: the phases in order, and the module that comes out.
//!
//! [`Analysis::new`] finds entries, so that a caller knows how many table slots the object needs;
//! [`Analysis::lift`] translates. Everything is ordered by address, so the same object at the same place
//! with the same slots gives the same bytes.

use std::collections::HashMap;

use iced_x86::Code as InstructionCode;

use super::blocks::{Blocks, Terminator};
use super::cells::{Cells, crowded};
use super::code::Code;
use super::convention::CodeKind;
use super::cycles::Cycles;
use super::discover::{Discovery, discover};
use super::dominators::NONE;
use super::emit::{Context, FunctionRef, index};
use super::error::{Error, Reason, Unsupported};
use super::heads::Heads;
use super::live::liveness;
use super::module::Builder;
use super::names::Names;
use super::returns::guess_returns;
use super::shape::{Head, Program};
use crate::reloc::PlacedObject;

/// Where an object's table slots and trap numbers begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbering {
    /// The first slot in the table of STG entries.
    pub stg: u32,
    /// The first slot in the table of C functions.
    pub c: u32,
    /// The first number passed to `unsupported`.
    pub unsupported: u32,
}

/// An entry of a lifted object that has a table slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its guest address.
    pub address: u32,
    /// Where its slot goes: to that address, or to a cell. It is what others know as its address.
    pub pointer: u32,
    /// Its convention, which decides the table.
    pub kind: CodeKind,
    /// Its slot.
    pub slot: u32,
}

/// One wasm function of a lifted object: an entry, or a part of the code that was split off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiftedFunction {
    /// The guest address of its first instruction.
    pub address: u32,
    /// Its index in the module.
    pub index: u32,
    /// Its convention.
    pub kind: CodeKind,
    /// Whether it is entered by the convention alone.
    pub is_entry: bool,
    /// Whether a place that would trap is part of it.
    pub traps: bool,
}

/// Counts of what was emitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Bytes of text.
    pub text_bytes: u64,
    /// Bytes of instructions that were reached.
    pub reached_bytes: u64,
    /// Instructions translated.
    pub instructions: u64,
    /// Functions emitted, entries and split ones.
    pub functions: u32,
    /// Of them STG entries.
    pub stg_entries: u32,
    /// Of them C functions.
    pub c_functions: u32,
    /// Functions that contain a trap for something unsupported.
    pub trapping: u32,
    /// Returns with likely targets.
    pub guessed: u32,
}

/// A lifted object.
#[derive(Debug)]
pub struct LiftedModule {
    /// The module's bytes.
    pub wasm: Vec<u8>,
    /// Entries with a table slot, by ascending address.
    pub entries: Vec<Entry>,
    /// All functions by ascending address, except the helpers.
    pub functions: Vec<LiftedFunction>,
    /// Places that trap.
    pub unsupported: Vec<Unsupported>,
    /// Counts.
    pub coverage: Coverage,
    /// Functions whose address is not where they are.
    pub cells: Cells,
}

impl LiftedModule {
    /// Makes of `image`, the object's bytes at `base`, what belongs into guest memory: code pointers hold their slots. Only
    /// once everything was decoded: until then these bytes were code.
    pub fn finish_image(&self, base: u32, image: &mut [u8]) {
        self.cells.patch(base, image);
        for entry in &self.entries {
            let at = (entry.pointer - base) as usize;
            let slot = entry.slot.to_le_bytes();
            if let Some(bytes) = image.get_mut(at..at + slot.len()) {
                bytes.copy_from_slice(&slot);
            }
        }
    }
}

/// What is known about an object's code before it is translated.
pub struct Analysis<'p> {
    pub(super) placed: &'p PlacedObject<'p, 'p>,
    pub(super) code: Code<'p>,
    pub(super) found: Discovery,
    /// Entries without room for their slot.
    crowded: Vec<u32>,
    cells: Cells,
}

impl<'p> Analysis<'p> {
    /// Finds the code of `placed`.
    pub fn new(placed: &'p PlacedObject<'p, 'p>) -> Result<Analysis<'p>, Error> {
        let code = Code::new(placed);
        let found = discover(placed, &code);
        let mut analysis = Analysis { placed, code, found, crowded: Vec::new(), cells: Cells::default() };
        analysis.crowded = crowded(placed, analysis.entries())?;
        analysis.cells = Cells::new(placed, &analysis.crowded);
        Ok(analysis)
    }

    /// How many cells the object must have; with fewer it can't be lifted. See Note [Cells of short functions] in `cells`.
    pub fn cells(&self) -> u32 {
        self.crowded.len() as u32
    }

    /// The address by which others know the code at `address`.
    pub fn pointer(&self, address: u32) -> u32 {
        self.cells.of(address).unwrap_or(address)
    }

    /// Entries that need a table slot, and their conventions, by ascending address.
    pub fn entries(&self) -> impl Iterator<Item = (u32, CodeKind)> {
        let addressed = self.found.entries.iter().filter(|(_, found)| found.addressed);
        addressed.map(|(&address, found)| (address, found.kind))
    }

    /// How many table slots the entries of one convention need.
    pub fn slots(&self, kind: CodeKind) -> u32 {
        self.entries().filter(|&(_, found)| found == kind).count() as u32
    }

    /// Translates everything.
    pub fn lift(&self, numbering: Numbering) -> Result<LiftedModule, Error> {
        self.lift_some(numbering, |_| true)
    }

    /// Translates the functions at the addresses for which `wanted` is true; the others become functions that trap.
    pub fn lift_some(&self, numbering: Numbering, wanted: impl Fn(u32) -> bool) -> Result<LiftedModule, Error> {
        let file = &self.placed.object.file;
        if self.crowded.len() > self.placed.cells() as usize {
            return Err(Error::TooMany {
                file: file.clone(),
                what: "functions without a cell",
                count: self.crowded.len() as u64,
            });
        }
        let context = Context { entries: HashMap::new(), placed: self.placed, cells: &self.cells, helpers: 0 };
        let mut blocks = Blocks::new(&self.code, &self.found, &context);
        guess_returns(&mut blocks, &self.found);
        let heads = Heads::new(&blocks, &self.found);
        let mut is_entry = vec![false; blocks.blocks.len()];
        for &address in self.found.entries.keys() {
            if let Some(id) = blocks.at(address) {
                is_entry[id as usize] = true;
            }
        }
        let live = liveness(&blocks, &heads, &is_entry);

        // Function indices: the import, the entries and split functions in address order, the helpers.
        let mut functions: Vec<Option<Head>> = vec![None; blocks.blocks.len()];
        let mut context = Context {
            entries: HashMap::new(),
            placed: self.placed,
            cells: &self.cells,
            helpers: heads.heads.len() as u32 + 1,
        };
        for (&head, index) in heads.heads.iter().zip(index::UNSUPPORTED + 1..) {
            let block = blocks.get(head);
            let params = if is_entry[head as usize] {
                context.entries.insert(block.start, FunctionRef { index, kind: block.kind });
                block.kind.params().to_vec()
            } else {
                live.split_params(block.kind, head)
            };
            functions[head as usize] = Some(Head { index, params });
        }
        let mut children = vec![Vec::new(); blocks.blocks.len()];
        for &id in &heads.dominators.order {
            let above = heads.dominators.idom[id as usize];
            if above != NONE {
                children[above as usize].push(id);
            }
        }
        let cycles = Cycles::new(&blocks, &heads, &children);
        let program = Program {
            code: &self.code,
            found: &self.found,
            blocks: &blocks,
            heads: &heads,
            live: &live,
            children: &children,
            cycles: &cycles,
            functions: &functions,
        };

        let names = Names::new(self.placed);
        let mut builder = Builder::new();
        let mut unsupported = Vec::new();
        let mut trapping = vec![false; blocks.blocks.len()];
        for &head in &heads.heads {
            let Some(function) = &functions[head as usize] else {
                continue;
            };
            if !wanted(blocks.get(head).start) {
                builder.trap(blocks.get(head).kind, function);
                continue;
            }
            let mut report = |address: u32, reason: Reason| {
                let id = numbering.unsupported.wrapping_add(unsupported.len() as u32);
                unsupported.push(self.describe(id, address, reason, &names));
                trapping[head as usize] = true;
                id
            };
            builder.function(&program, &context, head, function, &mut report);
        }
        if u64::from(numbering.unsupported) + unsupported.len() as u64 > u64::from(u32::MAX) {
            return Err(Error::TooMany {
                file: file.clone(),
                what: "unsupported places",
                count: unsupported.len() as u64,
            });
        }

        let entries = self.numbered(numbering)?;
        let coverage = self.coverage(&blocks, &heads, &trapping);
        let wasm = builder.finish(&entries, &context);
        let functions = heads.heads.iter().filter_map(|&head| {
            let index = functions[head as usize].as_ref()?.index;
            let block = blocks.get(head);
            Some(LiftedFunction {
                address: block.start,
                index,
                kind: block.kind,
                is_entry: is_entry[head as usize],
                traps: trapping[head as usize],
            })
        });
        Ok(LiftedModule {
            wasm,
            entries,
            functions: functions.collect(),
            unsupported,
            coverage,
            cells: self.cells.clone(),
        })
    }

    /// Gives the entries their table slots, in address order.
    fn numbered(&self, mut next: Numbering) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::with_capacity(self.found.entries.len());
        for (address, kind) in self.entries() {
            let slot = match kind {
                CodeKind::Stg => &mut next.stg,
                CodeKind::C => &mut next.c,
            };
            entries.push(Entry { address, pointer: self.pointer(address), kind, slot: *slot });
            *slot = slot.checked_add(1).ok_or_else(|| Error::TooMany {
                file: self.placed.object.file.clone(),
                what: "table slots",
                count: self.found.entries.len() as u64,
            })?;
        }
        Ok(entries)
    }

    fn describe(&self, id: u32, address: u32, reason: Reason, names: &Names<'_>) -> Unsupported {
        let i = self.code.decode(address);
        let len = if i.is_invalid() { 8 } else { i.len() };
        let bytes = self.code.bytes_from(address).unwrap_or(&[]);
        let hex: Vec<String> = bytes.iter().take(len).map(|byte| format!("{byte:02x}")).collect();
        let name = if i.code() == InstructionCode::INVALID { "?".to_owned() } else { format!("{:?}", i.code()) };
        let place = u32::try_from(i.ip_rel_memory_address()).ok().filter(|_| reason == Reason::Nowhere);
        let nowhere = place.and_then(|place| self.placed.nowhere(place)).map(str::to_owned);
        Unsupported {
            id,
            file: self.placed.object.file.clone(),
            function: nowhere.unwrap_or_else(|| names.of(address)),
            address,
            instruction: format!("{name} ({})", hex.join(" ")),
            reason,
        }
    }

    fn coverage(&self, blocks: &Blocks, heads: &Heads, trapping: &[bool]) -> Coverage {
        let count = |kind| self.found.entries.values().filter(|found| found.kind == kind).count() as u32;
        Coverage {
            text_bytes: self.code.len() as u64,
            reached_bytes: self.found.reached_bytes,
            instructions: heads.dominators.order.iter().map(|&id| u64::from(blocks.get(id).instructions)).sum(),
            functions: heads.heads.len() as u32,
            stg_entries: count(CodeKind::Stg),
            c_functions: count(CodeKind::C),
            trapping: trapping.iter().filter(|&&traps| traps).count() as u32,
            guessed: blocks.blocks.iter().filter(|block| matches!(block.end, Terminator::Guessed(_))).count() as u32,
        }
    }
}
