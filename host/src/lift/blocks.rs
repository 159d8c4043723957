//! Basic blocks and the edges between them, with what each block reads and writes.
//!
//! Blocks are made from the leaders that `discover` found, and each is translated once for its
//! effects only (see `emit`). A block that meets something it cannot translate ends there in a trap;
//! nothing after it counts.

use std::collections::HashMap;

use iced_x86::{Instruction, Mnemonic, OpKind, Register, RflagsBits};

use super::code::Code;
use super::convention::CodeKind;
use super::discover::Discovery;
use super::emit::{Context, Effects, Emitter};
use super::error::Reason;
use super::exit;
use super::flow::{Flow, flow};
use super::regs::{Reg, RegSet};
use super::returns::StackEffect;
use super::x86;

/// A block's number.
pub type BlockId = u32;

/// Where a jump goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To a block of this object.
    Block(BlockId),
    /// To code of another object.
    Outside(u32),
}

/// How a block ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terminator {
    /// Goes on elsewhere, with or without a jump instruction.
    Goto(Target),
    /// The last instruction is a conditional jump.
    Branch {
        /// Where it jumps.
        taken: Target,
        /// Where it falls through.
        next: Target,
    },
    /// The last instruction jumps through this table.
    Table(u32),
    /// The last instruction jumps to a computed address: one of these blocks, or out.
    Computed(Vec<BlockId>),
    /// The last instruction returns to the address on the Haskell stack: likely one of these entries. See Note [Likely
    /// return points] in `returns`.
    Guessed(Vec<BlockId>),
    /// The last instruction leaves for a computed address.
    Indirect,
    /// The last instruction returns.
    Return,
    /// The last instruction calls a function that does not return: the code of this one ends there.
    NoReturn,
    /// Not translated from here on.
    Trap(Reason),
}

/// A basic block.
#[derive(Debug)]
pub struct Block {
    /// Its first address.
    pub start: u32,
    /// The address of its last instruction if that is part of the terminator, else its end.
    pub last: u32,
    /// Its convention.
    pub kind: CodeKind,
    /// How it ends.
    pub end: Terminator,
    /// Registers it uses and defines, terminator included.
    pub effects: Effects,
    /// Instructions before the terminator.
    pub instructions: u32,
    /// What it does to the Haskell stack.
    pub stack: StackEffect,
}

/// All blocks of an object.
#[derive(Debug)]
pub struct Blocks {
    /// In address order.
    pub blocks: Vec<Block>,
    by_start: HashMap<u32, BlockId>,
    /// How many more edges computed jumps may have.
    budget: usize,
}

/// Edges that computed jumps of one object may have together, per block. Many jumps through one large table
/// would be quadratic; compilers give a table one jump.
const EDGES_PER_BLOCK: usize = 4;
/// Edges that they may have in any case.
const EDGES_IN_ANY_CASE: usize = 10_000;

impl Blocks {
    /// The block that begins at `address`.
    pub fn at(&self, address: u32) -> Option<BlockId> {
        self.by_start.get(&address).copied()
    }

    /// A block.
    pub fn get(&self, id: BlockId) -> &Block {
        &self.blocks[id as usize]
    }

    /// Builds the blocks.
    pub fn new(code: &Code<'_>, found: &Discovery, context: &Context<'_>) -> Blocks {
        let by_start = found.leaders.iter().zip(0..).map(|(&start, id)| (start, id)).collect();
        let mut all = Blocks {
            blocks: Vec::with_capacity(found.leaders.len()),
            by_start,
            budget: EDGES_IN_ANY_CASE + EDGES_PER_BLOCK * found.leaders.len(),
        };
        let mut instructions = Vec::new();
        let mut sink = Vec::new();
        for &start in &found.leaders {
            let mut block = all.delimit(code, found, start, &mut instructions);
            all.charge(&mut block, found);
            sink.clear();
            let mut emitter = Emitter::new(context, block.kind, &[], &mut sink);
            scan(&mut emitter, &mut block, &instructions);
            all.blocks.push(block);
        }
        all
    }

