//! Computes cheap expressions: see Note [Cheap expressions] in `bytecode::cheap`.

use super::known::{ordering, value};
use super::machine::Machine;
use super::number::{Answer, compute as apply, unboxed};
use crate::bytecode::cheap::{MAX_NODES, expression, first_operand, operand, result, second_operand};
use crate::entry::closures::Builtin;
use crate::entry::known::Function;
use crate::layout::closure::PAYLOAD;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, InfoPtr, Word};

/// The value of the expression of `bco`, whose arguments begin at `args`: the constructor of a box and the number in it, or
/// null and a closure. None if that would take evaluating anything.
#[inline(never)]
pub fn compute(m: &Machine, bco: Addr, args: Addr) -> Option<(InfoPtr, Word)> {
    if m.breakpoints {
        return None;
    }
    let (at, head) = expression(&m.mem, bco);
    let (nodes, lits) = (at.offset_w(1), at.offset_w(1 + head.nodes()));
    if head.nodes() == 1 {
        let node = m.mem.word(nodes);
        let function = Function(node as u8);
        let get = |o: u16| {
            let n = u32::from(o & operand::NUMBER);
            if o & !operand::NUMBER == operand::ARG {
                let x = value(m, m.mem.closure(args.offset_w(n)))?;
                return unboxed(&m.mem, function.kind(), x);
            }
            Some(m.mem.word(lits.offset_w(n)))
        };
        let a = get(first_operand(node))?;
        let b = if function.op().args() == 2 { get(second_operand(node))? } else { a };
        return Some(result_of(m, head.result(), word_of(apply(function, a, b)?)));
    }
    let mut values = [0; MAX_NODES];
    let mut last = 0;
    for i in 0..head.nodes() {
        let node = m.mem.word(nodes.offset_w(i));
        let function = Function(node as u8);
        let get = |o: u16| {
            let n = u32::from(o & operand::NUMBER);
            match o & !operand::NUMBER {
                operand::ARG => {
                    let x = value(m, m.mem.closure(args.offset_w(n)))?;
                    unboxed(&m.mem, function.kind(), x)
                }
                operand::NODE => Some(values[n as usize % MAX_NODES]),
                _ => Some(m.mem.word(lits.offset_w(n))),
            }
        };
        let a = get(first_operand(node))?;
        let b = if function.op().args() == 2 { get(second_operand(node))? } else { a };
        last = word_of(apply(function, a, b)?);
        values[i as usize % MAX_NODES] = last;
    }
    Some(result_of(m, head.result(), last))
}

/// What a node comes to, as the nodes that use it want it.
#[inline(always)]
fn word_of(answer: Answer) -> Word {
    match answer {
        Answer::Number(w) => w,
        Answer::Is(truth) => truth.into(),
        Answer::Order(order) => order as i8 as u64,
    }
}

/// The value of the whole, which has come to `w`.
#[inline(always)]
fn result_of(m: &Machine, result: u32, w: Word) -> (InfoPtr, Word) {
    match result {
        result::BOOL => closure(m, if w == 0 { Builtin::False } else { Builtin::True }),
        result::ORDERING => closure(m, ordering((w as i8).cmp(&0))),
        table => (InfoPtr(table), w),
    }
}

fn closure(m: &Machine, which: Builtin) -> (InfoPtr, Word) {
    (InfoPtr::NULL, m.bound.closure(which).word())
}

/// Makes `object` a box of `w`, and answers a pointer to it.
#[inline(always)]
pub fn fill_box(mem: &mut Mem, object: Addr, table: InfoPtr, w: Word) -> Word {
    mem.set_info(object, table);
    mem.set_word(object + PAYLOAD, w);
    ClosurePtr::from(object).with_tag(1).word()
}
