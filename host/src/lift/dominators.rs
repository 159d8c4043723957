//! Dominators and orders of a graph with several roots (Lengauer and Tarjan's algorithm, with path
//! compression, no recursion: the graphs come from input).

#[cfg(test)]
mod tests;

/// Not reached, or dominated by nothing but the virtual root above all roots.
pub const NONE: u32 = u32::MAX;

/// Successors of every node, flat.
#[derive(Debug, Default)]
pub struct Graph {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Graph {
    /// Builds the graph of `nodes` nodes from a function that lists a node's successors.
    pub fn new(nodes: usize, mut successors: impl FnMut(u32, &mut Vec<u32>)) -> Graph {
        let mut graph = Graph { starts: vec![0], targets: Vec::new() };
        for node in 0..nodes {
            successors(node as u32, &mut graph.targets);
            graph.starts.push(graph.targets.len() as u32);
        }
        graph
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The successors of a node.
    pub fn of(&self, node: u32) -> &[u32] {
        &self.targets[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// The same edges the other way round.
    pub fn reversed(&self) -> Graph {
        let mut starts = vec![0u32; self.len() + 1];
        for &target in &self.targets {
            starts[target as usize + 1] += 1;
        }
        for node in 0..self.len() {
            starts[node + 1] += starts[node];
        }
        let mut fill = starts.clone();
        let mut targets = vec![0; self.targets.len()];
        for node in 0..self.len() as u32 {
            for &target in self.of(node) {
                let slot = &mut fill[target as usize];
                targets[*slot as usize] = node;
                *slot += 1;
            }
        }
        Graph { starts, targets }
    }
}

/// The dominator tree and a reverse postorder.
#[derive(Debug)]
pub struct Dominators {
    /// Nodes reached, in reverse postorder: a node comes before what it leads to, except over
    /// retreating edges.
    pub order: Vec<u32>,
    /// A node's place in [`Self::order`]; [`NONE`] if not reached.
    pub number: Vec<u32>,
    /// A node's immediate dominator; [`NONE`] for roots and for nodes that only all roots together
    /// dominate.
    pub idom: Vec<u32>,
}

/// Computes both, starting from `roots`. Edges into roots count for nothing.
pub fn dominators(graph: &Graph, roots: &[u32]) -> Dominators {
    let nodes = graph.len();
    let mut is_root = vec![false; nodes];
    roots.iter().for_each(|&root| is_root[root as usize] = true);

    // Depth-first search. Preorder numbers start at 1; 0 is the virtual root.
    let mut preorder = vec![0u32; nodes];
    let mut vertex = vec![NONE];
    let mut parent = vec![0u32];
    let mut postorder = Vec::new();
    let mut stack: Vec<(u32, usize)> = Vec::new();
    for &root in roots {
        if preorder[root as usize] != 0 {
            continue;
        }
        preorder[root as usize] = vertex.len() as u32;
        vertex.push(root);
        parent.push(0);
        stack.push((root, 0));
        while let Some((node, edge)) = stack.last_mut() {
            let node = *node;
            let Some(&next) = graph.of(node).get(*edge) else {
                postorder.push(node);
                stack.pop();
                continue;
            };
            *edge += 1;
            if preorder[next as usize] == 0 && !is_root[next as usize] {
                preorder[next as usize] = vertex.len() as u32;
                vertex.push(next);
                parent.push(preorder[node as usize]);
                stack.push((next, 0));
            }
        }
    }
    let count = vertex.len();
    let order: Vec<u32> = postorder.into_iter().rev().collect();
    let mut number = vec![NONE; nodes];
    for (index, &node) in order.iter().enumerate() {
        number[node as usize] = index as u32;
    }

    // From here on nodes are preorder numbers.
    let reversed = graph.reversed();
    let mut forest = Forest { ancestor: vec![NONE; count], label: (0..count as u32).collect(), path: Vec::new() };
    let mut semi: Vec<u32> = (0..count as u32).collect();
    let mut idom = vec![0u32; count];
    let mut bucket = vec![NONE; count];
    let mut next_in_bucket = vec![NONE; count];
    for w in (1..count as u32).rev() {
        let node = vertex[w as usize];
        if is_root[node as usize] {
            semi[w as usize] = 0;
        } else {
            for &before in reversed.of(node) {
                let v = preorder[before as usize];
                if v != 0 {
                    let u = forest.eval(v, &semi);
                    semi[w as usize] = semi[w as usize].min(semi[u as usize]);
                }
            }
        }
        let s = semi[w as usize];
        next_in_bucket[w as usize] = bucket[s as usize];
        bucket[s as usize] = w;
        let p = parent[w as usize];
        forest.ancestor[w as usize] = p;
        let mut v = std::mem::replace(&mut bucket[p as usize], NONE);
        while v != NONE {
            let u = forest.eval(v, &semi);
            idom[v as usize] = if semi[u as usize] < semi[v as usize] { u } else { p };
            v = next_in_bucket[v as usize];
        }
    }
    let mut result = vec![NONE; nodes];
    for w in 1..count {
        if idom[w] != semi[w] {
            idom[w] = idom[idom[w] as usize];
        }
        if idom[w] != 0 {
            result[vertex[w] as usize] = vertex[idom[w] as usize];
        }
    }
    Dominators { order, number, idom: result }
}

/// The linked part of the search tree, with paths compressed.
struct Forest {
    ancestor: Vec<u32>,
    label: Vec<u32>,
    path: Vec<u32>,
}

impl Forest {
    /// The node with the smallest semidominator on the path from `v` up to, not including, its root.
    fn eval(&mut self, v: u32, semi: &[u32]) -> u32 {
        if self.ancestor[v as usize] == NONE {
            return v;
        }
        let mut at = v;
        while self.ancestor[self.ancestor[at as usize] as usize] != NONE {
            self.path.push(at);
            at = self.ancestor[at as usize];
        }
        while let Some(node) = self.path.pop() {
            let above = self.ancestor[node as usize];
            let (mine, theirs) = (self.label[node as usize], self.label[above as usize]);
            if semi[theirs as usize] < semi[mine as usize] {
                self.label[node as usize] = theirs;
            }
            self.ancestor[node as usize] = self.ancestor[above as usize];
        }
        self.label[v as usize]
    }
}
