//! Printing against a heap of hand-made objects.

use super::*;
use std::convert::Infallible;

/// A heap: objects, and how evaluating each ends.
#[derive(Default)]
struct Heap {
    objects: Vec<Object<usize>>,
    exceptions: Vec<usize>,
}

impl Inspect for Heap {
    type Ref = usize;
    type Error = Infallible;

    fn seq(&self, value: &usize) -> Result<Outcome, Infallible> {
        let bad = self.exceptions.contains(value);
        Ok(if bad { Outcome::Exception("boom".into()) } else { Outcome::Value })
    }

    fn get_closure(&self, value: &usize) -> Result<Object<usize>, Infallible> {
        Ok(self.objects[*value].clone())
    }
}

impl Heap {
    fn con(&mut self, description: &str, ptrs: &[usize], words: &[u64]) -> usize {
        self.objects.push(Object::Con { description: description.into(), ptrs: ptrs.to_vec(), words: words.to_vec() });
        self.objects.len() - 1
    }

    fn int(&mut self, n: i64) -> usize {
        self.con("ghc-prim:GHC.Types.I#", &[], &[n as u64])
    }

    fn list(&mut self, elements: &[usize]) -> usize {
        let nil = self.con("ghc-prim:GHC.Types.[]", &[], &[0]);
        elements.iter().rev().fold(nil, |tail, head| self.con("ghc-prim:GHC.Types.:", &[*head, tail], &[]))
    }

    fn string(&mut self, text: &str) -> usize {
        let chars: Vec<usize> = text.chars().map(|c| self.con("ghc-prim:GHC.Types.C#", &[], &[c as u64])).collect();
        self.list(&chars)
    }

    fn show(&self, value: usize, depth: usize, nodes: usize) -> String {
        show(self, &program(), &value, Bounds { depth, nodes }).unwrap()
    }
}

fn program() -> Program {
    let constructors = vec![
        Constructor { name: "Leaf".into(), tag: 0, fields: vec![] },
        Constructor {
            name: "Node".into(),
            tag: 1,
            fields: vec![Field::Int, Field::Lifted, Field::Float, Field::Float, Field::Char],
        },
    ];
    Program { entry: "main".into(), constructors, bcos: vec![] }
}

#[test]
fn numbers_lists_tuples_and_strings() {
    let mut heap = Heap::default();
    let (one, minus) = (heap.int(1), heap.int(-2));
    let list = heap.list(&[one, minus]);
    let empty = heap.list(&[]);
    let string = heap.string("a\"\n\u{e9}1\\");
    let pair = heap.con("ghc-prim:GHC.Tuple.(,)", &[list, string], &[]);
    assert_eq!(heap.show(list, 9, 99), "[1,-2]");
    assert_eq!(heap.show(empty, 9, 99), "[]");
    assert_eq!(heap.show(pair, 9, 99), r#"([1,-2],"a\"\n\233\&1\\")"#);
}

#[test]
fn declared_constructors_show_fields_in_order() {
    let mut heap = Heap::default();
    let leaf = heap.con("main:Main.Leaf", &[], &[0xdead]);
    let floats = 1.5f32.to_bits() as u64 | ((-0.25f32).to_bits() as u64) << 32;
    let node = heap.con("main:Main.Node", &[leaf], &[-3i64 as u64, floats, 'x' as u64]);
    let outer = heap.con("main:Main.Node", &[node], &[4, 0, '\'' as u64]);
    assert_eq!(heap.show(outer, 9, 99), r"Node 4# (Node -3# Leaf 1.5# -0.25# 'x'#) 0.0# 0.0# '\''#");
    let foreign = heap.con("pkg:A.B.Just", &[node], &[7]);
    assert_eq!(heap.show(foreign, 2, 99), "Just (Node -3# … 1.5# -0.25# 'x'#) 7##");
}

#[test]
fn bounds_end_cycles_and_depth() {
    let mut heap = Heap::default();
    let one = heap.int(1);
    let cell = heap.con("ghc-prim:GHC.Types.:", &[one, 1], &[]);
    assert_eq!(heap.show(cell, 9, 6), "[1,1,1,…]");
    let nest = heap.objects.len();
    heap.con("main:Main.Node", &[nest], &[0, 0, 'c' as u64]);
    assert!(heap.show(nest, usize::MAX, usize::MAX).contains('…'), "depth is capped");
    assert_eq!(heap.show(cell, 0, 9), "…");
    heap.objects.push(Object::Indirection(heap.objects.len()));
    assert_eq!(heap.show(heap.objects.len() - 1, 9, 9), "<indirections without end>");
    let text = heap.string("abcdefgh");
    assert!(heap.show(text, 9, 4).starts_with("\"abc"));
}

#[test]
fn exceptions_keep_what_was_printed() {
    let mut heap = Heap::default();
    let (one, bad) = (heap.int(1), heap.int(2));
    heap.exceptions.push(bad);
    let list = heap.list(&[one, bad]);
    let error = show(&heap, &program(), &list, Bounds::default()).unwrap_err();
    let ShowError::Outcome { outcome, printed } = error;
    assert_eq!((outcome, &printed[..]), (Outcome::Exception("boom".into()), "[1,"));
}

#[test]
fn opaque_objects_and_malformed_ones() {
    let mut heap = Heap { objects: vec![Object::Function, Object::Other("BLACKHOLE".into())], ..Heap::default() };
    assert_eq!((heap.show(0, 9, 9), heap.show(1, 9, 9)), ("<function>".into(), "<BLACKHOLE>".into()));
    // A hostile program may describe its own constructors as anything.
    for description in ["", ":", ".", "ghc-prim:GHC.Types.:", "ghc-prim:GHC.Types.I#", "main:Main.Node"] {
        let odd = heap.con(description, &[], &[]);
        heap.show(odd, 9, 9);
        let odd = heap.con(description, &[0, 1, 0], &[1, 2, 3]);
        heap.show(odd, 9, 9);
    }
}
