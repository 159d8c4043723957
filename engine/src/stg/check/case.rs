//! Checking case expressions and their alternatives.

use super::expr::wrong_count;
use super::*;
use crate::stg::ast::{Alt, Binder, Case, Pattern};

impl<'s> Checker<'s> {
    pub(super) fn case(&mut self, case: &Case<'s>, want: Shape) -> ir::Expr {
        let shape = self.unknown_shape();
        let scrutinee = self.expr(&case.scrutinee, shape);
        let binder = self.new_var(shape.kind);
        let frame = self.new_frame(shape);
        if let Some(name) = &case.binder {
            self.scrutinee_is(shape, Wrap::Alone, &name.name.span);
            self.bind_scrutinee(name, binder, shape);
        }
        let alts = match &case.alts[..] {
            [Alt { pattern: Pattern::Unboxed(parts, span), body }] => {
                if case.binder.is_some() {
                    self.error(span, "an unboxed tuple has no name");
                }
                self.unboxed_alt(parts, span, body, binder, shape, want)
            }
            alts => {
                self.scrutinee_is(shape, Wrap::Alone, &alts[0].pattern.span());
                self.alts(case, alts, binder, shape, want)
            }
        };
        if let Some(name) = &case.binder {
            self.unbind(std::iter::once(&name.name));
        }
        ir::Expr::Case(Box::new(ir::Case { scrutinee, binder, frame, alts }))
    }

    fn scrutinee_is(&mut self, shape: Shape, wrap: Wrap, span: &Span) {
        let want = self.shape_of(wrap, shape.kind);
        self.fit(shape, want, span);
    }

    /// Gives the scrutinee's value a name.
    fn bind_scrutinee(&mut self, name: &Binder<'s>, var: Var, shape: Shape) {
        if name.ty.is_some() {
            let declared = self.binder_kind(name);
            self.fit_kind(shape.kind, declared, &name.name.span);
        }
        self.bind_entity(&name.name, Entity { atom: Atom::Local(var), kind: shape.kind, signature: None });
    }

    fn unboxed_alt(
        &mut self,
        parts: &[Binder<'s>],
        span: &Span,
        body: &ast::Expr<'s>,
        binder: Var,
        shape: Shape,
        want: Shape,
    ) -> ir::Alts {
        self.distinct(parts.iter().map(|part| &part.name));
        match parts {
            [value] => {
                self.scrutinee_is(shape, Wrap::Unboxed1, span);
                self.bind_scrutinee(value, binder, shape);
            }
            [state, value] => {
                self.scrutinee_is(shape, Wrap::Unboxed2, span);
                let token = self.kinds.known(Kind::State);
                self.bind_var(&state.name, token);
                if state.ty.is_some() {
                    let declared = self.binder_kind(state);
                    self.fit_kind(token, declared, &state.name.span);
                }
                self.bind_scrutinee(value, binder, shape);
            }
            _ => {
                self.error(span, "byte code returns one value: an unboxed tuple is `(# x #)` or `(# s, x #)`");
                return ir::Alts::Default(ir::Expr::Atom(Atom::RealWorld));
            }
        }
        self.later.push((shape.kind, Later::NotState, span.clone()));
        let body = self.expr(body, want);
        self.unbind(parts.iter().map(|part| &part.name));
        ir::Alts::Default(body)
    }

    fn alts(&mut self, case: &Case<'s>, alts: &[Alt<'s>], binder: Var, shape: Shape, want: Shape) -> ir::Alts {
        let mut cons: Vec<(ConId, Vec<Var>, ir::Expr)> = Vec::new();
        let mut lits: Vec<(ir::Lit, ir::Expr)> = Vec::new();
        let mut default = None;
        let mut seen = HashSet::new();
        for alt in alts {
            let span = alt.pattern.span();
            if default.is_some() {
                self.error(&span, "this alternative comes behind one that matches anything");
            }
            match &alt.pattern {
                Pattern::Binder(name) => {
                    self.bind_scrutinee(name, binder, shape);
                    default = Some(self.expr(&alt.body, want));
                    self.unbind(std::iter::once(&name.name));
                }
                Pattern::Con(name, fields) => {
                    let lifted = self.kinds.known(Kind::Lifted);
                    self.fit_kind(shape.kind, lifted, &span);
                    if let Some((con, vars, body)) = self.con_alt(name, fields, &alt.body, want) {
                        self.check_con(con, cons.first().map(|(first, ..)| *first), seen.insert(con.0 as u64), &span);
                        cons.push((con, vars, body));
                    }
                }
                Pattern::Literal(literal, _) => {
                    let kind = self.kinds.known(builtin::literal_kind(literal));
                    self.fit_kind(shape.kind, kind, &span);
                    self.check_literal(
                        literal,
                        lits.first().map(|(first, _)| first),
                        seen.insert(bits(literal)),
                        &span,
                    );
                    lits.push((literal.clone(), self.expr(&alt.body, want)));
                }
                Pattern::Unboxed(..) => self.error(&span, "an unboxed tuple is the only alternative of its case"),
            }
        }
        match default {
            Some(default) if lits.is_empty() && cons.is_empty() => ir::Alts::Default(default),
            default if lits.is_empty() => {
                if default.is_none() {
                    self.check_exhaustive(&cons, &case.span);
                }
                ir::Alts::Con(cons, default)
            }
            _ if !cons.is_empty() => {
                self.error(&case.span, "the alternatives are constructors and literals");
                ir::Alts::Default(ir::Expr::Atom(Atom::RealWorld))
            }
            Some(default) => ir::Alts::Lit(lits, default),
            None => {
                self.error(&case.span, "a case on literals needs an alternative for all others, `_ -> …`");
                ir::Alts::Default(ir::Expr::Atom(Atom::RealWorld))
            }
        }
    }