    /// Counts the edges of a computed jump, and refuses the jump when there are too many.
    fn charge(&mut self, block: &mut Block, found: &Discovery) {
        let edges = match &block.end {
            Terminator::Table(table) => found.tables.absolute(*table).map_or(0, <[_]>::len),
            Terminator::Computed(targets) => targets.len(),
            _ => return,
        };
        match self.budget.checked_sub(edges) {
            Some(left) => self.budget = left,
            None => {
                self.budget = 0;
                block.end = Terminator::Trap(Reason::TooManyTargets);
            }
        }
    }

    /// Decodes from `start` to the end of its block into `instructions`.
    fn delimit(&self, code: &Code<'_>, found: &Discovery, start: u32, instructions: &mut Vec<Instruction>) -> Block {
        instructions.clear();
        let kind = code.kind(start);
        let function = code.c_function(start);
        let mut at = start;
        let (last, end) = loop {
            if at != start
                && let Some(next) = self.at(at)
            {
                break (at, Terminator::Goto(Target::Block(next)));
            }
            if function.is_some_and(|(_, end)| at >= end) {
                // Compilers write nothing after a call of `abort` and its like.
                let after_call = matches!(instructions.last(), Some(i) if i.mnemonic() == Mnemonic::Call);
                let end = if after_call { Terminator::NoReturn } else { Terminator::Trap(Reason::RunsOn) };
                break (at, end);
            }
            let i = code.decode(at);
            instructions.push(i);
            let next = at.wrapping_add(i.len() as u32);
            let end = match flow(&i) {
                Flow::Next => {
                    at = next;
                    continue;
                }
                Flow::Goto(target) => self.target(kind, code, target).map(Terminator::Goto),
                Flow::Branch(target) => self
                    .target(kind, code, target)
                    .and_then(|taken| Ok(Terminator::Branch { taken, next: self.target(kind, code, next.into())? })),
                Flow::Table(table) if found.tables.absolute(table).is_some() => Ok(Terminator::Table(table)),
                Flow::Table(_) | Flow::Indirect => Ok(self.computed(found, function, instructions)),
                Flow::Return if kind == CodeKind::C && i.op_count() == 0 => Ok(Terminator::Return),
                Flow::Return => Err(Reason::Instruction),
                Flow::Stop if i.is_invalid() => Err(Reason::Undecodable),
                Flow::Stop => Err(Reason::Instruction),
            };
            break (at, end.unwrap_or_else(Terminator::Trap));
        };
        let instruction_count = instructions.len() as u32;
        let stack = if kind == CodeKind::Stg { StackEffect::of(instructions) } else { StackEffect::default() };
        Block { start, last, kind, end, effects: Effects::default(), instructions: instruction_count, stack }
    }

    /// See Note [Computed jumps] in `tables`.
    fn computed(&self, found: &Discovery, function: Option<(u32, u32)>, block: &[Instruction]) -> Terminator {
        let Some((start, _)) = function else {
            return Terminator::Indirect;
        };
        let known = summed_table(block).and_then(|(base, address)| found.tables.relative(start, base, address));
        // One more than the budget allows is enough to see that there are too many.
        let enough = self.budget + 1;
        let mut inner: Vec<BlockId> = match known {
            Some(places) => places.iter().take(enough).filter_map(|&place| self.at(place)).collect(),
            None => found.tables.inner(start).take(enough).filter_map(|place| self.at(place)).collect(),
        };
        inner.sort_unstable();
        inner.dedup();
        if inner.is_empty() { Terminator::Indirect } else { Terminator::Computed(inner) }
    }

    fn target(&self, kind: CodeKind, code: &Code<'_>, address: u64) -> Result<Target, Reason> {
        let address = u32::try_from(address).map_err(|_| Reason::Operand)?;
        if code.flat(address).is_none() {
            return Ok(Target::Outside(address));
        }
        if code.kind(address) != kind {
            return Err(Reason::CrossesConventions);
        }
        self.at(address).map(Target::Block).ok_or(Reason::Undecodable)
    }

    /// The blocks a block may go on to.
    pub fn successors(&self, id: BlockId, found: &Discovery, out: &mut Vec<BlockId>) {
        let mut push = |target: &Target| {
            if let Target::Block(id) = target {
                out.push(*id);
            }
        };
        match &self.get(id).end {
            Terminator::Goto(target) => push(target),
            Terminator::Branch { taken, next } => {
                push(taken);
                push(next);
            }
            Terminator::Table(table) => {
                let kind = self.get(id).kind;
                let entries = found.tables.absolute(*table).unwrap_or_default();
                let mut targets: Vec<BlockId> = entries.iter().flatten().filter_map(|&place| self.at(place)).collect();
                targets.sort_unstable();
                targets.dedup();
                targets.retain(|&target| self.get(target).kind == kind);
                out.extend(targets);
            }
            Terminator::Computed(targets) | Terminator::Guessed(targets) => out.extend(targets),
            Terminator::Indirect | Terminator::Return | Terminator::NoReturn | Terminator::Trap(_) => {}
        }
    }
}

