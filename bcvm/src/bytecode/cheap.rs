//! Cheap expressions: which BCOs have one, and how it is written down. What is done with them is `interp::cheap`'s.
//
// Note [Cheap expressions]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// GHC's byte code suspends `n - 1` as an application of a BCO to n: five words of heap, an update frame when it is
// wanted, and the call of a class's method in the end. Where n is evaluated, subtracting is less work than suspending
// it, and nobody can tell: arithmetic on evaluated numbers ends, raises nothing and has no effect. So where such an
// application would be made, or called, its value is computed instead, if that can be done without evaluating anything.
// If it cannot (a variable is a thunk, a divisor 0, an Integer large) all is done as GHC wrote it.
//
// An expression is made of known functions of numbers (`entry::known`), of variables, which are the BCO's arguments, of
// literals, and of applications that are cheap themselves. At least one variable is among them: what has none is
// computed once anyway, and GHCi shows it as not evaluated. It is found when the BCO's pointers are all there, and
// written behind the instructions, in words that were reserved for it when the code's shape allowed one:
//
//      head    nodes, literals; the info pointer of the box that the value is put into, or what else it is
//      nodes   function, first operand, second operand: each an argument, an earlier node or a literal
//      literals
//
// A breakpoint within would not be noticed: once one has been enabled no more expressions are computed.

use super::code::{self, HEADER_W, l, op, s, s2, s3};
use super::fuse::original;
use super::table::Bci;
use crate::entry::bound::Bound;
use crate::entry::known::{Function, Known, Op};
use crate::interp::known::method;
use crate::layout::closure::{arr_words, bco, mut_arr_ptrs};
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr};
use alloc::vec::Vec;

/// The most functions of an expression.
pub const MAX_NODES: usize = 8;
/// The most literals.
const MAX_LITS: usize = 6;
/// Words for an expression.
const ROOM_W: u32 = 1 + (MAX_NODES + MAX_LITS) as u32;

/// What the value of an expression is, in the head, if it is not a number that is put into a box.
pub mod result {
    /// A Bool.
    pub const BOOL: u32 = 1;
    /// An Ordering.
    pub const ORDERING: u32 = 2;
}

/// An operand of a node: what it is, in the upper bits, and which of those.
pub mod operand {
    /// An argument of the BCO.
    pub const ARG: u16 = 0;
    /// A node.
    pub const NODE: u16 = 0x4000;
    /// A literal.
    pub const LIT: u16 = 0x8000;
    /// The number in it.
    pub const NUMBER: u16 = 0x3fff;
}

/// The head's fields.
#[derive(Clone, Copy)]
pub struct Head(u64);

impl Head {
    /// How many nodes there are, the last of which is the expression's value.
    #[inline(always)]
    pub fn nodes(self) -> u32 {
        u32::from(self.0 as u8)
    }

    fn lits(self) -> u32 {
        u32::from((self.0 >> 8) as u8)
    }

