//! Which blocks become wasm functions, and which function every other block belongs to.

// Note [Splitting functions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~
// Every entry is the head of a function. A block that can be reached from two heads cannot belong
// to either; it becomes a head itself, and takes live registers as parameters. With one virtual root
// above all heads these are exactly the blocks whose immediate dominator is the root, and every other
// block belongs to the head above it in the dominator tree.
//
// Wasm has structured control flow only. A retreating edge whose target does not dominate its source
// enters a loop sideways; making the target a head turns the edge into a tail call. The same cure
// bounds depth (generated code nests as deep as the dominator tree, and so do our and the compiler's
// recursion) and size: blocks too deep or heading too much code become heads.
//
// A new head changes dominators, so this repeats until nothing changes. Real code needs two or three
// rounds. Code made to need many is cut into single blocks after MAX_ROUNDS.

use super::blocks::{BlockId, Blocks};
use super::discover::Discovery;
use super::dominators::{Dominators, Graph, NONE, dominators};

/// The deepest nesting of blocks in one function.
const MAX_DEPTH: u32 = 200;
/// The most instructions in one function, before the last block.
const MAX_INSTRUCTIONS: u32 = 20_000;
const MAX_ROUNDS: u32 = 16;

/// The division of blocks into functions.
#[derive(Debug)]
pub struct Heads {
    /// Edges between blocks.
    pub graph: Graph,
    /// Dominators under the heads.
    pub dominators: Dominators,
    /// Heads in address order.
    pub heads: Vec<BlockId>,
    /// The head that each block belongs to; [`NONE`] for blocks never reached.
    pub owner: Vec<BlockId>,
    /// The number of edges into each block from its own function that do not retreat.
    pub forward: Vec<u32>,
    /// Whether an edge from its own function retreats to it.
    pub is_loop: Vec<bool>,
}

impl Heads {
    /// Whether an edge within one function goes against the order.
    pub fn retreats(&self, from: BlockId, to: BlockId) -> bool {
        self.dominators.number[to as usize] <= self.dominators.number[from as usize]
    }

    /// Divides `blocks`.
    pub fn new(blocks: &Blocks, found: &Discovery) -> Heads {
        let graph = Graph::new(blocks.blocks.len(), |id, out| blocks.successors(id, found, out));
        let mut is_head = vec![false; graph.len()];
        for &entry in found.entries.keys() {
            if let Some(id) = blocks.at(entry) {
                is_head[id as usize] = true;
            }
        }
        for round in 0.. {
            let heads: Vec<BlockId> = (0..graph.len() as u32).filter(|&id| is_head[id as usize]).collect();
            let division = Division::new(&graph, &heads, blocks);
            let mut offending = division.offending(&graph, blocks, &is_head);
            if offending.is_empty() {
                return division.finish(graph, heads);
            }
            if round >= MAX_ROUNDS {
                let owners: std::collections::HashSet<BlockId> =
                    offending.iter().map(|&id| division.owner[id as usize]).collect();
                let all = division.dominators.order.iter();
                offending = all.copied().filter(|&id| owners.contains(&division.owner[id as usize])).collect();
            }
            offending.into_iter().for_each(|id| is_head[id as usize] = true);
        }
        unreachable!("every round makes a block a head")
    }
}

/// One round's dominators and what follows from them.
struct Division {
    dominators: Dominators,
    owner: Vec<BlockId>,
    depth: Vec<u32>,
    /// Intervals that nest as the dominator tree does.
    interval: Vec<(u32, u32)>,
}

impl Division {
    fn new(graph: &Graph, heads: &[BlockId], blocks: &Blocks) -> Division {
        let dominators = dominators(graph, heads);
        let mut owner = vec![NONE; graph.len()];
        let mut depth = vec![0; graph.len()];
        // Dominators come first in the order.
        for &id in &dominators.order {
            let above = dominators.idom[id as usize];
            if above == NONE {
                owner[id as usize] = id;
            } else {
                owner[id as usize] = owner[above as usize];
                depth[id as usize] = depth[above as usize] + 1;
            }
        }
        // Sizes of subtrees, then positions: each subtree is an interval starting at its root.
        let mut size = vec![1u32; blocks.blocks.len()];
        for &id in dominators.order.iter().rev() {
            let above = dominators.idom[id as usize];
            if above != NONE {
                size[above as usize] += size[id as usize];
            }
        }
        let mut next_free = vec![0u32; graph.len()];
        let mut interval = vec![(0, 0); graph.len()];
        let mut next_root = 0;
        for &id in &dominators.order {
            let above = dominators.idom[id as usize];
            let free = if above == NONE { &mut next_root } else { &mut next_free[above as usize] };
            let start = *free;
            *free += size[id as usize];
            interval[id as usize] = (start, start + size[id as usize]);
            next_free[id as usize] = start + 1;
        }
        Division { dominators, owner, depth, interval }
    }

    fn dominates(&self, above: BlockId, below: BlockId) -> bool {
        let (start, end) = self.interval[above as usize];
        (start..end).contains(&self.interval[below as usize].0)
    }

    /// Whether the edge goes against the order within one function.
    fn retreats(&self, from: BlockId, to: BlockId) -> bool {
        self.dominators.number[to as usize] <= self.dominators.number[from as usize]
    }

    /// Blocks that must become heads.
    fn offending(&self, graph: &Graph, blocks: &Blocks, is_head: &[bool]) -> Vec<BlockId> {
        let mut offending = Vec::new();
        let mut weight = vec![0u32; graph.len()];
        for &id in self.dominators.order.iter().rev() {
            weight[id as usize] = weight[id as usize].saturating_add(blocks.get(id).instructions);
            if is_head[id as usize] {
                continue;
            }
            let above = self.dominators.idom[id as usize];
            let too_deep = self.depth[id as usize].is_multiple_of(MAX_DEPTH);
            if above == NONE || too_deep {
                offending.push(id);
                continue;
            }
            let together = weight[above as usize].saturating_add(weight[id as usize]);
            if together > MAX_INSTRUCTIONS {
                offending.push(id);
            } else {
                weight[above as usize] = together;
            }
        }
        for &from in &self.dominators.order {
            for &to in graph.of(from) {
                if !is_head[to as usize] && self.retreats(from, to) && !self.dominates(to, from) {
                    offending.push(to);
                }
            }
        }
        offending
    }

    fn finish(self, graph: Graph, heads: Vec<BlockId>) -> Heads {
        let mut forward = vec![0; graph.len()];
        let mut is_loop = vec![false; graph.len()];
        for &from in &self.dominators.order {
            for &to in graph.of(from) {
                if self.owner[from as usize] != self.owner[to as usize] {
                    continue;
                }
                if self.retreats(from, to) {
                    is_loop[to as usize] = true;
                } else {
                    forward[to as usize] += 1;
                }
            }
        }
        let Division { dominators, owner, .. } = self;
        Heads { graph, dominators, heads, owner, forward, is_loop }
    }
}
