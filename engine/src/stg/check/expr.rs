//! Checking atoms, calls and bindings.

use super::*;
use crate::stg::ast::Expr;

impl<'s> Checker<'s> {
    /// Checks an expression that must have the shape `want`.
    pub(super) fn expr(&mut self, expr: &Expr<'s>, want: Shape) -> ir::Expr {
        match expr {
            Expr::App(ast::Atom::Con(con), args) => self.constructor(con, args, want),
            Expr::App(ast::Atom::Var(name), args) => self.application(name, args, want),
            Expr::App(literal, args) => {
                let (atom, kind) = self.atom(literal);
                if !args.is_empty() {
                    self.error(&literal.span(), "a literal is not a function");
                }
                let have = self.shape_of(Wrap::Alone, kind);
                self.fit(have, want, &literal.span());
                ir::Expr::Atom(atom)
            }
            Expr::Unboxed(parts, span) => self.unboxed(parts, span, want),
            Expr::Let { rec: false, binds, body } => self.lets(binds, body, want),
            Expr::Let { rec: true, binds, body } => self.letrec(binds, body, want),
            Expr::Case(case) => self.case(case, want),
        }
    }

    /// Checks an argument.
    pub(super) fn atom(&mut self, atom: &ast::Atom<'s>) -> (Atom, Cell) {
        match atom {
            ast::Atom::Literal(literal, _) => {
                (Atom::Lit(literal.clone()), self.kinds.known(builtin::literal_kind(literal)))
            }
            ast::Atom::Con(name) => {
                let kind = self.kinds.known(Kind::Lifted);
                let Some(con) = self.find_con(name) else { return (Atom::RealWorld, kind) };
                if !self.cons[con.0 as usize].fields.is_empty() {
                    let message = format!("`{}` has fields: an argument must be bound with let first", name.text);
                    self.error(&name.span, message);
                }
                (Atom::Con(con), kind)
            }
            ast::Atom::Var(name) => {
                if let Some(entity) = self.find(name.text) {
                    return (entity.atom, entity.kind);
                }
                if name.text == builtin::REAL_WORLD {
                    return (Atom::RealWorld, self.kinds.known(Kind::State));
                }
                match builtin::find_primop(name.text) {
                    Some(_) => self.error(&name.span, format!("primop `{}` must be called", name.text)),
                    None => self.error(&name.span, format!("unknown name `{}`", name.text)),
                }
                (Atom::RealWorld, self.kinds.unknown())
            }
        }
    }

    pub(super) fn find_con(&mut self, name: &Ident<'s>) -> Option<ConId> {
        let found = self.con_ids.get(name.text).copied();
        if found.is_none() {
            self.error(&name.span, format!("unknown constructor `{}`", name.text));
        }
        found
    }

