//! Names are resolved and representations inferred: a module becomes an `ir::Program`, or a list of errors.
//!
//! Byte code trusts the front end: a word returned to a frame that awaits a pointer is followed by the collector.
//! So every value's [`Kind`] is decided here; see Note [Representations are inferred]. What stays unchecked is what
//! only types could tell: fields of an unknown function's result, one unlifted pointer type from another.
//
// Note [Representations are inferred]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Parameters and fields have the kind they are declared with, lifted by default, and what `let` binds is lifted.
// The results of functions are not declared: each function has a *shape*, the kind of its result and whether it comes
// alone, as `(# x #)` or as `(# s, x #)`. A call in tail position makes the callee's shape the caller's; a case makes
// its scrutinee's shape that of its patterns. Shapes are unified, so one pass in any order suffices. A call of an
// unknown function may have any shape: its context decides, and where nothing does, it is one lifted value.

use super::ast::{self, Ident, Module};
use super::builtin::{self, Answer, TypeOf};
use super::diagnostic::{Diagnostic, Span};
use super::ir::{self, Atom, ConId, Kind, Var};
use super::parse::MAX_ERRORS;
use crate::unlinked::constructor::{Constructor, Field, Layout};
use crate::unlinked::name::Name;
use cells::{Cell, Cells};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

mod case;
mod cells;
mod expr;

/// The binding whose value a program is.
pub const MAIN: &str = "main";

/// What runs `main` if it is an action: a name that no program can write.
const RUN_MAIN: &str = "$main";

/// How many values come with a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrap {
    /// It comes alone.
    Alone,
    /// `(# x #)`
    Unboxed1,
    /// `(# s, x #)`
    Unboxed2,
}

/// What an expression returns.
#[derive(Clone, Copy, Debug)]
struct Shape {
    wrap: Cell,
    kind: Cell,
}

/// What a name stands for.
#[derive(Clone)]
struct Entity {
    atom: Atom,
    kind: Cell,
    /// Of a name that is known to be a function.
    signature: Option<Rc<Signature>>,
}

/// What is known of a function.
struct Signature {
    params: Vec<Cell>,
    result: Shape,
}

/// Something to check when all kinds are known.
enum Later {
    /// A primop wants an argument of this representation.
    Rep(bcvm::primop::table::Rep, &'static str),
    /// The value of an unboxed tuple is none.
    NotState,
}

struct Checker<'s> {
    con_ids: HashMap<&'s str, ConId>,
    cons: Vec<ConInfo<'s>>,
    globals: HashMap<&'s str, Entity>,
    locals: HashMap<&'s str, Vec<Entity>>,
    kinds: Cells<Kind>,
    wraps: Cells<Wrap>,
    vars: Vec<Cell>,
    frames: Vec<Shape>,
    later: Vec<(Cell, Later, Span)>,
    errors: Vec<Diagnostic>,
}

/// What is known of a constructor.
struct ConInfo<'s> {
    text: &'s str,
    con: ir::Con,
    fields: Vec<Field>,
    /// The first constructor of its type.
    first: ConId,
}

/// Checks a module.
pub fn check(module: &Module) -> Result<ir::Program, Vec<Diagnostic>> {
    let mut checker = Checker {
        con_ids: HashMap::new(),
        cons: Vec::new(),
        globals: HashMap::new(),
        locals: HashMap::new(),
        kinds: Cells::new(),
        wraps: Cells::new(),
        vars: Vec::new(),
        frames: Vec::new(),
        later: Vec::new(),
        errors: Vec::new(),
    };
    checker.builtin_constructors();
    let declared = checker.declare_constructors(module);
    checker.declare_globals(module);
    let mut globals: Vec<ir::Global> = module.binds.iter().map(|bind| checker.global(bind)).collect();
    let entry = checker.entry(module, &mut globals);
    checker.finish_kinds();
    if !checker.errors.is_empty() {
        checker.errors.truncate(MAX_ERRORS);
        return Err(checker.errors);
    }
    let frames = checker.frames.clone().into_iter().map(|shape| checker.frame(shape)).collect();
    let kinds = checker.vars.clone().into_iter().map(|cell| checker.kind_of(cell)).collect();
    let cons = checker.cons.into_iter().map(|info| info.con).collect();
    Ok(ir::Program { cons, declared, globals, entry, kinds, frames })
}

