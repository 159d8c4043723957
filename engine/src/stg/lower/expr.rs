//! Lowering atoms, calls, constructors and let.

use super::*;
use crate::stg::ir::{Bind, Callee, ConId};
use bcvm::primop::table::Rep;

/// The instructions that apply to one to six pointers.
const APPLY_POINTERS: [Bci; 6] = [
    Bci::PUSH_APPLY_P,
    Bci::PUSH_APPLY_PP,
    Bci::PUSH_APPLY_PPP,
    Bci::PUSH_APPLY_PPPP,
    Bci::PUSH_APPLY_PPPPP,
    Bci::PUSH_APPLY_PPPPPP,
];

impl Lowerer<'_> {
    /// Lowers an expression at depth `d` whose sequel is `s` (`schemeE`).
    pub(super) fn expr(&mut self, expr: &Expr, d: u64, s: u64) -> Result<(), LowerError> {
        match expr {
            Expr::Atom(atom) if self.kind(atom) == Kind::Lifted => {
                self.tail_call(&Callee::Atom(atom.clone()), &[], d, s);
            }
            Expr::Atom(atom) | Expr::Unboxed(atom) => self.return_unlifted(atom, d, s),
            Expr::Call(callee, args) => self.tail_call(callee, args, d, s),
            Expr::Con(con, args) => {
                self.con(*con, args, d);
                self.code.slide(1, (d - s) / WORD);
                self.code.op(Bci::ENTER, &[]);
            }
            Expr::Let { rec, binds, body } => self.lets(*rec, binds, body, d, s)?,
            Expr::Case(case) => self.case(case, d, s)?,
        }
        Ok(())
    }

    /// Pushes an atom as whole words (`pushAtom`): how many bytes.
    pub(super) fn push(&mut self, atom: &Atom, d: u64) -> u64 {
        let kind = self.kind(atom);
        match atom {
            Atom::Local(_) | Atom::RealWorld if kind == Kind::State => {}
            // A Float# may lie in half a word.
            Atom::Local(var) if kind == Kind::Float => self.code.op(Bci::PUSH32_W, &[self.distance(*var, d)]),
            Atom::Local(var) => self.code.op(Bci::PUSH_L, &[self.distance(*var, d) / WORD]),
            Atom::Lit(lit) => self.code.op_lit(Bci::PUSH_UBX, literal(lit), &[1]),
            other => {
                if let Some(ptr) = self.pointer(other) {
                    self.code.op_ptr(Bci::PUSH_G, ptr);
                }
            }
        }
        bytes(kind)
    }

    /// Bytes from the top of the stack to a variable. The checker let no name through that is not in scope.
    fn distance(&self, var: Var, d: u64) -> u64 {
        d - self.scope.depth(var).expect("a variable that is in scope")
    }

    /// `returnUnboxedAtom`
    fn return_unlifted(&mut self, atom: &Atom, d: u64, s: u64) {
        let pushed = self.push(atom, d);
        self.code.slide(pushed / WORD, (d - s) / WORD);
        let op = match self.kind(atom).rep() {
            Rep::P => Bci::RETURN_P,
            Rep::N => Bci::RETURN_N,
            Rep::F => Bci::RETURN_F,
            Rep::D => Bci::RETURN_D,
            Rep::V => Bci::RETURN_V,
        };
        self.code.op(op, &[]);
    }

    /// `doTailCall`: arguments from the last to the first, an apply instruction over each group, the function.
    fn tail_call(&mut self, callee: &Callee, args: &[Atom], start: u64, s: u64) {
        let mut d = start;
        let mut rest = args;
        while let Some(last) = rest.last() {
            let reps = rest.iter().rev().map(|arg| self.kind(arg).rep());
            let (op, n) = match self.kind(last).rep() {
                Rep::P => {
                    let n = reps.take(APPLY_POINTERS.len()).take_while(|rep| *rep == Rep::P).count();
                    (APPLY_POINTERS[n - 1], n)
                }
                Rep::N => (Bci::PUSH_APPLY_N, 1),
                Rep::F => (Bci::PUSH_APPLY_F, 1),
                Rep::D => (Bci::PUSH_APPLY_D, 1),
                Rep::V => (Bci::PUSH_APPLY_V, 1),
            };
            let (before, group) = rest.split_at(rest.len() - n);
            for arg in group.iter().rev() {
                d += self.push(arg, d);
            }
            self.code.op(op, &[]);
            d += WORD;
            rest = before;
        }
        match callee {
            Callee::Atom(atom) => {
                self.push(atom, d);
            }
            Callee::Primop(name) => self.code.op_ptr(Bci::PUSH_G, BcoPtr::PrimOp((*name).into())),
        }
        d += WORD;
        self.code.slide((d - start) / WORD, (start - s) / WORD);
        self.code.op(Bci::ENTER, &[]);
    }

    /// Leaves a constructor on the stack (`mkConAppCode`).
    fn con(&mut self, con: ConId, args: &[Atom], mut d: u64) {
        let con = self.program.con(con);
        if args.is_empty() {
            self.code.op_ptr(Bci::PUSH_G, BcoPtr::Name(con.name.clone()));
            return;
        }
        let mut fields: Vec<(u64, &Atom)> = con.layout.offsets.iter().map(|o| *o as u64).zip(args).collect();
        fields.sort_by_key(|(offset, _)| *offset);
        let words = con.layout.words() as u64;
        let mut end = words * WORD;
        for (offset, field) in fields.into_iter().rev() {
            let float = self.kind(field) == Kind::Float;
            let field_bytes = if float { WORD / 2 } else { WORD };
            if offset + field_bytes < end {
                // The only fields that don't fill a word fill half of it.
                self.code.op(Bci::PUSH_PAD32, &[]);
                d += WORD / 2;
            }
            match field {
                Atom::Local(var) if float => self.code.op(Bci::PUSH32, &[self.distance(*var, d)]),
                Atom::Lit(lit) if float => self.code.op_lit(Bci::PUSH_UBX32, literal(lit), &[]),
                _ => {
                    self.push(field, d);
                }
            }
            d += field_bytes;
            end = offset;
        }
        self.code.op_lit(Bci::PACK, BcoNPtr::Itbl(con.name.clone()), &[words]);
    }

    fn lets(&mut self, rec: bool, binds: &[Bind], body: &Expr, mut d: u64, s: u64) -> Result<(), LowerError> {
        let mark = self.scope.mark();
        if rec {
            d = self.closures(binds, d)?;
        } else {
            for bind in binds {
                d = match &bind.body {
                    // A constructor that is not recursive needs no thunk.
                    Expr::Con(con, args) if bind.params.is_empty() => {
                        self.con(*con, args, d);
                        self.scope.insert(bind.var, d + WORD, Kind::Lifted);
                        d + WORD
                    }
                    _ => self.closures(std::slice::from_ref(bind), d)?,
                };
            }
        }
        self.expr(body, d, s)?;
        self.scope.reset(mark);
        Ok(())
    }

    /// Leaves thunks and functions on the stack: all are allocated before any is filled, so they may refer to each
    /// other.
    fn closures(&mut self, binds: &[Bind], start: u64) -> Result<u64, LowerError> {
        let free: Vec<Vec<Var>> = binds.iter().map(|bind| free::free_vars(self.program, bind)).collect();
        let mut d = start;
        for (bind, free) in binds.iter().zip(&free) {
            match bind.params.len() as u64 {
                0 => self.code.op(Bci::ALLOC_AP, &[free.len() as u64]),
                arity => self.code.op(Bci::ALLOC_PAP, &[arity, free.len() as u64]),
            }
            d += WORD;
            self.scope.insert(bind.var, d, Kind::Lifted);
        }
        for (i, (bind, free)) in binds.iter().zip(&free).enumerate() {
            let name = format!("{}.{}", self.name, bind.name);
            let (bco, _) = lambda(self.program, &name, free, &bind.params, &bind.body)?;
            let mut top = d;
            for var in free {
                top += self.push(&Atom::Local(*var), top);
            }
            self.code.op_ptr(Bci::PUSH_G, BcoPtr::Bco(Box::new(bco)));
            let fill = if bind.params.is_empty() { Bci::MKAP } else { Bci::MKPAP };
            let size = free.len() as u64;
            // How far under the function and its free variables the closure lies.
            self.code.op(fill, &[(binds.len() - i) as u64 + size, size]);
        }
        Ok(d)
    }
}
