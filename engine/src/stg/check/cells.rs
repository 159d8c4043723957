//! Facts that may not be known yet and may turn out to be the same: a union-find.

/// A fact: an index of [`Cells`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell(u32);

/// Facts of one sort.
#[derive(Debug)]
pub struct Cells<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Clone, Copy, Debug)]
enum Node<T> {
    Same(Cell),
    Known(T),
    Unknown,
}

/// Two facts that can't be the same: what the first is and what the second is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conflict<T>(pub T, pub T);

impl<T: Copy + PartialEq> Cells<T> {
    /// No facts.
    pub fn new() -> Self {
        Cells { nodes: Vec::new() }
    }

    fn add(&mut self, node: Node<T>) -> Cell {
        self.nodes.push(node);
        Cell(self.nodes.len() as u32 - 1)
    }

    /// A fact that is not known yet.
    pub fn unknown(&mut self) -> Cell {
        self.add(Node::Unknown)
    }

    /// A known fact.
    pub fn known(&mut self, value: T) -> Cell {
        self.add(Node::Known(value))
    }

    /// The cell that stands for all that are the same, paths halved on the way.
    fn root(&mut self, mut cell: Cell) -> Cell {
        while let Node::Same(next) = self.nodes[cell.0 as usize] {
            if let beyond @ Node::Same(_) = self.nodes[next.0 as usize] {
                self.nodes[cell.0 as usize] = beyond;
            }
            cell = next;
        }
        cell
    }

    /// The fact, if it is known.
    pub fn get(&mut self, cell: Cell) -> Option<T> {
        let root = self.root(cell);
        match self.nodes[root.0 as usize] {
            Node::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Makes two facts the same.
    pub fn unify(&mut self, a: Cell, b: Cell) -> Result<(), Conflict<T>> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return Ok(());
        }
        match (self.nodes[a.0 as usize], self.nodes[b.0 as usize]) {
            (Node::Known(x), Node::Known(y)) if x != y => Err(Conflict(x, y)),
            (Node::Known(_), _) => {
                self.nodes[b.0 as usize] = Node::Same(a);
                Ok(())
            }
            _ => {
                self.nodes[a.0 as usize] = Node::Same(b);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_spread_and_conflict() {
        let mut cells = Cells::new();
        let all: Vec<Cell> = (0..100).map(|_| cells.unknown()).collect();
        for pair in all.windows(2) {
            cells.unify(pair[1], pair[0]).unwrap();
        }
        assert_eq!(cells.get(all[3]), None);
        let seven = cells.known(7);
        cells.unify(all[99], seven).unwrap();
        assert!(all.iter().all(|cell| cells.get(*cell) == Some(7)));
        let eight = cells.known(8);
        assert_eq!(cells.unify(all[0], eight), Err(Conflict(7, 8)));
        cells.unify(seven, all[50]).unwrap();
    }
}