impl<'s> Checker<'s> {
    fn error(&mut self, span: &Span, message: impl Into<String>) {
        self.errors.push(Diagnostic::new(span.clone(), message));
    }

    fn builtin_constructors(&mut self) {
        for builtin in builtin::CONSTRUCTORS {
            let id = ConId(self.cons.len() as u32);
            self.con_ids.insert(builtin.name, id);
            self.cons.push(ConInfo {
                text: builtin.name,
                con: ir::Con {
                    name: builtin.linker_name(),
                    tag: builtin.tag,
                    family: builtin.family,
                    layout: Layout::of(builtin.fields),
                },
                fields: builtin.fields.to_vec(),
                first: ConId(id.0 - builtin.tag),
            });
        }
    }

    fn declare_constructors(&mut self, module: &Module<'s>) -> Vec<Constructor> {
        let mut declared = Vec::new();
        for data in &module.datas {
            let first = ConId(self.cons.len() as u32);
            for (tag, decl) in data.iter().enumerate() {
                let id = ConId(self.cons.len() as u32);
                if self.con_ids.insert(decl.name.text, id).is_some() {
                    self.error(&decl.name.span, format!("constructor `{}` is defined already", decl.name.text));
                }
                let fields: Vec<Field> = decl.fields.iter().map(|ty| self.field(ty)).collect();
                let (tag, family) = (tag as u32, data.len() as u32);
                let layout = Layout::of(&fields);
                if layout.words() > u16::MAX as u32 {
                    self.error(&decl.name.span, "a constructor has at most 65,535 words of fields");
                }
                declared.push(Constructor { name: decl.name.text.into(), tag, fields: fields.clone() });
                let con = ir::Con { name: Name::internal(decl.name.text), tag, family, layout };
                self.cons.push(ConInfo { text: decl.name.text, con, fields, first });
            }
        }
        declared
    }

    fn type_of(&mut self, ty: &ast::Type) -> TypeOf {
        match ty.head.as_ref().map(|head| builtin::type_field(head.text)) {
            Some(Ok(known)) => known,
            Some(Err(message)) => {
                self.error(&ty.span, message);
                TypeOf::Field(Field::Lifted)
            }
            None => TypeOf::Field(Field::Lifted),
        }
    }

    fn field(&mut self, ty: &ast::Type) -> Field {
        match self.type_of(ty) {
            TypeOf::Field(field) => field,
            TypeOf::State => {
                self.error(&ty.span, "State# can't be a field");
                Field::Lifted
            }
        }
    }

    fn declare_globals(&mut self, module: &Module<'s>) {
        for bind in &module.binds {
            let name = &bind.name;
            if builtin::find_primop(name.text).is_some() || name.text == builtin::REAL_WORLD {
                self.error(&name.span, format!("`{}` is a primop", name.text));
            } else if name.text == "_" {
                self.error(&name.span, "a definition needs a name");
            }
            let entity = self.bound(bind, Atom::Global(name.text.into()));
            if self.globals.insert(name.text, entity).is_some() {
                self.error(&name.span, format!("`{}` is defined already", name.text));
            }
        }
    }

    /// What a binding's name stands for.
    fn bound(&mut self, bind: &ast::Bind<'s>, atom: Atom) -> Entity {
        let kind = self.kinds.known(Kind::Lifted);
        let signature = (!bind.params.is_empty()).then(|| {
            let params = bind.params.iter().map(|param| self.binder_kind(param)).collect();
            Rc::new(Signature { params, result: self.unknown_shape() })
        });
        Entity { atom, kind, signature }
    }

