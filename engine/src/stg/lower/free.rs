//! Free variables.

use crate::stg::ir::{Alts, Atom, Bind, Callee, Expr, Kind, Program, Var};
use std::collections::{BTreeSet, HashSet};

/// The free variables of a lambda form that take room, in a fixed order. No two variables share a number, so those
/// that are used and not bound are free.
pub fn free_vars(program: &Program, bind: &Bind) -> Vec<Var> {
    let mut walk = Walk { used: BTreeSet::new(), bound: HashSet::new() };
    walk.bind(bind);
    walk.used.into_iter().filter(|var| !walk.bound.contains(var) && program.kind(*var) != Kind::State).collect()
}

struct Walk {
    used: BTreeSet<Var>,
    bound: HashSet<Var>,
}

impl Walk {
    fn bind(&mut self, bind: &Bind) {
        self.bound.extend(&bind.params);
        self.expr(&bind.body);
    }

    fn atom(&mut self, atom: &Atom) {
        if let Atom::Local(var) = atom {
            self.used.insert(*var);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Atom(atom) | Expr::Unboxed(atom) => self.atom(atom),
            Expr::Con(_, args) | Expr::Call(Callee::Primop(_), args) => args.iter().for_each(|arg| self.atom(arg)),
            Expr::Call(Callee::Atom(callee), args) => {
                self.atom(callee);
                args.iter().for_each(|arg| self.atom(arg));
            }
            Expr::Let { binds, body, .. } => {
                for bind in binds {
                    self.bound.insert(bind.var);
                    self.bind(bind);
                }
                self.expr(body);
            }
            Expr::Case(case) => {
                self.expr(&case.scrutinee);
                self.bound.insert(case.binder);
                match &case.alts {
                    Alts::Default(body) => self.expr(body),
                    Alts::Con(alts, default) => {
                        for (_, fields, body) in alts {
                            self.bound.extend(fields);
                            self.expr(body);
                        }
                        default.iter().for_each(|body| self.expr(body));
                    }
                    Alts::Lit(alts, default) => {
                        alts.iter().for_each(|(_, body)| self.expr(body));
                        self.expr(default);
                    }
                }
            }
        }
    }
}
