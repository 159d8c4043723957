//! Random graphs that change between collections, against a model that doesn't collect.

use super::mock::{TINY, Vm};
use crate::entry::table::info;
use crate::gc::Kind;
use crate::layout::ClosureType;
use crate::word::{ClosurePtr, InfoPtr};
use proptest::prelude::*;
use std::collections::HashMap;

/// An object of the model: a number that the real one carries, and the model objects it points to.
#[derive(Clone, Debug)]
struct Node {
    kind: Shape,
    fields: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// CONSTR with `id` as its non-pointer.
    Con,
    /// Thunk with `id` as its non-pointer; may be updated once.
    Thunk,
    /// An updated thunk.
    Updated,
    MutVar,
    Array,
    SmallArray,
}

#[derive(Clone, Debug)]
enum Op {
    New(u8, Vec<usize>, u16),
    Write(usize, usize, usize),
    Root(usize, usize),
    Collect(bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0u8..6, prop::collection::vec(any::<usize>(), 0..5), 1u16..400).prop_map(|(k, f, n)| Op::New(k, f, n)),
        3 => (any::<usize>(), any::<usize>(), any::<usize>()).prop_map(|(a, i, b)| Op::Write(a, i, b)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(i, n)| Op::Root(i, n)),
        1 => any::<bool>().prop_map(Op::Collect),
    ]
}

struct Test {
    vm: Vm,
    cons: Vec<InfoPtr>,
    thunk: InfoPtr,
    nodes: Vec<Node>,
    /// Model objects by root; the real roots are at the same places of the shelf.
    roots: Vec<usize>,
}

const ROOTS: usize = 8;

impl Test {
    fn new() -> Test {
        let mut vm = Vm::with(16 << 20, TINY);
        let cons = (0..6).map(|p| vm.info(ClosureType::CONSTR, p, 1, (0, 0))).collect();
        let thunk = vm.info(ClosureType::THUNK_1_1, 1, 1, (0, 0));
        let mut t = Test { vm, cons, thunk, nodes: Vec::new(), roots: Vec::new() };
        let first = t.con(&[], &[]);
        t.roots = vec![0; ROOTS];
        t.vm.shelf.roots = vec![first; ROOTS];
        t
    }

    fn con(&mut self, fields: &[usize], real: &[ClosurePtr]) -> ClosurePtr {
        let id = self.nodes.len();
        self.nodes.push(Node { kind: Shape::Con, fields: fields.to_vec() });
        let mut words: Vec<u64> = real.iter().map(|p| p.word()).collect();
        words.push(id as u64);
        self.vm.object(self.cons[fields.len()], &words).with_tag(1)
    }

    /// Real pointers of everything reachable, by model object, in the order it is found; checks the two agree.
    fn walk(&self) -> HashMap<usize, ClosurePtr> {
        let mut at: HashMap<usize, ClosurePtr> = HashMap::new();
        let mut todo: Vec<(usize, ClosurePtr)> =
            self.roots.iter().copied().zip(self.vm.shelf.roots.iter().copied()).collect();
        while let Some((id, p)) = todo.pop() {
            let (id, p) = self.resolve(id, p);
            if let Some(seen) = at.get(&id) {
                assert_eq!(seen.addr(), p.addr(), "object {id} is in two places");
                continue;
            }
            at.insert(id, p);
            let node = &self.nodes[id];
            let first = match node.kind {
                Shape::Con | Shape::MutVar => 0,
                Shape::Thunk | Shape::SmallArray => 1,
                Shape::Array => 2,
                Shape::Updated => unreachable!("resolved"),
            };
            let own = match node.kind {
                Shape::Con => Some(node.fields.len() as u32),
                Shape::Thunk => Some(2),
                _ => None,
            };
            if let Some(i) = own {
                assert_eq!(self.vm.field(p, i).0 as usize, id, "{node:?} at {p:?}");
            }
            for (i, f) in node.fields.iter().enumerate() {
                todo.push((*f, self.vm.field(p, first + i as u32)));
            }
        }
        at
    }