    /// The kind a parameter is declared with.
    fn binder_kind(&mut self, binder: &ast::Binder) -> Cell {
        let kind = binder.ty.as_ref().map_or(Kind::Lifted, |ty| self.type_of(ty).kind());
        self.kinds.known(kind)
    }

    fn global(&mut self, bind: &ast::Bind<'s>) -> ir::Global {
        let signature = self.globals.get(bind.name.text).and_then(|entity| entity.signature.clone());
        let (params, body) = self.lambda(bind, signature.as_deref());
        ir::Global { name: bind.name.text.into(), params, body }
    }

    /// The parameters and body of a lambda form whose signature is known.
    fn lambda(&mut self, bind: &ast::Bind<'s>, signature: Option<&Signature>) -> (Vec<Var>, ir::Expr) {
        let want = match signature {
            Some(signature) => signature.result,
            None => self.known_shape(Wrap::Alone, Kind::Lifted),
        };
        self.distinct(bind.params.iter().map(|param| &param.name));
        let mut params = Vec::new();
        for (i, param) in bind.params.iter().enumerate() {
            // Of two definitions of one name, the second one's parameters may not fit the signature.
            let kind = match signature.and_then(|signature| signature.params.get(i)) {
                Some(kind) => *kind,
                None => self.kinds.unknown(),
            };
            params.push(self.bind_var(&param.name, kind));
        }
        let body = self.expr(&bind.body, want);
        self.unbind(bind.params.iter().map(|param| &param.name));
        (params, body)
    }

    /// The program's entry; if `main` is an action, a binding that runs it.
    fn entry(&mut self, module: &Module<'s>, globals: &mut Vec<ir::Global>) -> String {
        let Some(main) = module.binds.iter().find(|bind| bind.name.text == MAIN) else {
            self.error(&(0..0), "the program defines no `main`");
            return MAIN.into();
        };
        let Some(signature) = self.globals[MAIN].signature.clone() else { return MAIN.into() };
        let (kind, wrap) = (self.kind_of(signature.result.kind), self.wrap_of(signature.result.wrap));
        let action = signature.params.len() == 1 && self.kinds.get(signature.params[0]) == Some(Kind::State);
        let result = match (wrap, kind) {
            _ if !action => {
                self.error(&main.name.span, "`main` is a value or takes one State#");
                return MAIN.into();
            }
            (Wrap::Unboxed2, Kind::Lifted) => None,
            (Wrap::Alone, Kind::State) => Some(self.con_ids["()"]),
            _ => {
                self.error(&main.name.span, "`main` must return `(# s, x #)` with a lifted x, or a State#");
                return MAIN.into();
            }
        };
        let binder = self.new_var(signature.result.kind);
        let frame = self.new_frame(signature.result);
        let rest = result.map_or(Atom::Local(binder), Atom::Con);
        let run = ir::Case {
            scrutinee: ir::Expr::Call(ir::Callee::Atom(Atom::Global(MAIN.into())), vec![Atom::RealWorld]),
            binder,
            frame,
            alts: ir::Alts::Default(ir::Expr::Atom(rest)),
        };
        globals.push(ir::Global { name: RUN_MAIN.into(), params: vec![], body: ir::Expr::Case(Box::new(run)) });
        RUN_MAIN.into()
    }

    /// Checks what had to wait until all kinds are known.
    fn finish_kinds(&mut self) {
        for (cell, later, span) in std::mem::take(&mut self.later) {
            let kind = self.kind_of(cell);
            match later {
                Later::Rep(rep, primop) if kind.rep() != rep => {
                    let wanted = match rep {
                        bcvm::primop::table::Rep::P => "a pointer".into(),
                        bcvm::primop::table::Rep::N => Kind::Word.to_string(),
                        bcvm::primop::table::Rep::F => Kind::Float.to_string(),
                        bcvm::primop::table::Rep::D => Kind::Double.to_string(),
                        bcvm::primop::table::Rep::V => Kind::State.to_string(),
                    };
                    self.error(&span, format!("this is {kind}, but `{primop}` wants {wanted} here"));
                }
                Later::NotState if kind == Kind::State => {
                    self.error(&span, "an unboxed tuple has one value beside the State#, and that is none");
                }
                _ => {}
            }
        }
    }

