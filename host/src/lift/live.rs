//! Which registers carry a value across block boundaries.
//!
//! Two data flows over all blocks at once: forwards, which homed registers may differ from their home
//! ("dirty"); backwards, which registers are read later. See Note [Registers at function boundaries]
//! in `convention` for homes.

use super::blocks::{Block, BlockId, Blocks, Target, Terminator};
use super::convention::CodeKind;
use super::dominators::Graph;
use super::heads::Heads;
use super::regs::RegSet;

/// Per block, the results.
#[derive(Debug)]
pub struct Liveness {
    /// Read before being written from the block's beginning on.
    pub live_in: Vec<RegSet>,
    /// Read after its end.
    pub live_out: Vec<RegSet>,
    /// Homed registers that may differ from their home at its end.
    pub dirty_out: Vec<RegSet>,
}

/// Computes liveness. `is_entry` tells heads that are reached by convention from those that were split.
pub fn liveness(blocks: &Blocks, heads: &Heads, is_entry: &[bool]) -> Liveness {
    let reversed = heads.graph.reversed();
    let dirty_out = dirty(blocks, heads, &reversed);
    let count = blocks.blocks.len();
    let mut live = Liveness { live_in: vec![RegSet::EMPTY; count], live_out: vec![RegSet::EMPTY; count], dirty_out };
    // Later blocks first is nearly the right order for a backward flow.
    let mut work: Vec<BlockId> = heads.dominators.order.clone();
    let mut queued = vec![false; count];
    work.iter().for_each(|&id| queued[id as usize] = true);
    while let Some(id) = work.pop() {
        queued[id as usize] = false;
        let block = blocks.get(id);
        let mut out = RegSet::EMPTY;
        for &to in heads.graph.of(id) {
            out = out.or(live.across(blocks, heads, is_entry, id, to));
        }
        out = out.or(leaving(block, live.dirty_out[id as usize]));
        live.live_out[id as usize] = out;
        let live_in = block.effects.uses.or(out.minus(block.effects.defs));
        if live_in != live.live_in[id as usize] {
            live.live_in[id as usize] = live_in;
            for &before in reversed.of(id) {
                if heads.owner[before as usize] != super::dominators::NONE && !queued[before as usize] {
                    queued[before as usize] = true;
                    work.push(before);
                }
            }
        }
    }
    live
}

/// What leaving the object wants of the homed registers: that their homes be right.
fn leaving(block: &Block, dirty: RegSet) -> RegSet {
    let outside = |target: &Target| matches!(target, Target::Outside(_));
    let leaves = match &block.end {
        Terminator::Goto(target) => outside(target),
        Terminator::Branch { taken, next } => outside(taken) || outside(next),
        Terminator::Computed(_) | Terminator::Guessed(_) | Terminator::Indirect => true,
        Terminator::Table(_) | Terminator::Return | Terminator::NoReturn | Terminator::Trap(_) => false,
    };
    if leaves { dirty } else { RegSet::EMPTY }
}

impl Liveness {
    /// What the edge from `from` to `to` wants.
    fn across(&self, blocks: &Blocks, heads: &Heads, is_entry: &[bool], from: BlockId, to: BlockId) -> RegSet {
        let live_in = self.live_in[to as usize];
        if heads.owner[from as usize] == heads.owner[to as usize] {
            return live_in;
        }
        let kind = blocks.get(from).kind;
        let params = if is_entry[to as usize] {
            RegSet::of(kind.params())
        } else {
            live_in.minus(kind.homed()).or(RegSet::of(kind.always_passed()))
        };
        params.or(self.dirty_out[from as usize])
    }

    /// The registers that a split function takes as parameters.
    pub fn split_params(&self, kind: CodeKind, head: BlockId) -> Vec<super::regs::Reg> {
        let fixed = kind.always_passed();
        let extra = self.live_in[head as usize].minus(kind.homed()).minus(RegSet::of(fixed));
        fixed.iter().copied().chain(extra.iter()).collect()
    }
}

/// A head starts with every home right; within a function, dirt accumulates.
fn dirty(blocks: &Blocks, heads: &Heads, reversed: &Graph) -> Vec<RegSet> {
    let count = blocks.blocks.len();
    let mut out = vec![RegSet::EMPTY; count];
    let mut work: Vec<BlockId> = heads.dominators.order.iter().rev().copied().collect();
    let mut queued = vec![false; count];
    work.iter().for_each(|&id| queued[id as usize] = true);
    while let Some(id) = work.pop() {
        queued[id as usize] = false;
        let block = blocks.get(id);
        let mine = heads.owner[id as usize];
        let mut dirty = RegSet::EMPTY;
        for &before in reversed.of(id) {
            if heads.owner[before as usize] == mine {
                dirty = dirty.or(out[before as usize]);
            }
        }
        dirty = dirty.minus(block.effects.clean).or(block.effects.dirty).and(block.kind.homed());
        if dirty != out[id as usize] {
            out[id as usize] = dirty;
            for &next in heads.graph.of(id) {
                if heads.owner[next as usize] == mine && !queued[next as usize] {
                    queued[next as usize] = true;
                    work.push(next);
                }
            }
        }
    }
    out
}