/// For a block that ends in `add target, base; jmp target`: the base register, and the address it is set to
/// in this block if it is.
fn summed_table(block: &[Instruction]) -> Option<(Reg, Option<u32>)> {
    let (jump, before) = block.split_last()?;
    let (sum, before) = before.split_last()?;
    if sum.mnemonic() != Mnemonic::Add
        || jump.op0_kind() != OpKind::Register
        || sum.op0_register() != jump.op0_register()
    {
        return None;
    }
    let base = sum.op1_register();
    let set = before.iter().rev().find(|i| i.op0_kind() == OpKind::Register && i.op0_register() == base);
    let address = set
        .filter(|i| i.mnemonic() == Mnemonic::Lea && i.is_ip_rel_memory_operand())
        .and_then(|i| u32::try_from(i.ip_rel_memory_address()).ok());
    // Set to something else here, as when base and entry were added the other way round: anything goes.
    if set.is_some() && address.is_none() {
        return None;
    }
    Reg::of(base).map(|base| (base, address))
}

/// Translates a block for its effects, and cuts it where that fails.
fn scan(e: &mut Emitter<'_>, block: &mut Block, instructions: &[Instruction]) {
    // Whoever follows may want every flag, except after leaving.
    let leaves =
        matches!(block.end, Terminator::Indirect | Terminator::Return | Terminator::NoReturn | Terminator::Trap(_));
    let flags_after = if leaves { RegSet::EMPTY } else { RegSet::FLAGS };
    let needed = flags_needed(instructions, flags_after);
    for (index, i) in instructions.iter().enumerate() {
        let at = i.ip() as u32;
        e.flags.needed = needed[index];
        let result = if at == block.last { exit::scan_terminator(e, &block.end, i) } else { x86::emit(e, i) };
        if let Err(reason) = result {
            block.end = Terminator::Trap(reason);
            block.last = at;
            block.instructions = index as u32;
            break;
        }
    }
    block.effects = e.effects;
}

/// For each instruction, the flags that somebody reads after it before they are set again, if those in
/// `after` are read after the last one.
pub fn flags_needed(instructions: &[Instruction], after: RegSet) -> Vec<RegSet> {
    let mut needed = vec![RegSet::EMPTY; instructions.len()];
    let mut live = after;
    for (i, slot) in instructions.iter().zip(&mut needed).rev() {
        *slot = live;
        live = live.minus(flags_killed(i)).or(flags(i.rflags_read()));
    }
    needed
}

fn flags(bits: u32) -> RegSet {
    let mut set = RegSet::EMPTY;
    for (bit, flag) in [
        (RflagsBits::CF, Reg::CF),
        (RflagsBits::PF, Reg::PF),
        (RflagsBits::ZF, Reg::ZF),
        (RflagsBits::SF, Reg::SF),
        (RflagsBits::OF, Reg::OF),
    ] {
        if bits & bit != 0 {
            set.add(flag);
        }
    }
    set
}

/// Flags that an instruction surely overwrites.
fn flags_killed(i: &Instruction) -> RegSet {
    use Mnemonic as M;
    match i.mnemonic() {
        M::Call => RegSet::FLAGS,
        // See Note [Shifts by zero] in x86/shift.
        M::Shl | M::Sal | M::Shr | M::Sar | M::Rol | M::Ror | M::Rcl | M::Rcr
            if i.op1_kind() == OpKind::Register || i.immediate(1) & 0x1f == 0 =>
        {
            RegSet::EMPTY
        }
        M::Shld | M::Shrd if i.op2_register() == Register::CL || i.immediate(2) & 0x1f == 0 => RegSet::EMPTY,
        _ if i.has_rep_prefix() || i.has_repne_prefix() => RegSet::EMPTY,
        _ => flags(i.rflags_modified()),
    }
}
