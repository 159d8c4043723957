//! Dominators against the definition.

use proptest::prelude::*;

use super::{Graph, NONE, dominators};

/// Nodes reachable from `roots` without passing `without`.
fn reachable(graph: &Graph, roots: &[u32], without: Option<u32>) -> Vec<bool> {
    let mut seen = vec![false; graph.len()];
    let mut work: Vec<u32> = roots.iter().copied().filter(|&root| Some(root) != without).collect();
    work.iter().for_each(|&root| seen[root as usize] = true);
    while let Some(node) = work.pop() {
        for &next in graph.of(node) {
            if Some(next) != without && !seen[next as usize] && !roots.contains(&next) {
                seen[next as usize] = true;
                work.push(next);
            }
        }
    }
    seen
}

fn graphs() -> impl Strategy<Value = (Vec<(u32, u32)>, Vec<u32>)> {
    let edges = prop::collection::vec((0..12u32, 0..12u32), 0..40);
    (edges, prop::collection::vec(0..12u32, 1..4))
}

proptest! {
    #[test]
    fn agrees_with_the_definition((edges, mut roots) in graphs()) {
        roots.sort_unstable();
        roots.dedup();
        let graph = Graph::new(12, |node, out| {
            out.extend(edges.iter().filter(|(from, _)| *from == node).map(|(_, to)| *to));
        });
        let found = dominators(&graph, &roots);
        let reached = reachable(&graph, &roots, None);
        for node in 0..12u32 {
            prop_assert_eq!(found.number[node as usize] != NONE, reached[node as usize]);
            if !reached[node as usize] {
                continue;
            }
            // All nodes without which this one cannot be reached.
            let dominating: Vec<u32> = (0..12)
                .filter(|&other| other != node && reached[other as usize])
                .filter(|&other| !reachable(&graph, &roots, Some(other))[node as usize])
                .collect();
            // Those found by walking up.
            let mut walked = Vec::new();
            let mut at = found.idom[node as usize];
            while at != NONE {
                walked.push(at);
                at = found.idom[at as usize];
            }
            walked.sort_unstable();
            prop_assert_eq!(walked, dominating);
        }
        // Dominators come earlier in the order.
        for (position, &node) in found.order.iter().enumerate() {
            let above = found.idom[node as usize];
            prop_assert!(above == NONE || (found.number[above as usize] as usize) < position);
        }
    }
}

#[test]
fn long_chains_need_no_stack() {
    let graph = Graph::new(300_000, |node, out| {
        if node + 1 < 300_000 {
            out.push(node + 1);
        }
    });
    let found = dominators(&graph, &[0]);
    assert_eq!(found.idom[299_999], 299_998);
}
