//! A small assembler for byte code, and values read back from any interpreter.

#![allow(dead_code, reason = "each test file uses a part")]

use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use bcvm::bytecode::Bci;
use bcvm::bytecode::raw::Instr;
use bcvm_engine::Interp;
use bcvm_engine::interp::ForeignRef;
use bcvm_engine::protocol::types::{FFIConv, FFIType};
use bcvm_engine::show::Object;

/// The address of a symbol.
pub fn symbol(interp: &Interp, name: &str) -> u64 {
    interp.lookup_symbol(name).unwrap().unwrap_or_else(|| panic!("no {name}")).0
}

/// A constructor's info pointer.
pub fn con(interp: &Interp, name: &str) -> u64 {
    symbol(interp, &format!("ghczmprim_{name}_con_info"))
}

/// What a reference refers to, behind indirections, evaluated.
pub fn value(interp: &Interp, r: &ForeignRef) -> Object<ForeignRef> {
    interp.seq_hvalue(r).unwrap().unwrap();
    object(interp, r)
}

/// What a reference refers to, behind indirections.
pub fn object(interp: &Interp, r: &ForeignRef) -> Object<ForeignRef> {
    match Object::from_closure(interp.get_closure(r).unwrap()) {
        Object::Indirection(to) => object(interp, &to),
        other => other,
    }
}

/// The number in an evaluated box.
pub fn int(interp: &Interp, r: &ForeignRef) -> u64 {
    match value(interp, r) {
        Object::Con { words, .. } if words.len() == 1 => words[0],
        other => panic!("no number: {other:?}"),
    }
}

/// Builds a BCO.
#[derive(Default, Clone)]
pub struct Asm {
    bco: ResolvedBco,
    large: bool,
}

impl Asm {
    /// A thunk body, or case alternatives over a frame without variables.
    pub fn new() -> Asm {
        Asm::function(0, "")
    }

    /// A function of `arity` arguments that finds words of this pattern on the stack: `p` is a pointer.
    pub fn function(arity: u32, pattern: &str) -> Asm {
        let bits = pattern.bytes().enumerate().fold(0, |b, (i, c)| b | ((c != b'p') as u64) << i);
        let bitmap = if pattern.is_empty() { vec![0] } else { vec![pattern.len() as u64, bits] };
        Asm { bco: ResolvedBco { arity, bitmap, ..ResolvedBco::default() }, large: false }
    }

    /// From here on operands that can be large are.
    pub fn large(mut self) -> Asm {
        self.large = true;
        self
    }

    /// Appends an instruction.
    pub fn op(mut self, op: Bci, operands: &[u64]) -> Asm {
        Instr::new(op, operands).encode(self.large, &mut self.bco.instrs);
        self
    }

    /// Appends a pointer and answers its index.
    pub fn ptr(&mut self, p: ResolvedBcoPtr) -> u64 {
        self.bco.ptrs.push(p);
        self.bco.ptrs.len() as u64 - 1
    }

    /// Appends a literal and answers its index.
    pub fn lit(&mut self, w: u64) -> u64 {
        self.bco.lits.push(w);
        self.bco.lits.len() as u64 - 1
    }

    /// PUSH_G of a pointer.
    pub fn push_g(mut self, p: ResolvedBcoPtr) -> Asm {
        let i = self.ptr(p);
        self.op(Bci::PUSH_G, &[i])
    }

    /// PUSH_UBX of one literal.
    pub fn push_ubx(mut self, w: u64) -> Asm {
        let i = self.lit(w);
        self.op(Bci::PUSH_UBX, &[i, 1])
    }

    /// PUSH_ALTS and its kin.
    pub fn push_alts(mut self, op: Bci, alts: Asm) -> Asm {
        let i = self.ptr(ResolvedBcoPtr::Bco(alts.done()));
        self.op(op, &[i])
    }

    /// PACK.
    pub fn pack(mut self, con: u64, n: u64) -> Asm {
        let i = self.lit(con);
        self.op(Bci::PACK, &[i, n])
    }

    /// Leaves with the top word, `by` words under it slid away.
    pub fn enter(self, by: u64) -> Asm {
        self.op(Bci::SLIDE, &[1, by]).op(Bci::ENTER, &[])
    }

    /// Halfwords so far: where a label would be.
    pub fn here(&self) -> u64 {
        self.bco.instrs.len() as u64
    }

    /// The BCO.
    pub fn done(self) -> ResolvedBco {
        self.bco
    }
}

/// The call of a C function on words, to be evaluated: its result is an `Int`.
pub fn c_call(interp: &Interp, name: &str, args: &[u64]) -> ForeignRef {
    let types = vec![FFIType::FFIPointer; args.len()];
    let cif = interp.prep_ffi(FFIConv::FFICCall, &types, FFIType::FFIPointer).unwrap();
    let mut a = args.iter().rev().fold(Asm::new(), |a, x| a.push_ubx(*x));
    a = a.push_ubx(symbol(interp, name)).push_ubx(0);
    let (l, n) = (a.lit(cif.0), args.len() as u64);
    let a = a.op(Bci::CCALL, &[n + 2, l, 2]).op(Bci::SLIDE, &[1, n + 1]);
    let bco = a.pack(con(interp, "GHCziTypes_Izh"), 1).enter(0).done();
    interp.create_bcos(&[bco]).unwrap().remove(0)
}
