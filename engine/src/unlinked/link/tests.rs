//! The linker against a target that answers from tables and writes down what it was asked.

use super::*;
use crate::unlinked::constructor::{Constructor, Field};
use std::cell::RefCell;
use std::convert::Infallible;

#[derive(Default)]
struct Fake {
    asked: RefCell<Vec<String>>,
    symbols: HashMap<&'static str, u64>,
    lose_bcos: bool,
}

impl Target for Fake {
    type Ref = usize;
    type Error = Infallible;

    fn lookup_symbol(&self, symbol: &str) -> Result<Option<u64>, Infallible> {
        self.asked.borrow_mut().push(format!("symbol {symbol}"));
        Ok(self.symbols.get(symbol).copied())
    }

    fn mk_con_info_table(&self, p: u32, n: u32, tag: u32, ptr_tag: u32, desc: &str) -> Result<u64, Infallible> {
        self.asked.borrow_mut().push(format!("table {p} {n} {tag} {ptr_tag} {desc}"));
        Ok(0x1000 + tag as u64)
    }

    fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<u64>, Infallible> {
        self.asked.borrow_mut().push(format!("strings {strings:?}"));
        Ok((0..strings.len() as u64).map(|i| 0x2000 + i).collect())
    }

    fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<usize>, Infallible> {
        Ok((0..bcos.len() - self.lose_bcos as usize).collect())
    }
}

fn bco(name: &str, lits: Vec<BcoNPtr>, ptrs: Vec<BcoPtr>) -> UnlinkedBco {
    UnlinkedBco { name: name.into(), arity: 0, instrs: vec![54], bitmap: vec![0], lits, ptrs }
}

fn program(bcos: Vec<UnlinkedBco>) -> Program {
    let constructors = vec![
        Constructor { name: "Leaf".into(), tag: 0, fields: vec![] },
        Constructor { name: "Node".into(), tag: 1, fields: vec![Field::Lifted, Field::Int] },
    ];
    Program { entry: "main".into(), constructors, bcos }
}

#[test]
fn every_kind_of_name_is_resolved() {
    let nested = bco("alts", vec![BcoNPtr::Str(b"hi".to_vec())], vec![BcoPtr::PrimOp("+#".into())]);
    let main = bco(
        "main",
        vec![
            BcoNPtr::Word(9),
            BcoNPtr::Itbl(Name::internal("Node")),
            BcoNPtr::Itbl(Name::ghc_prim("GHC.Types", "I#")),
            BcoNPtr::Str(b"hi".to_vec()),
            BcoNPtr::Str(b"".to_vec()),
            BcoNPtr::Label("malloc".into()),
        ],
        vec![
            BcoPtr::Bco(Box::new(nested)),
            BcoPtr::PrimOp("+#".into()),
            BcoPtr::Name(Name::internal("f")),
            BcoPtr::Name(Name::ghc_prim("GHC.Types", "True")),
        ],
    );
    let program = program(vec![main, bco("f", vec![], vec![])]);
    let target = Fake {
        symbols: HashMap::from([
            ("ghczmprim_GHCziPrimopWrappers_zpzh_closure", 0x10),
            ("ghczmprim_GHCziTypes_Izh_con_info", 0x20),
            ("ghczmprim_GHCziTypes_True_closure", 0x30),
            ("malloc", 0x40),
        ]),
        ..Fake::default()
    };
    let resolved = resolve(&program, &target).unwrap();
    assert_eq!(resolved[0].lits, [9, 0x1001, 0x20, 0x2000, 0x2001, 0x40]);
    let inner = ResolvedBco {
        arity: 0,
        instrs: vec![54],
        bitmap: vec![0],
        lits: vec![0x2000],
        ptrs: vec![ResolvedBcoPtr::StaticPtr(0x10)],
    };
    use ResolvedBcoPtr::{Bco, Ref, StaticPtr};
    assert_eq!(resolved[0].ptrs, [Bco(inner), StaticPtr(0x10), Ref(1), StaticPtr(0x30)]);
    let asked = target.asked.take();
    assert_eq!(asked[0], "table 0 1 0 1 main:Main.Leaf");
    assert_eq!(asked[1], "table 1 1 1 2 main:Main.Node");
    assert_eq!(asked.iter().filter(|a| a.starts_with("strings")).count(), 1);
    assert_eq!(asked.iter().filter(|a| a.contains("zpzh")).count(), 1, "each symbol is asked for once");
    assert_eq!(link(&program, &target).unwrap().into_entry(), 0);
}

#[test]
fn all_missing_names_are_listed_once() {
    let a = bco("a", vec![BcoNPtr::Label("nope".into())], vec![BcoPtr::Name(Name::internal("ghost"))]);
    let b = bco("b", vec![BcoNPtr::Label("nope".into())], vec![BcoPtr::PrimOp("zap#".into())]);
    let error = resolve(&program(vec![a, b]), &Fake::default()).unwrap_err();
    let LinkError::Unresolved(missing) = &error else { panic!("{error}") };
    assert_eq!(missing.len(), 3);
    assert!(error.to_string().contains("`ghost`, used by `a`"));
    assert!(error.to_string().contains("(symbol ghczmprim_GHCziPrimopWrappers_zzapzh_closure), used by `b`"));
}

#[test]
fn malformed_programs_and_targets_are_errors() {
    let twice = program(vec![bco("main", vec![], vec![]), bco("main", vec![], vec![])]);
    assert!(matches!(link(&twice, &Fake::default()), Err(LinkError::Duplicate(name)) if name == "main"));
    let none = program(vec![bco("f", vec![], vec![])]);
    assert!(matches!(link(&none, &Fake::default()), Err(LinkError::NoEntry(_))));
    let loses = Fake { lose_bcos: true, ..Fake::default() };
    let fine = program(vec![bco("main", vec![], vec![])]);
    assert!(matches!(link(&fine, &loses), Err(LinkError::Count { wanted: 1, got: 0, .. })));
}
