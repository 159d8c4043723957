//! `and`, `or`, `all` and `any` as the interpreter carries them out. As in `known`, the wrapper of `raise#` stands at their place,
//! so that what is left to the compiled function ends in an exception.

use crate::vm::*;
use Bci::*;
use Element::*;
use bcvm::abi::request::{Outcome, Reply, Request};
use bcvm::abi::stop;
use bcvm::bco::resolved::ResolvedBco;
use bcvm::bco::resolved::ResolvedBcoPtr::{self, Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;
use bcvm::interp::machine::Machine;

/// An element of a list.
#[derive(Clone, Copy, Debug)]
enum Element {
    Value(bool),
    Thunk(bool),
    Raises,
}

fn bool_closure(truth: bool) -> ResolvedBcoPtr {
    let name = if truth { "True" } else { "False" };
    StaticPtr(static_ptr(&format!("ghczmprim_GHCziTypes_{name}_closure")))
}

/// A machine that knows the wrapper of `raise#` as function `name` of Data.Foldable, and another as the dictionary of lists.
fn knowing(name: &str) -> Machine {
    let mut m = machine();
    let [StaticPtr(function), StaticPtr(dictionary)] = [primop("raise#"), primop("negateInt#")] else {
        panic!("wrappers are static")
    };
    let function_symbol = format!("base_DataziFoldable_{name}_closure");
    let bound = vec![(function_symbol.as_str(), function), ("base_DataziFoldable_zdfFoldableZMZN_closure", dictionary)];
    assert_eq!(m.serve(Request::Bind(bound)), Reply::Unit);
    m
}

/// A call of the function on the list of BCO number `list`; `all` and `any` are given `test`.
fn call(dictionary: &str, test: Option<Asm>, list: u64) -> ResolvedBco {
    let code = Asm::new().push_g(Ref(list));
    let code = match test {
        Some(test) => code.push_g(Bco(test.done())).push_g(primop(dictionary)).op(PUSH_APPLY_PPP, &[]),
        None => code.push_g(primop(dictionary)).op(PUSH_APPLY_PP, &[]),
    };
    code.push_g(primop("raise#")).op(ENTER, &[]).done()
}

/// `\x -> x`.
fn identity() -> Asm {
    Asm::function(1, "p").op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(ENTER, &[])
}

/// What function `name` of Data.Foldable comes to on a list of these elements, whose every second cell is a thunk; none if that
/// raises an exception.
fn fold(name: &str, elements: &[Element], dictionary: &str) -> Option<bool> {
    let mut m = knowing(name);
    let test = ["all", "any"].contains(&name).then(identity);
    // The call, then a cell for each element and the end of the list, then elements.
    let (first, end) = (1, 1 + elements.len() as u64);
    let mut bcos = vec![call(dictionary, test, first)];
    for i in 0..elements.len() as u64 {
        let cell = Asm::new().push_g(Ref(2 + i)).push_g(Ref(end + 1 + i));
        bcos.push(cell.pack(con_info("ghczmprim_GHCziTypes_ZC"), 2).op(ENTER, &[]).done());
    }
    bcos.push(Asm::new().push_g(StaticPtr(static_ptr("ghczmprim_GHCziTypes_ZMZN_closure"))).op(ENTER, &[]).done());
    for element in elements {
        bcos.push(match element {
            Value(truth) | Thunk(truth) => Asm::new().push_g(bool_closure(*truth)).op(ENTER, &[]).done(),
            Raises => {
                let raise = Asm::new().push_g(bool_closure(true)).op(PUSH_APPLY_P, &[]).push_g(primop("raise#"));
                raise.op(ENTER, &[]).done()
            }
        });
    }
    let refs = create(&mut m, &bcos);
    for (element, r) in elements.iter().zip(&refs[end as usize + 1..]) {
        assert!(!matches!(element, Value(_)) || matches!(seq(&mut m, *r), Outcome::Refs(_)));
    }
    for cell in refs[1..=end as usize].iter().step_by(2) {
        assert!(matches!(seq(&mut m, *cell), Outcome::Refs(_)));
    }
    match seq(&mut m, refs[0]) {
        Outcome::Refs(_) => Some(closure(&mut m, refs[0]).con_desc?.ends_with("True")),
        Outcome::Exception(_) => None,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn folds_end_where_an_element_decides() {
    let cases: [(&[Element], Option<bool>, Option<bool>); 8] = [
        // The list, whether all are True, whether any is.
        (&[], Some(true), Some(false)),
        (&[Value(true), Thunk(true), Thunk(true), Value(true)], Some(true), Some(true)),
        (&[Thunk(false), Value(false), Thunk(false)], Some(false), Some(false)),
        (&[Thunk(true), Value(true), Thunk(false), Raises], Some(false), Some(true)),
        (&[Value(true), Value(false), Raises], Some(false), Some(true)),
        (&[Thunk(false), Thunk(true), Raises], Some(false), Some(true)),
        (&[Thunk(true), Raises, Thunk(false)], None, Some(true)),
        (&[Value(false), Raises], Some(false), None),
    ];
    for (elements, all, any) in cases {
        for (name, expected) in [("and", all), ("all", all), ("or", any), ("any", any)] {
            assert_eq!(fold(name, elements, "negateInt#"), expected, "{name} {elements:?}");
        }
    }
}

#[test]
fn folds_of_other_things_than_lists_are_left_to_the_function() {
    for name in ["and", "all", "or", "any"] {
        assert_eq!(fold(name, &[Value(true), Value(false)], "notI#"), None, "{name}");
    }
}

/// The elements have their values, so no byte code is started that would look.
#[test]
fn a_fold_of_a_circle_can_be_stopped() {
    for (name, element) in [("and", true), ("or", false)] {
        let mut m = knowing(name);
        let circle = Asm::new().push_g(Ref(1)).push_g(bool_closure(element));
        let circle = circle.pack(con_info("ghczmprim_GHCziTypes_ZC"), 2).op(ENTER, &[]).done();
        let refs = create(&mut m, &[call("negateInt#", None, 1), circle]);
        assert!(matches!(seq(&mut m, refs[1]), Outcome::Refs(_)));
        let flag = m.mem.stop_flag();
        let asks = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            flag.set(stop::DEADLINE);
        });
        assert_eq!(seq(&mut m, refs[0]), Outcome::Deadline, "{name}");
        asks.join().expect("the thread that asks ends");
    }
}