    /// The box for the value, or one of [`result`].
    #[inline(always)]
    pub fn result(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// The expression of the BCO at `object`, which has one: where its head is, and what that says.
#[inline(always)]
pub fn expression(mem: &Mem, object: Addr) -> (Addr, Head) {
    let array = mem.closure(object + bco::INSTRS).addr() + arr_words::PAYLOAD;
    let at = array.offset_w(HEADER_W + (mem.word(array) >> 32) as u32);
    (at, Head(mem.word(at)))
}

/// Words to reserve behind instruction words `words`: none if they are no expression's.
pub fn room_w(words: &[u64]) -> u32 {
    let mut calls = 0;
    let mut i = 0;
    while i < words.len() {
        match original(op(words[i])) {
            Some(Bci::BRK_FUN) => i += 1,
            Some(Bci::PUSH_APPLY_PP | Bci::PUSH_APPLY_PPP) => calls += 1,
            Some(Bci::PUSH_L | Bci::PUSH_LL | Bci::PUSH_LLL | Bci::PUSH_G | Bci::PUSH_UBX | Bci::PACK) => {}
            Some(Bci::ALLOC_AP | Bci::MKAP | Bci::SLIDE | Bci::ENTER) => {}
            _ => return 0,
        }
        i += 1;
    }
    if calls == 1 { ROOM_W } else { 0 }
}

/// Writes down the expression of the BCO at `object`, for which `room_w` has reserved words, if it has one. `cheap` are
/// those of the BCOs nested in it that have one.
pub fn find(mem: &mut Mem, bound: &Bound, cheap: &[Addr], object: Addr) -> bool {
    let Some(expression) = Finder::new(mem, bound, cheap, object).find() else { return false };
    let (at, _) = self::expression(mem, object);
    for (i, w) in (0..).zip(expression) {
        mem.set_word(at.offset_w(i), w);
    }
    true
}

/// What a stack word is while the code is looked through.
#[derive(Clone, Copy)]
enum Word {
    /// An operand.
    Value(u16),
    /// The word of a literal, and then the box it is put into.
    Literal(u64),
    /// A pointer of the BCO.
    Pointer(ClosurePtr),
    /// An application that is not filled yet.
    Hole,
    /// The word of a `stg_ap_*` frame.
    Frame,
}

struct Finder<'m> {
    mem: &'m Mem,
    bound: &'m Bound,
    cheap: &'m [Addr],
    object: Addr,
    stack: Vec<Word>,
    nodes: Vec<u64>,
    lits: Vec<u64>,
}

impl Finder<'_> {
    fn new<'m>(mem: &'m Mem, bound: &'m Bound, cheap: &'m [Addr], object: Addr) -> Finder<'m> {
        let (stack, nodes, lits) = (Vec::new(), Vec::new(), Vec::new());
        Finder { mem, bound, cheap, object, stack, nodes, lits }
    }

    fn pointer(&self, i: u32) -> ClosurePtr {
        let ptrs = self.mem.closure(self.object + bco::PTRS).addr() + mut_arr_ptrs::PAYLOAD;
        self.mem.closure(ptrs.offset_w(i))
    }

    fn literal(&self, i: u32) -> u64 {
        let lits = self.mem.closure(self.object + bco::LITERALS).addr() + arr_words::PAYLOAD;
        self.mem.word(lits.offset_w(i))
    }

    /// The word that lies `n` words under the top.
    fn at(&self, n: u32) -> Option<Word> {
        let i = self.stack.len().checked_sub(n as usize + 1)?;
        self.stack.get(i).copied()
    }

    fn operand(&self, n: u32) -> Option<u16> {
        match self.at(n)? {
            Word::Value(operand) => Some(operand),
            _ => None,
        }
    }

    fn push_lit(&mut self, w: u64) -> Option<u16> {
        self.lits.push(w);
        (self.lits.len() <= MAX_LITS).then_some(operand::LIT + self.lits.len() as u16 - 1)
    }

    fn push_node(&mut self, node: u64) -> Option<u16> {
        self.nodes.push(node);
        (self.nodes.len() <= MAX_NODES).then_some(operand::NODE + self.nodes.len() as u16 - 1)
    }

    /// Looks through the code as it would run.
    fn find(mut self) -> Option<Vec<u64>> {
        let array = self.mem.closure(self.object + bco::INSTRS).addr() + arr_words::PAYLOAD;
        let (first, len) = (array.offset_w(HEADER_W), (self.mem.word(array) >> 32) as u32);
        let args = u16::try_from(self.mem.word(self.object + bco::BITMAP)).ok().filter(|n| *n <= operand::NUMBER)?;
        self.stack.extend((0..args).rev().map(Word::Value));
        let mut i = 0;
        while i < len {
            let w = self.mem.word(first.offset_w(i));
            let instruction = original(op(w))?;
            i += code::len_w(instruction);
            match instruction {
                Bci::BRK_FUN => {}
                Bci::PUSH_L => self.copy(&[s(w)])?,
                Bci::PUSH_LL => self.copy(&[s(w), s2(w)])?,
                Bci::PUSH_LLL => self.copy(&[s(w), s2(w), s3(w)])?,
                Bci::PUSH_G => self.stack.push(Word::Pointer(self.pointer(l(w)))),
                Bci::PUSH_UBX if s(w) == 1 => self.stack.push(Word::Literal(self.literal(l(w)))),
                Bci::PACK if s(w) == 1 => {
                    let Some(Word::Literal(literal)) = self.stack.pop() else { return None };
                    let operand = self.push_lit(literal)?;
                    self.stack.push(Word::Value(operand));
                }
                Bci::ALLOC_AP => self.stack.push(Word::Hole),
                Bci::MKAP => self.application(s(w), s2(w))?,
                Bci::PUSH_APPLY_PP | Bci::PUSH_APPLY_PPP => {
                    self.stack.push(Word::Frame);
                    let select = self.mem.word(first.offset_w(i));
                    if original(op(select))? != Bci::PUSH_G {
                        return None;
                    }
                    let selector = self.pointer(l(select));
                    return self.call(selector, if instruction == Bci::PUSH_APPLY_PPP { 2 } else { 1 });
                }
                _ => return None,
            }
        }
        None
    }

    fn copy(&mut self, offsets: &[u32]) -> Option<()> {
        let words: Option<Vec<Word>> = offsets.iter().map(|n| self.at(*n)).collect();
        self.stack.extend(words?);
        Some(())
    }

    /// MKAP of a BCO whose own expression becomes a part of this one.
    fn application(&mut self, hole: u32, n: u32) -> Option<()> {
        let Word::Pointer(function) = self.stack.pop()? else { return None };
        let function = function.addr();
        if !self.cheap.contains(&function) {
            return None;
        }
        let (at, head) = expression(self.mem, function);
        let (nodes, lits) = (self.nodes.len() as u16, self.lits.len() as u16);
        let word = |i: u32| self.mem.word(at.offset_w(1 + i));
        let (all_nodes, all_lits): (Vec<u64>, Vec<u64>) =
            ((0..head.nodes()).map(word).collect(), (0..head.lits()).map(|i| word(head.nodes() + i)).collect());
        for literal in all_lits {
            self.push_lit(literal)?;
        }
        let mut value = None;
        for node in all_nodes {
            let moved = |operand: u16| match operand & !operand::NUMBER {
                operand::ARG => self.operand(operand.into()),
                operand::NODE => Some(operand + nodes),
                _ => Some(operand + lits),
            };
            let (a, b) = (moved(first_operand(node))?, moved(second_operand(node))?);
            value = Some(self.push_node(new_node(Function(node as u8), a, b))?);
        }
        self.stack.truncate(self.stack.len().checked_sub(n as usize)?);
        // The offset counts what was on the stack before.
        let hole = self.stack.len().checked_sub((hole as usize).checked_sub(n as usize)?)?;
        *self.stack.get_mut(hole)? = Word::Value(value?);
        Some(())
    }

    /// The call at the end: [frame, dictionary, arguments].
    fn call(mut self, selector: ClosurePtr, args: u32) -> Option<Vec<u64>> {
        let Word::Pointer(dictionary) = self.at(1)? else { return None };
        let (_, function) = method(self.mem, self.bound, selector, dictionary)?;
        let Known::Number(kind, op) = self.bound.known.find(function.addr())? else { return None };
        if op.args() != args {
            return None;
        }
        let first = self.operand(2)?;
        let second = if args == 2 { self.operand(3)? } else { first };
        self.push_node(new_node(Function::new(kind, op), first, second))?;
        let has_variable = self.nodes.iter().any(|node| {
            [first_operand(*node), second_operand(*node)].iter().any(|o| o & !operand::NUMBER == operand::ARG)
        });
        if !has_variable {
            return None;
        }
        let result = match op {
            Op::Compare => result::ORDERING,
            _ if op.is_arithmetic() => self.bound.info_of_box(kind)?.0,
            _ => result::BOOL,
        };
        let head = self.nodes.len() as u64 | (self.lits.len() as u64) << 8 | u64::from(result) << 32;
        Some([head].into_iter().chain(self.nodes).chain(self.lits).collect())
    }
}

fn new_node(function: Function, first: u16, second: u16) -> u64 {
    u64::from(function.0) | u64::from(first) << 16 | u64::from(second) << 32
}

/// The first operand of a node.
#[inline(always)]
pub fn first_operand(node: u64) -> u16 {
    (node >> 16) as u16
}

/// The second operand of a node; the first once more where there is one only.
#[inline(always)]
pub fn second_operand(node: u64) -> u16 {
    (node >> 32) as u16
}
