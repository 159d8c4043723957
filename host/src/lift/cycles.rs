//! Which loops and functions must store to memory so that a watchdog can stop them, and which loops are repeated
//! within themselves so that they do so rarely.

// Note [Every cycle touches memory]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A runaway program is stopped in the last resort by making all of guest memory inaccessible, which
// traps the next load or store and costs nothing otherwise. So no cycle may do without. Loads do not count: the
// compiler drops a load in a loop without stores when the same load was done before the loop, which is how
// a poll by load once polled nothing. So a loop gets a store to POLL_WORD at its header, unless a block that dominates
// the source of each edge back stores anyway: then every round passes it. Likewise a function that a direct tail call
// from a higher or equal function reaches, unless the caller stores on every way from its beginning to that call.
// Every cycle of direct jumps has such an edge. A return whose target is guessed has loaded the return address, and to
// another function that is enough: the compiler knows nothing of memory where a function begins. For the same reason
// indirect jumps need nothing, since they load the table index from the code's address. Calls end by stack overflow;
// repeated string instructions walk upwards through memory and meet the null page.

// Note [Rounds per poll]
// ~~~~~~~~~~~~~~~~~~~~~~
// In a loop of a few instructions the poll is a large part: counting took 1.5 times as long as on the processor
// itself. A small innermost loop that polls is therefore emitted several times in a row, with one poll:
//
//   block ...               one for each block outside that the loop leads to
//     loop                  Loop(header)
//       poll
//       block  the loop's blocks  end     in here, going back to the header leaves the wasm block
//       ...
//       the loop's blocks                 in the last copy, it goes back to the wasm loop
//     end
//   end  the first block outside  end ...
//
// What comes after the loop is emitted once, behind it. A jump back also costs less this way, since
// the compiler puts copies one behind the other.

use std::collections::HashMap;

use super::blocks::{BlockId, Blocks, Terminator};
use super::dominators::{Graph, NONE};
use super::heads::Heads;

/// How often an unrolled loop is emitted.
pub const COPIES: u32 = 4;
/// The most blocks of an unrolled loop.
const MAX_BLOCKS: usize = 4;
/// The most instructions of an unrolled loop.
const MAX_INSTRUCTIONS: u32 = 12;

/// The cycles of an object's functions.
#[derive(Debug)]
pub struct Cycles {
    /// For heads: a tail call may close a cycle without stores.
    pub heads: Vec<bool>,
    /// For loop headers: a round may pass without stores.
    pub loops: Vec<bool>,
    /// Loops that are emitted several times, by header: the blocks that they lead to, in reverse postorder.
    pub unrolled: HashMap<BlockId, Vec<BlockId>>,
    /// Blocks behind an unrolled loop.
    pub behind: Vec<bool>,
}

impl Cycles {
    /// Finds them. `children` are those of the dominator tree.
    pub fn new(blocks: &Blocks, heads: &Heads, children: &[Vec<BlockId>]) -> Cycles {
        let count = blocks.blocks.len();
        let mut cycles = Cycles {
            heads: vec![false; count],
            loops: vec![false; count],
            unrolled: HashMap::new(),
            behind: vec![false; count],
        };
        for &from in &heads.dominators.order {
            let owner = heads.owner[from as usize];
            for &to in heads.graph.of(from) {
                if heads.owner[to as usize] != owner {
                    // Functions are numbered by their heads.
                    let loads = matches!(blocks.get(from).end, Terminator::Guessed(_));
                    cycles.heads[to as usize] |= to <= owner && !loads && !stores(blocks, heads, from, owner);
                } else if heads.retreats(from, to) {
                    cycles.loops[to as usize] |= !stores(blocks, heads, from, to);
                }
            }
        }
        let reversed = heads.graph.reversed();
        for &header in &heads.dominators.order {
            if cycles.loops[header as usize]
                && let Some(inside) = small_loop(blocks, heads, &reversed, header)
            {
                let mut behind: Vec<BlockId> = inside.iter().flat_map(|&id| &children[id as usize]).copied().collect();
                behind.retain(|id| !inside.contains(id));
                behind.sort_unstable_by_key(|&id| heads.dominators.number[id as usize]);
                behind.iter().for_each(|&id| cycles.behind[id as usize] = true);
                cycles.unrolled.insert(header, behind);
            }
        }
        cycles
    }
}

/// Whether a block that dominates `from`, up to `top`, writes memory.
fn stores(blocks: &Blocks, heads: &Heads, from: BlockId, top: BlockId) -> bool {
    let mut at = from;
    loop {
        if blocks.get(at).effects.stores {
            return true;
        }
        if at == top || at == NONE {
            return false;
        }
        at = heads.dominators.idom[at as usize];
        if at == NONE {
            return false;
        }
    }
}

/// The blocks of the loop at `header`, if it is worth unrolling.
fn small_loop(blocks: &Blocks, heads: &Heads, reversed: &Graph, header: BlockId) -> Option<Vec<BlockId>> {
    let owner = heads.owner[header as usize];
    let mut inside = vec![header];
    let mut work: Vec<BlockId> = reversed.of(header).to_vec();
    work.retain(|&from| heads.owner[from as usize] == owner && heads.retreats(from, header));
    while let Some(id) = work.pop() {
        if inside.contains(&id) {
            continue;
        }
        if inside.len() == MAX_BLOCKS || heads.is_loop[id as usize] {
            return None;
        }
        inside.push(id);
        work.extend(reversed.of(id).iter().filter(|&&from| heads.owner[from as usize] == owner));
    }
    let instructions: u32 = inside.iter().map(|&id| blocks.get(id).instructions).sum();
    let simple = |&id: &BlockId| matches!(blocks.get(id).end, Terminator::Goto(_) | Terminator::Branch { .. });
    (instructions <= MAX_INSTRUCTIONS && inside.iter().all(simple)).then_some(inside)
}