    /// Through updated thunks on both sides; the collector may have removed the real one.
    fn resolve(&self, id: usize, p: ClosurePtr) -> (usize, ClosurePtr) {
        let mut id = id;
        for _ in 0..self.nodes.len() {
            if self.nodes[id].kind != Shape::Updated {
                break;
            }
            id = self.nodes[id].fields[0];
        }
        (id, self.vm.value(p))
    }

    fn step(&mut self, op: Op) {
        let at = self.walk();
        let mut ids: Vec<usize> = at.keys().copied().collect();
        ids.sort_unstable();
        let pick = |i: usize| {
            let id = ids[i % ids.len()];
            (id, at[&id])
        };
        match op {
            Op::New(kind, fields, n) => {
                let (fields, real): (Vec<usize>, Vec<ClosurePtr>) = fields.into_iter().map(pick).unzip();
                let id = self.nodes.len();
                let one = pick(n as usize);
                let p = match kind {
                    0 | 1 => self.con(&fields, &real),
                    2 => {
                        self.nodes.push(Node { kind: Shape::Thunk, fields: vec![one.0] });
                        self.vm.object(self.thunk, &[0, one.1.word(), id as u64])
                    }
                    3 => {
                        self.nodes.push(Node { kind: Shape::MutVar, fields: vec![one.0] });
                        self.vm.mut_var(one.1)
                    }
                    4 => {
                        self.nodes.push(Node { kind: Shape::Array, fields: vec![one.0; n as usize] });
                        self.vm.array(n as u32, one.1)
                    }
                    _ => {
                        self.nodes.push(Node { kind: Shape::SmallArray, fields: vec![one.0; n as usize] });
                        self.vm.small_array(n as u32, one.1)
                    }
                };
                self.set_root(n as usize, id, p);
            }
            Op::Write(a, i, b) => {
                let ((id, p), (value, real)) = (pick(a), pick(b));
                let node = &mut self.nodes[id];
                let i = if node.fields.is_empty() { 0 } else { i % node.fields.len() };
                match node.kind {
                    Shape::Con | Shape::Updated => {}
                    // A thunk is not updated with itself.
                    Shape::Thunk if value == id || node.fields[0] == id => {}
                    Shape::Thunk => {
                        // Only with a value, as programs do; else updated thunks would form circles.
                        if self.nodes[value].kind != Shape::Thunk {
                            self.nodes[id] = Node { kind: Shape::Updated, fields: vec![value] };
                            self.vm.heap.update_thunk(&mut self.vm.mem, p.addr(), real);
                        }
                    }
                    Shape::MutVar => {
                        node.fields[0] = value;
                        self.vm.write_mut_var(p, real);
                    }
                    Shape::Array => {
                        node.fields[i] = value;
                        self.vm.write_array(p, i as u32, real);
                    }
                    Shape::SmallArray => {
                        node.fields[i] = value;
                        self.vm.mem.set_info(p.addr(), info::STG_SMALL_MUT_ARR_PTRS_DIRTY);
                        self.vm.set_field(p, 1 + i as u32, real);
                    }
                }
            }
            Op::Root(i, n) => {
                let (id, p) = pick(n);
                self.set_root(i, id, p);
            }
            Op::Collect(major) => {
                self.vm.collect(if major { Kind::Major } else { Kind::Minor });
            }
        }
        if self.vm.heap.gc_wanted() {
            self.vm.collect(Kind::Auto);
        }
    }

    fn set_root(&mut self, i: usize, id: usize, p: ClosurePtr) {
        let i = i % ROOTS;
        self.roots[i] = id;
        self.vm.shelf.roots[i] = p;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 150 }, ..ProptestConfig::default() })]
    #[test]
    fn the_graph_is_what_the_model_says(ops in prop::collection::vec(op(), 1..150)) {
        let mut t = Test::new();
        for op in ops {
            t.step(op);
        }
        t.walk();
        t.vm.major();
        t.walk();
    }
}