    fn con_alt(
        &mut self,
        name: &Ident<'s>,
        fields: &[Binder<'s>],
        body: &ast::Expr<'s>,
        want: Shape,
    ) -> Option<(ConId, Vec<Var>, ir::Expr)> {
        let con = self.find_con(name)?;
        let declared = self.cons[con.0 as usize].fields.clone();
        if declared.len() != fields.len() {
            self.error(&name.span, wrong_count("constructor", name.text, "field", declared.len(), fields.len()));
            return None;
        }
        self.distinct(fields.iter().map(|field| &field.name));
        let mut vars = Vec::with_capacity(fields.len());
        for (name, field) in fields.iter().zip(declared) {
            let kind = self.kinds.known(builtin::field_kind(field));
            if name.ty.is_some() {
                let wanted = self.binder_kind(name);
                self.fit_kind(kind, wanted, &name.name.span);
            }
            vars.push(self.bind_var(&name.name, kind));
        }
        let body = self.expr(body, want);
        self.unbind(fields.iter().map(|field| &field.name));
        Some((con, vars, body))
    }

    /// A constructor that comes twice, or is of another type than the first one.
    fn check_con(&mut self, con: ConId, first: Option<ConId>, new: bool, span: &Span) {
        let info = |con: ConId| &self.cons[con.0 as usize];
        match first {
            Some(first) if info(first).first != info(con).first => {
                let message = format!("`{}` and `{}` are of different types", info(first).text, info(con).text);
                self.error(span, message);
            }
            _ if !new => {
                let message = format!("`{}` comes twice", info(con).text);
                self.error(span, message);
            }
            _ => {}
        }
    }

    /// A literal that comes twice, or is of another type than the first one.
    fn check_literal(&mut self, lit: &ir::Lit, first: Option<&ir::Lit>, new: bool, span: &Span) {
        if matches!(lit, ir::Lit::String(_)) {
            self.error(span, "a string is an address, which is no pattern");
        } else if first.is_some_and(|first| std::mem::discriminant(first) != std::mem::discriminant(lit)) {
            self.error(span, "the alternatives are literals of different types");
        } else if !new {
            self.error(span, "this literal comes twice");
        }
    }

    fn check_exhaustive(&mut self, cons: &[(ConId, Vec<Var>, ir::Expr)], span: &Span) {
        let Some((ConId(some), ..)) = cons.first() else { return };
        let info = &self.cons[*some as usize];
        let all = (info.first.0..info.first.0 + info.con.family).map(ConId);
        let present: HashSet<ConId> = cons.iter().map(|(con, ..)| *con).collect();
        let missing: Vec<String> = all
            .filter(|con| !present.contains(con))
            .map(|con| format!("`{}`", self.cons[con.0 as usize].text))
            .collect();
        if !missing.is_empty() {
            self.error(span, format!("no alternative for {}", missing.join(", ")));
        }
    }
}

/// A number that two literals of one type share if they are equal. The two zeros are.
fn bits(lit: &ir::Lit) -> u64 {
    match lit {
        ir::Lit::Int(n) => *n as u64,
        ir::Lit::Word(n) => *n,
        ir::Lit::Char(c) => *c as u64,
        ir::Lit::Float(x) => (*x + 0.0).to_bits() as u64,
        ir::Lit::Double(x) => (*x + 0.0).to_bits(),
        ir::Lit::String(_) => 0,
    }
}