    /// A kind, lifted where nothing says otherwise.
    fn kind_of(&mut self, cell: Cell) -> Kind {
        self.kinds.get(cell).unwrap_or(Kind::Lifted)
    }

    fn wrap_of(&mut self, cell: Cell) -> Wrap {
        self.wraps.get(cell).unwrap_or(Wrap::Alone)
    }

    fn frame(&mut self, shape: Shape) -> ir::Frame {
        match (self.wrap_of(shape.wrap), self.kind_of(shape.kind)) {
            (Wrap::Alone, Kind::Lifted) => ir::Frame::Evaluated,
            (_, kind) => ir::Frame::Unlifted(kind.rep()),
        }
    }

    fn unknown_shape(&mut self) -> Shape {
        Shape { wrap: self.wraps.unknown(), kind: self.kinds.unknown() }
    }

    fn known_shape(&mut self, wrap: Wrap, kind: Kind) -> Shape {
        Shape { wrap: self.wraps.known(wrap), kind: self.kinds.known(kind) }
    }

    fn shape_of(&mut self, wrap: Wrap, kind: Cell) -> Shape {
        Shape { wrap: self.wraps.known(wrap), kind }
    }

    /// What is at `span` has one shape and its context wants another: they must be the same.
    fn fit(&mut self, have: Shape, want: Shape, span: &Span) {
        let words = |wrap| match wrap {
            Wrap::Alone => "a value by itself",
            Wrap::Unboxed1 => "an unboxed tuple `(# x #)`",
            Wrap::Unboxed2 => "an unboxed tuple `(# s, x #)`",
        };
        if let Err(cells::Conflict(have, want)) = self.wraps.unify(have.wrap, want.wrap) {
            self.error(span, format!("this is {}, but {} is needed", words(have), words(want)));
        } else {
            self.fit_kind(have.kind, want.kind, span);
        }
    }

    fn fit_kind(&mut self, have: Cell, want: Cell, span: &Span) {
        if let Err(cells::Conflict(have, want)) = self.kinds.unify(have, want) {
            self.error(span, format!("this is {have}, but {want} is needed"));
        }
    }

    fn new_var(&mut self, kind: Cell) -> Var {
        self.vars.push(kind);
        Var(self.vars.len() as u32 - 1)
    }

    fn new_frame(&mut self, shape: Shape) -> ir::FrameId {
        self.frames.push(shape);
        ir::FrameId(self.frames.len() as u32 - 1)
    }

    fn bind_entity(&mut self, name: &Ident<'s>, entity: Entity) {
        self.locals.entry(name.text).or_default().push(entity);
    }

    fn bind_var(&mut self, name: &Ident<'s>, kind: Cell) -> Var {
        let var = self.new_var(kind);
        self.bind_entity(name, Entity { atom: Atom::Local(var), kind, signature: None });
        var
    }

    /// Takes back the innermost bindings of these names.
    fn unbind<'a>(&mut self, names: impl Iterator<Item = &'a Ident<'s>>)
    where
        's: 'a,
    {
        for name in names {
            self.locals.get_mut(name.text).map(Vec::pop);
        }
    }

    /// Reports names that are bound twice at once.
    fn distinct<'a>(&mut self, names: impl Iterator<Item = &'a Ident<'s>>)
    where
        's: 'a,
    {
        let mut seen = HashSet::new();
        for name in names {
            if name.text != "_" && !seen.insert(name.text) {
                self.error(&name.span, format!("`{}` is bound twice here", name.text));
            }
        }
    }

    fn find(&self, name: &str) -> Option<Entity> {
        let local = self.locals.get(name).and_then(|entities| entities.last());
        local.or_else(|| self.globals.get(name)).filter(|_| name != "_").cloned()
    }
}

#[cfg(test)]
mod tests;
