//! The assembler on hand-written lines.

use super::*;
use bcvm::bytecode::raw::FLAG_LARGE_ARGS;

fn proto(code: Vec<Line>) -> ProtoBco {
    ProtoBco { name: "t".into(), arity: 0, non_pointers: vec![], code }
}

fn op(op: Bci, operands: &[Operand]) -> Line {
    Line::Op(op, operands.to_vec())
}

fn lit(n: u64) -> Operand {
    Operand::Lit(BcoNPtr::Word(n))
}

#[test]
fn numbers_arrays_in_order_and_resolves_jumps() {
    let end = Label(7);
    let bco = assemble(proto(vec![
        op(Bci::TESTEQ_I, &[lit(5), Operand::Label(end)]),
        op(Bci::PUSH_UBX, &[lit(6), Operand::Word(1)]),
        op(Bci::RETURN_N, &[]),
        Line::Label(end),
        op(Bci::CASEFAIL, &[]),
    ]))
    .unwrap();
    assert_eq!(bco.instrs, [47, 0, 7, 25, 1, 1, 61, 54]);
    assert_eq!(bco.lits, [BcoNPtr::Word(5), BcoNPtr::Word(6)]);
    assert_eq!(bco.bitmap, [0]);
}

#[test]
fn code_beyond_65535_halfwords_has_large_labels() {
    let end = Label(0);
    let mut code = vec![op(Bci::JMP, &[Operand::Label(end)])];
    code.extend((0..40_000).map(|_| op(Bci::PUSH_L, &[Operand::Word(0)])));
    code.extend([Line::Label(end), op(Bci::ENTER, &[])]);
    let bco = assemble(proto(code)).unwrap();
    let (jump, _) = Instr::decode(&bco.instrs, 0).unwrap();
    assert_eq!(bco.instrs[0], Bci::JMP as u16 | FLAG_LARGE_ARGS);
    assert_eq!(jump.args[0], 5 + 80_000);
    assert_eq!(bco.instrs[jump.args[0] as usize], Bci::ENTER as u16);
}

#[test]
fn refuses_what_does_not_fit() {
    let too_large = assemble(proto(vec![op(Bci::PUSH_L, &[Operand::Word(65_536)])])).unwrap_err();
    assert!(matches!(too_large, AsmError::OperandTooLarge { value: 65_536, .. }));
    let nowhere = assemble(proto(vec![op(Bci::JMP, &[Operand::Label(Label(1))])])).unwrap_err();
    assert!(matches!(nowhere, AsmError::BadOperands { .. }));
    let wrong = assemble(proto(vec![op(Bci::PUSH_G, &[Operand::Word(1)])])).unwrap_err();
    assert!(matches!(wrong, AsmError::BadOperands { .. }));
    assert!(assemble(proto(vec![op(Bci::STKCHECK, &[Operand::Word(65_536)])])).is_ok());
}

#[test]
fn bitmaps_are_lowest_bit_first() {
    assert_eq!(bitmap(&[true, false, true, true, false]), [5, 0xd]);
    let mut long = vec![false; 65];
    long[64] = true;
    assert_eq!(bitmap(&long), [65, 0, 1]);
}
