//! Guessing where Haskell code returns to: which return points the top of the stack may be when a block leaves by
//! `jmp *[rbp+n]`. Wrong guesses cost a comparison each; nothing depends on their being right.

// Note [Likely return points]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A return through the table costs most of what a transition between functions costs: five loads, each of which needs
// the one before, and the last tells where the next function's instance data is, so that no transition can begin before
// the last one is through. But a function that is called from a few places of its object returns to a few places.
// So a return compares the address on the stack with these, and goes there directly if it is one of them.
//
// What is on the stack is found by a data flow over all blocks, tail calls included. A fact is a position relative to
// rbp and a return point that may be there. Storing the address of an entry makes one:
//
//     mov [rbp-16], c        c is at -16
//     add rbp, -16           c is at 0
//     jmp f                  c is at 0 when f begins, and where it still is when f does jmp [rbp], f returns to c
//
// When c begins, what lies above its own word is what lay there when it was pushed, and that is how the return
// point of the function that c is part of comes to c. An entry is told only of the nearest return point of each
// caller; without this, facts about recursive functions would have no end. A position with more than MAX_CALLERS
// return points has none: nothing is likely there. Of fewer, those are taken whose code is nearest: the return points
// of a function lie beside it, and to these it returns when it is recursive, which is where time is spent.

use std::collections::BTreeSet;

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::blocks::{BlockId, Blocks, Terminator};
use super::convention::CodeKind;
use super::discover::Discovery;

/// The most return points that are compared with.
const MAX_GUESSES: usize = 3;
/// The most return points that are worth looking at.
const MAX_CALLERS: usize = 8;
/// The most facts at a block; further ones are not looked at.
const MAX_FACTS: usize = 32;

/// What a block does to the top of the stack.
#[derive(Debug, Clone, Default)]
pub struct StackEffect {
    /// Words written near rbp, relative to rbp at the block's beginning, and the code address stored if it is one.
    writes: Vec<(i32, Option<u32>)>,
    /// How far rbp moves; `None` if that is not known.
    shift: Option<i32>,
    /// Which word the block's last instruction jumps to, relative to rbp at its beginning.
    jumps_to: Option<i32>,
}

impl StackEffect {
    /// Looks through a block of Haskell code.
    pub fn of(instructions: &[Instruction]) -> StackEffect {
        let mut effect = StackEffect { writes: Vec::new(), shift: Some(0), jumps_to: None };
        for i in instructions {
            effect.follow(i);
        }
        effect
    }

    fn follow(&mut self, i: &Instruction) {
        let Some(shift) = self.shift else {
            return;
        };
        if i.op0_kind() == OpKind::Register && i.op0_register() == Register::RBP {
            let step = match (i.mnemonic(), i.op1_kind()) {
                (Mnemonic::Add, kind) if kind != OpKind::Register && kind != OpKind::Memory => i.immediate(1) as i64,
                (Mnemonic::Sub, kind) if kind != OpKind::Register && kind != OpKind::Memory => {
                    (i.immediate(1) as i64).wrapping_neg()
                }
                (Mnemonic::Lea, _) if is_stack_word(i) => i.memory_displacement64() as i64,
                (Mnemonic::Cmp | Mnemonic::Test | Mnemonic::Push, _) => 0,
                _ => return self.shift = None,
            };
            self.shift = i32::try_from(step).ok().and_then(|step| shift.checked_add(step));
            return;
        }
        if i.op0_kind() != OpKind::Memory || !is_stack_word(i) {
            return;
        }
        let Some(place) = i32::try_from(i.memory_displacement64() as i64).ok().and_then(|d| shift.checked_add(d))
        else {
            return;
        };
        match i.mnemonic() {
            Mnemonic::Mov => {
                let address = match i.op1_kind() {
                    OpKind::Immediate32to64 => u32::try_from(i.immediate(1)).ok(),
                    _ => None,
                };
                self.writes.retain(|&(at, _)| at != place);
                self.writes.push((place, address));
            }
            Mnemonic::Jmp => self.jumps_to = Some(place),
            _ => {}
        }
    }
}

/// Whether a memory operand is `[rbp+n]`.
fn is_stack_word(i: &Instruction) -> bool {
    i.memory_base() == Register::RBP && i.memory_index() == Register::None
}

