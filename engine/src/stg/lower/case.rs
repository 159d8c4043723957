//! Lowering case: the continuation, and the tests that choose among alternatives.

use super::*;
use crate::stg::ir::{Alts, Case, ConId, Frame};
use crate::unlinked::asm::Label;
use bcvm::primop::table::Rep;

/// An alternative that is chosen by a test.
enum Way<'a> {
    Con(ConId, &'a [Var], &'a Expr),
    Lit(&'a Lit, &'a Expr),
}

/// What is known where alternatives begin.
#[derive(Clone, Copy)]
struct Entry {
    d: u64,
    s: u64,
    /// Where to go when no test holds.
    default: Option<Label>,
}

impl Lowerer<'_> {
    /// `doCase`: pushes the continuation, then lowers the scrutinee with it as sequel.
    pub(super) fn case(&mut self, case: &Case, d: u64, s: u64) -> Result<(), LowerError> {
        let kind = self.program.kind(case.binder);
        let frame = self.program.frame(case.frame);
        let continuation = d + 2 * WORD;
        let value = continuation + bytes(kind);
        // An unlifted value comes back under the info pointer that says what it is.
        let entry = match frame {
            Frame::Evaluated => value,
            Frame::Unlifted(_) => value + WORD,
        };
        let non_pointers = self.scope.non_pointers(d, s);
        let mark = self.scope.mark();
        self.scope.insert(case.binder, value, kind);
        let outer = std::mem::take(&mut self.code);
        self.alts(&case.alts, entry, s)?;
        let code = std::mem::replace(&mut self.code, outer);
        self.scope.reset(mark);
        let name = format!("{}.alts", self.name);
        let (alts, words) = code.finish(name, 0, non_pointers, emit::Role::Continuation)?;
        let push = match frame {
            Frame::Evaluated => Bci::PUSH_ALTS,
            Frame::Unlifted(Rep::P) => Bci::PUSH_ALTS_P,
            Frame::Unlifted(Rep::N) => Bci::PUSH_ALTS_N,
            Frame::Unlifted(Rep::F) => Bci::PUSH_ALTS_F,
            Frame::Unlifted(Rep::D) => Bci::PUSH_ALTS_D,
            Frame::Unlifted(Rep::V) => Bci::PUSH_ALTS_V,
        };
        self.code.push_alts(push, alts, words);
        self.expr(&case.scrutinee, continuation, continuation)
    }

    fn alts(&mut self, alts: &Alts, d: u64, s: u64) -> Result<(), LowerError> {
        match alts {
            Alts::Default(body) => self.expr(body, d, s),
            Alts::Con(alts, default) => {
                let mut ways: Vec<Way> = alts.iter().map(|(con, vars, body)| Way::Con(*con, vars, body)).collect();
                ways.sort_by_key(|way| self.tag(way));
                let family = match alts.first() {
                    Some((con, ..)) => self.program.con(*con).family,
                    None => 1,
                };
                self.ways(&ways, (0, family - 1), default.as_ref(), d, s)
            }
            Alts::Lit(alts, default) => {
                let mut ways: Vec<Way> = alts.iter().map(|(lit, body)| Way::Lit(lit, body)).collect();
                ways.sort_by(|a, b| order(a, b));
                self.ways(&ways, (0, u32::MAX), Some(default), d, s)
            }
        }
    }

    fn tag(&self, way: &Way) -> u32 {
        match way {
            Way::Con(con, ..) => self.program.con(*con).tag,
            Way::Lit(..) => 0,
        }
    }

    /// `mkMultiBranch`: tests, the alternatives in their leaves, then the default.
    fn ways(
        &mut self,
        ways: &[Way],
        range: (u32, u32),
        default: Option<&Expr>,
        d: u64,
        s: u64,
    ) -> Result<(), LowerError> {
        let label = default.map(|_| self.code.label());
        self.tests(ways, range, Entry { d, s, default: label })?;
        if let (Some(label), Some(default)) = (label, default) {
            self.code.place(label);
            self.expr(default, d, s)?;
        }
        Ok(())
    }

    /// A binary tree of tests. `range` holds the constructor numbers that may still arrive.
    fn tests(&mut self, ways: &[Way], range: (u32, u32), entry: Entry) -> Result<(), LowerError> {
        if let [way] = ways {
            match entry.default {
                Some(fail) if range.0 != range.1 => self.test(way, fail, true),
                // Nothing else can arrive.
                _ => {}
            }
            return self.leaf(way, entry);
        }
        let (low, high) = ways.split_at(ways.len() / 2);
        let Some(middle) = high.first() else { return Ok(()) };
        let not_less = self.code.label();
        self.test(middle, not_less, false);
        let (low_range, high_range) = match middle {
            Way::Con(..) => ((range.0, self.tag(middle) - 1), (self.tag(middle), range.1)),
            Way::Lit(..) => (range, range),
        };
        self.tests(low, low_range, entry)?;
        self.code.place(not_less);
        self.tests(high, high_range, entry)
    }

    /// Jumps unless the value is that of `way`, or unless it is less.
    fn test(&mut self, way: &Way, fail: Label, equal: bool) {
        let choose = |eq, lt| if equal { eq } else { lt };
        match way {
            Way::Con(con, ..) => {
                let tag = Operand::Word(self.program.con(*con).tag as u64);
                self.code.test(choose(Bci::TESTEQ_P, Bci::TESTLT_P), tag, fail);
            }
            Way::Lit(lit, _) => {
                let op = match lit {
                    Lit::Int(_) | Lit::Char(_) => choose(Bci::TESTEQ_I, Bci::TESTLT_I),
                    Lit::Word(_) | Lit::String(_) => choose(Bci::TESTEQ_W, Bci::TESTLT_W),
                    Lit::Float(_) => choose(Bci::TESTEQ_F, Bci::TESTLT_F),
                    Lit::Double(_) => choose(Bci::TESTEQ_D, Bci::TESTLT_D),
                };
                self.code.test(op, Operand::Lit(literal(lit)), fail);
            }
        }
    }

    /// The alternative itself; a constructor's fields are unpacked onto the stack.
    fn leaf(&mut self, way: &Way, entry: Entry) -> Result<(), LowerError> {
        match *way {
            Way::Lit(_, body) => self.expr(body, entry.d, entry.s),
            Way::Con(_, [], body) => self.expr(body, entry.d, entry.s),
            Way::Con(con, fields, body) => {
                let layout = &self.program.con(con).layout;
                let d = entry.d + layout.words() as u64 * WORD;
                self.code.op(Bci::UNPACK, &[layout.words() as u64]);
                let mark = self.scope.mark();
                for (var, offset) in fields.iter().zip(&layout.offsets) {
                    self.scope.insert(*var, d - *offset as u64, self.program.kind(*var));
                }
                self.expr(body, d, entry.s)?;
                self.scope.reset(mark);
                Ok(())
            }
        }
    }
}

/// The order in which the tests see literals.
fn order(a: &Way, b: &Way) -> std::cmp::Ordering {
    match (a, b) {
        (Way::Lit(Lit::Int(a), _), Way::Lit(Lit::Int(b), _)) => a.cmp(b),
        (Way::Lit(Lit::Word(a), _), Way::Lit(Lit::Word(b), _)) => a.cmp(b),
        (Way::Lit(Lit::Char(a), _), Way::Lit(Lit::Char(b), _)) => a.cmp(b),
        (Way::Lit(Lit::Float(a), _), Way::Lit(Lit::Float(b), _)) => a.total_cmp(b),
        (Way::Lit(Lit::Double(a), _), Way::Lit(Lit::Double(b), _)) => a.total_cmp(b),
        _ => std::cmp::Ordering::Equal,
    }
}