    fn constructor(&mut self, name: &Ident<'s>, args: &[ast::Atom<'s>], want: Shape) -> ir::Expr {
        let atoms: Vec<(Atom, Cell)> = args.iter().map(|arg| self.atom(arg)).collect();
        let Some(con) = self.find_con(name) else { return ir::Expr::Atom(Atom::RealWorld) };
        let fields = self.cons[con.0 as usize].fields.clone();
        if fields.len() != args.len() {
            self.error(&name.span, wrong_count("constructor", name.text, "field", fields.len(), args.len()));
        }
        for ((arg, field), (_, kind)) in args.iter().zip(&fields).zip(&atoms) {
            let wanted = self.kinds.known(builtin::field_kind(*field));
            self.fit_kind(*kind, wanted, &arg.span());
        }
        let have = self.known_shape(Wrap::Alone, Kind::Lifted);
        self.fit(have, want, &name.span);
        ir::Expr::Con(con, atoms.into_iter().map(|(atom, _)| atom).collect())
    }

    fn application(&mut self, name: &Ident<'s>, args: &[ast::Atom<'s>], want: Shape) -> ir::Expr {
        if self.find(name.text).is_none()
            && let Some(primop) = builtin::find_primop(name.text)
        {
            return self.primop(name, primop, args, want);
        }
        let (callee, kind) = self.atom(&ast::Atom::Var(name.clone()));
        let atoms: Vec<(Atom, Cell)> = args.iter().map(|arg| self.atom(arg)).collect();
        let signature = self.find(name.text).and_then(|entity| entity.signature);
        let lifted = self.kinds.known(Kind::Lifted);
        if !args.is_empty() {
            self.fit_kind(kind, lifted, &name.span);
        }
        match &signature {
            Some(signature) => {
                for ((arg, (_, have)), wanted) in args.iter().zip(&atoms).zip(&signature.params) {
                    self.fit_kind(*have, *wanted, &arg.span());
                }
                let function = self.shape_of(Wrap::Alone, lifted);
                match args.len().cmp(&signature.params.len()) {
                    std::cmp::Ordering::Equal => self.fit(signature.result, want, &name.span),
                    // A partial application is a value.
                    std::cmp::Ordering::Less => self.fit(function, want, &name.span),
                    // The result is a function of the remaining arguments, and what that returns is not known.
                    std::cmp::Ordering::Greater => self.fit(signature.result, function, &name.span),
                }
            }
            None if args.is_empty() => {
                let have = self.shape_of(Wrap::Alone, kind);
                self.fit(have, want, &name.span);
            }
            None => {}
        }
        if args.is_empty() {
            return ir::Expr::Atom(callee);
        }
        ir::Expr::Call(ir::Callee::Atom(callee), atoms.into_iter().map(|(atom, _)| atom).collect())
    }

    fn primop(
        &mut self,
        name: &Ident<'s>,
        primop: &'static bcvm::primop::table::Primop,
        args: &[ast::Atom<'s>],
        want: Shape,
    ) -> ir::Expr {
        let atoms: Vec<(Atom, Cell)> = args.iter().map(|arg| self.atom(arg)).collect();
        if primop.arity() as usize != args.len() {
            let message = wrong_count("primop", name.text, "argument", primop.arity() as usize, args.len());
            self.error(&name.span, message);
        }
        for ((arg, (_, kind)), rep) in args.iter().zip(&atoms).zip(primop.args()) {
            self.later.push((*kind, Later::Rep(rep, primop.name), arg.span()));
        }
        let have = match builtin::answer(primop) {
            Answer::Value(kind) => Some((Wrap::Alone, kind)),
            Answer::Unboxed1(kind) => Some((Wrap::Unboxed1, kind)),
            Answer::Unboxed2(kind) => Some((Wrap::Unboxed2, kind)),
            Answer::Never => None,
        };
        if let Some((wrap, kind)) = have {
            let have = self.known_shape(wrap, kind);
            self.fit(have, want, &name.span);
        }
        let atoms = atoms.into_iter().map(|(atom, _)| atom).collect();
        ir::Expr::Call(ir::Callee::Primop(primop.name), atoms)
    }

    fn unboxed(&mut self, parts: &[ast::Atom<'s>], span: &Span, want: Shape) -> ir::Expr {
        let atoms: Vec<(Atom, Cell)> = parts.iter().map(|part| self.atom(part)).collect();
        let (wrap, value) = match &atoms[..] {
            [value] => (Wrap::Unboxed1, value),
            [(_, state), value] => {
                let wanted = self.kinds.known(Kind::State);
                self.fit_kind(*state, wanted, &parts[0].span());
                (Wrap::Unboxed2, value)
            }
            _ => {
                self.error(span, "byte code returns one value: an unboxed tuple is `(# x #)` or `(# s, x #)`");
                return ir::Expr::Atom(Atom::RealWorld);
            }
        };
        self.later.push((value.1, Later::NotState, span.clone()));
        let have = self.shape_of(wrap, value.1);
        self.fit(have, want, span);
        ir::Expr::Unboxed(value.0.clone())
    }

    /// Bindings that see only those before them.
    fn lets(&mut self, binds: &[ast::Bind<'s>], body: &Expr<'s>, want: Shape) -> ir::Expr {
        let mut done = Vec::with_capacity(binds.len());
        for bind in binds {
            let (var, entity) = self.local(bind);
            done.push(self.rhs(bind, var, &entity));
            self.bind_entity(&bind.name, entity);
        }
        let body = Box::new(self.expr(body, want));
        self.unbind(binds.iter().map(|bind| &bind.name));
        ir::Expr::Let { rec: false, binds: done, body }
    }

    /// Bindings that see each other.
    fn letrec(&mut self, binds: &[ast::Bind<'s>], body: &Expr<'s>, want: Shape) -> ir::Expr {
        self.distinct(binds.iter().map(|bind| &bind.name));
        let locals: Vec<(Var, Entity)> = binds.iter().map(|bind| self.local(bind)).collect();
        for (bind, (_, entity)) in binds.iter().zip(&locals) {
            self.bind_entity(&bind.name, entity.clone());
        }
        let done = binds.iter().zip(&locals).map(|(bind, (var, entity))| self.rhs(bind, *var, entity)).collect();
        let body = Box::new(self.expr(body, want));
        self.unbind(binds.iter().map(|bind| &bind.name));
        ir::Expr::Let { rec: true, binds: done, body }
    }

    fn local(&mut self, bind: &ast::Bind<'s>) -> (Var, Entity) {
        let kind = self.kinds.known(Kind::Lifted);
        let var = self.new_var(kind);
        (var, self.bound(bind, Atom::Local(var)))
    }

    fn rhs(&mut self, bind: &ast::Bind<'s>, var: Var, entity: &Entity) -> ir::Bind {
        let (params, body) = self.lambda(bind, entity.signature.as_deref());
        ir::Bind { var, name: bind.name.text.into(), params, body }
    }
}

/// Says that something has the wrong number of arguments or fields.
pub(super) fn wrong_count(what: &str, name: &str, of: &str, wanted: usize, got: usize) -> String {
    let plural = if wanted == 1 { "" } else { "s" };
    format!("{what} `{name}` has {wanted} {of}{plural}, but {got} stand here")
}
