//! Random programs whose values are known: made together with their value, run on GHC's own server.
//!
//! They mix representations on the stack, in constructors, as arguments and as free variables, which is where a
//! wrong offset or bitmap shows. Every number stays small enough to be exact in a Float#.

mod ghc_iserv;

use bcvm_engine::show::{Bounds, show};
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;
use ghc_iserv::GhcIserv;

/// Programs in a run; each is a function of the same source.
const PROGRAMS: usize = 150;

/// Runs, each with its own seed.
const SEEDS: std::ops::Range<u64> = 0..6;

#[derive(Clone, Copy, PartialEq)]
enum Rep {
    Int,
    Double,
    Float,
    Boxed,
}

const REPS: [Rep; 4] = [Rep::Int, Rep::Double, Rep::Float, Rep::Boxed];

impl Rep {
    fn ty(self) -> &'static str {
        match self {
            Rep::Int => "Int#",
            Rep::Double => "Double#",
            Rep::Float => "Float#",
            Rep::Boxed => "Int",
        }
    }
}

/// A variable in scope: its name, how it is represented, the number it holds.
type Var = (String, Rep, i64);

struct Gen {
    state: u64,
    names: usize,
}

impl Gen {
    /// Uniform below `n` (splitmix64).
    fn below(&mut self, n: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn rep(&mut self) -> Rep {
        REPS[self.below(REPS.len())]
    }

    fn vars(&mut self, scope: &[Var], rep: Rep) -> Option<(String, i64)> {
        let fitting: Vec<&Var> = scope.iter().filter(|(_, r, _)| *r == rep).collect();
        if fitting.is_empty() {
            return None;
        }
        let (name, _, value) = fitting[self.below(fitting.len())];
        Some((name.clone(), *value))
    }

    /// An argument, of a variable if there is one; nothing for boxed values without a variable.
    fn atom(&mut self, scope: &[Var], rep: Rep) -> Option<(String, i64)> {
        if self.below(4) > 0
            && let Some(var) = self.vars(scope, rep)
        {
            return Some(var);
        }
        let n = self.below(40) as i64 - 20;
        match rep {
            Rep::Int => Some((format!("{n}#"), n)),
            Rep::Double => Some((format!("{n}.0##"), n)),
            Rep::Float => Some((format!("{n}.0#"), n)),
            Rep::Boxed => self.vars(scope, rep),
        }
    }

    /// An expression that returns a number in this representation: its text and the number.
    fn expr(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        if fuel == 0 {
            return self.leaf(scope, rep);
        }
        let depth = scope.len();
        let made = match self.below(8) {
            0 => self.leaf(scope, rep),
            1 | 2 => self.bind(fuel, scope, rep),
            3 => self.thunk(fuel, scope, rep),
            4 => self.function(fuel, scope, rep),
            5 => self.constructor(fuel, scope, rep),
            6 => self.branch(fuel, scope, rep),
            _ => self.unbox(fuel, scope, rep),
        };
        scope.truncate(depth);
        made
    }

    fn leaf(&mut self, scope: &[Var], rep: Rep) -> (String, i64) {
        match self.atom(scope, rep) {
            Some(atom) => atom,
            None => {
                let n = self.below(9) as i64;
                (format!("I# {n}#"), n)
            }
        }
    }

    /// `case e of x -> …`, also of a sum.
    fn bind(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let of = self.rep();
        let (text, value) = match (of, self.below(2)) {
            (Rep::Int | Rep::Double | Rep::Float, 0) => {
                let op = if of == Rep::Int {
                    "-#"
                } else if of == Rep::Double {
                    "-##"
                } else {
                    "minusFloat#"
                };
                let (a, x) = self.atom(scope, of).expect("a literal");
                let (b, y) = self.atom(scope, of).expect("a literal");
                // Keep numbers small.
                if (x - y).abs() > 1_000_000 { (a, x) } else { (format!("{op} {a} {b}"), x - y) }
            }
            _ => self.expr(fuel / 2, scope, of),
        };
        let name = self.name();
        scope.push((name.clone(), of, value));
        let (body, result) = self.expr(fuel - 1, scope, rep);
        (format!("case ({text}) of ({name} :: {}) -> {body}", of.ty()), result)
    }

    fn thunk(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let (text, value) = self.expr(fuel / 2, scope, Rep::Boxed);
        let name = self.name();
        scope.push((name.clone(), Rep::Boxed, value));
        let (body, result) = self.expr(fuel - 1, scope, rep);
        (format!("let {name} = {text} in {body}"), result)
    }

    /// A local function of one to eight parameters, called with some arguments first and the rest later.
    fn function(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let (mut params, mut args) = (String::new(), Vec::new());
        let mut inner = scope.clone();
        for _ in 0..1 + self.below(8) {
            let of = self.rep();
            let Some((text, value)) = self.atom(scope, of) else { continue };
            let name = self.name();
            params.push_str(&format!(" ({name} :: {})", of.ty()));
            inner.push((name, of, value));
            args.push(text);
        }
        if args.is_empty() {
            return self.leaf(scope, rep);
        }
        let of = self.rep();
        let (body, value) = self.expr(fuel / 2, &mut inner, of);
        let (f, g, x) = (self.name(), self.name(), self.name());
        let (first, rest) = args.split_at(self.below(args.len()));
        scope.push((x.clone(), of, value));
        let (after, result) = self.expr(fuel - 1, scope, rep);
        let (first, rest) = (first.join(" "), rest.join(" "));
        let text = format!(
            "let {f} = \\{params} -> {body}; {g} = {f} {first} in case {g} {rest} of ({x} :: {}) -> {after}",
            of.ty()
        );
        (text, result)
    }

    /// Builds a constructor with fields of every representation, and takes some of them out again.
    fn constructor(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let Some(boxed) = self.atom(scope, Rep::Boxed) else { return self.thunk(fuel, scope, rep) };
        let fields = [Rep::Float, Rep::Int, Rep::Boxed, Rep::Float, Rep::Float, Rep::Double];
        let (mut args, mut names) = (String::new(), String::new());
        let mut found = Vec::new();
        for of in fields {
            let (text, value) = if of == Rep::Boxed { boxed.clone() } else { self.atom(scope, of).expect("a literal") };
            args.push_str(&format!(" {text}"));
            let name = if self.below(4) == 0 { "_".into() } else { self.name() };
            names.push_str(&format!(" {name}"));
            if name != "_" {
                found.push((name, of, value));
            }
        }
        let m = self.name();
        scope.extend(found);
        let (body, result) = self.expr(fuel - 1, scope, rep);
        (format!("let {m} = Mix{args} in case {m} of Mix{names} -> {body}"), result)
    }

    /// `case e of { 1# -> …; … }`, of which one alternative is taken.
    fn branch(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let (scrutinee, value) = self.expr(fuel / 2, scope, Rep::Int);
        let mut alts = String::new();
        let mut taken = None;
        let first = value - self.below(4) as i64;
        for literal in (first..).take(self.below(6)) {
            let (body, result) = self.expr(fuel / 2, scope, rep);
            alts.push_str(&format!("{literal}# -> {body}; "));
            if literal == value {
                taken = Some(result);
            }
        }
        let (default, result) = self.expr(fuel / 2, scope, rep);
        (format!("case ({scrutinee}) of {{ {alts}_ -> {default} }}"), taken.unwrap_or(result))
    }

    fn unbox(&mut self, fuel: usize, scope: &mut Vec<Var>, rep: Rep) -> (String, i64) {
        let Some((boxed, value)) = self.vars(scope, Rep::Boxed) else { return self.thunk(fuel, scope, rep) };
        let name = self.name();
        scope.push((name.clone(), Rep::Int, value));
        let (body, result) = self.expr(fuel - 1, scope, rep);
        (format!("case {boxed} of I# {name} -> {body}"), result)
    }
}

#[test]
fn random_programs_have_their_values() {
    for seed in SEEDS {
        let mut source = String::from("data Mix = Mix Float# Int# a Float# Float# Double#\n");
        let mut expected = Vec::new();
        let mut list = String::new();
        for i in 0..PROGRAMS {
            let mut gen_ = Gen { state: seed << 32 | i as u64, names: 0 };
            let (text, value) = gen_.expr(12, &mut Vec::new(), Rep::Boxed);
            source.push_str(&format!("p{i} = {text}\n"));
            list.push_str(&format!("l{i} = p{i} : l{}\n", i + 1));
            expected.push(value.to_string());
        }
        source.push_str(&format!("{list}l{PROGRAMS} = []\nmain = l0\n"));
        let program = stg::compile("random.stg", &source).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let Some(server) = GhcIserv::start() else { continue };
        let entry = link::link(&program, &server).unwrap().into_entry();
        let bounds = Bounds { nodes: 3 * PROGRAMS, ..Bounds::default() };
        let got = show(&server, &program, &entry, bounds).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let got: Vec<&str> = got.trim_matches(['[', ']']).split(',').collect();
        for (i, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert_eq!(got, expected, "seed {seed}, program {i}");
        }
        assert_eq!(got.len(), PROGRAMS);
    }
}