/// What may be on the stack: positions and return points; `None` where there are too many.
type Facts = BTreeSet<(i32, Option<BlockId>)>;

/// Turns returns whose target can be guessed into [`Terminator::Guessed`].
pub fn guess_returns(blocks: &mut Blocks, found: &Discovery) {
    let mut search = Search { blocks, found, before: vec![Facts::new(); blocks.blocks.len()], work: Vec::new() };
    search.work = (0..blocks.blocks.len() as u32).collect();
    search.run();
    let before = search.before;
    for (id, facts) in (0..).zip(&before) {
        let guesses = guesses(blocks, id, facts);
        if !guesses.is_empty() {
            blocks.blocks[id as usize].end = Terminator::Guessed(guesses);
        }
    }
}

/// The blocks that a block may return to, if they are few.
fn guesses(blocks: &Blocks, id: BlockId, facts: &Facts) -> Vec<BlockId> {
    let block = blocks.get(id);
    let (Terminator::Indirect, Some(place)) = (&block.end, block.stack.jumps_to) else {
        return Vec::new();
    };
    let written = block.stack.writes.iter().any(|&(at, _)| at == place);
    if written {
        return Vec::new();
    }
    let callers: Option<Vec<BlockId>> = facts.iter().filter(|fact| fact.0 == place).map(|fact| fact.1).collect();
    let mut guesses = callers.unwrap_or_default();
    guesses.sort_by_key(|&to| blocks.get(to).start.abs_diff(block.start));
    guesses.truncate(MAX_GUESSES);
    guesses
}

struct Search<'a> {
    blocks: &'a Blocks,
    found: &'a Discovery,
    before: Vec<Facts>,
    work: Vec<BlockId>,
}

impl Search<'_> {
    fn run(&mut self) {
        let mut successors = Vec::new();
        while let Some(id) = self.work.pop() {
            let block = self.blocks.get(id);
            if block.kind != CodeKind::Stg {
                continue;
            }
            let mut facts = self.before[id as usize].clone();
            for &(place, address) in &block.stack.writes {
                facts.retain(|&(at, _)| at != place);
                if let Some(to) = address.and_then(|address| self.entry(address)) {
                    facts.insert((place, Some(to)));
                }
            }
            for &(place, address) in &block.stack.writes {
                if let Some(to) = address.and_then(|address| self.entry(address)) {
                    self.tell(to, nearest(&facts, place + 1, place));
                }
            }
            let Some(shift) = block.stack.shift else {
                continue;
            };
            successors.clear();
            self.blocks.successors(id, self.found, &mut successors);
            for &to in &successors {
                if self.entry(self.blocks.get(to).start).is_some() {
                    self.tell(to, nearest(&facts, shift, shift));
                } else {
                    self.tell(to, facts.iter().map(|&(at, to)| (at.saturating_sub(shift), to)).collect());
                }
            }
        }
    }

    /// The block of a Haskell entry.
    fn entry(&self, address: u32) -> Option<BlockId> {
        self.found.entries.get(&address).filter(|entry| entry.kind == CodeKind::Stg)?;
        self.blocks.at(address)
    }

    /// Adds facts at a block's beginning.
    fn tell(&mut self, id: BlockId, news: Facts) {
        let known = &mut self.before[id as usize];
        let mut changed = false;
        for (place, to) in news {
            if known.contains(&(place, None)) || known.len() >= MAX_FACTS || !known.insert((place, to)) {
                continue;
            }
            changed = true;
            let there = known.iter().filter(|&&(at, _)| at == place).count();
            if to.is_none() || there > MAX_CALLERS {
                known.retain(|&(at, _)| at != place);
                known.insert((place, None));
            }
        }
        if changed {
            self.work.push(id);
        }
    }
}

/// The facts at the lowest position from `from` on, relative to `base`.
fn nearest(facts: &Facts, from: i32, base: i32) -> Facts {
    let Some(&(place, _)) = facts.range((from, None)..).next() else {
        return Facts::new();
    };
    facts.iter().filter(|fact| fact.0 == place).map(|&(at, to)| (at.saturating_sub(base), to)).collect()
}
