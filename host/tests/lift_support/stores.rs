//! Whether every cycle of direct jumps in a wasm module accesses memory in a way that stays.
//!
//! Going through structured code once: at each place, for the function and every loop around it, whether all ways from
//! its beginning to there have stored. Where ways meet, all of them must have.

use std::collections::HashMap;

use bcvm_host::lift::LiftedModule;
use wasmparser::{FunctionBody, Operator as O, Parser, Payload};

/// For the function and each loop around a place, outermost first, whether a store was passed since its beginning;
/// `None` where control does not come.
type State = Option<Vec<bool>>;

struct Label {
    is_loop: bool,
    /// What is known where branches to the label's end meet.
    after: State,
    /// What was known at an `if`, for its `else`.
    before: State,
}

/// The number of loops in `module`; fails if a loop can go round without a store, or a circle of direct tail calls
/// without any access.
pub fn check_cycles(module: &LiftedModule) -> usize {
    let bodies = Parser::new(0).parse_all(&module.wasm).filter_map(|payload| match payload.expect("valid") {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let mut loops = 0;
    let mut calls = HashMap::new();
    // The first function is imported.
    for (body, index) in bodies.zip(1..) {
        // Behind what comes from code is the division, whose loop counts to 64.
        if index as usize == module.functions.len() + 1 {
            calls.insert(index, Vec::new());
            continue;
        }
        let found = check_function(&body);
        loops += found.loops;
        calls.insert(index, found.calls);
    }
    // Functions that only lead to functions that are done are done; on a cycle none ever is.
    let mut done = std::collections::HashSet::new();
    loop {
        let before = done.len();
        done.extend(
            calls
                .iter()
                .filter(|(_, to)| to.iter().all(|to| done.contains(to)))
                .map(|(&from, _)| from)
                .collect::<Vec<_>>(),
        );
        if done.len() == before {
            break;
        }
    }
    assert_eq!(done.len(), calls.len(), "tail calls in a circle without an access");
    loops
}

struct Function {
    loops: usize,
    /// The functions tail-called on a way without an access.
    calls: Vec<u32>,
}

fn check_function(body: &FunctionBody<'_>) -> Function {
    let mut loops = 0;
    let mut calls = Vec::new();
    let mut labels = vec![Label { is_loop: false, after: None, before: None }];
    let mut state: State = Some(vec![false]);
    // How much of `loop, local.get, i64.eqz` came last.
    let mut begun = 0;
    for operator in body.get_operators_reader().expect("valid") {
        let operator = operator.expect("valid");
        match &operator {
            O::Loop { .. } => {
                loops += 1;
                labels.push(Label { is_loop: true, after: None, before: None });
                if let Some(stored) = &mut state {
                    stored.push(false);
                }
            }
            O::Block { .. } => labels.push(Label { is_loop: false, after: None, before: None }),
            O::If { .. } => labels.push(Label { is_loop: false, after: None, before: state.clone() }),
            O::Else => {
                let label = labels.last_mut().expect("an if");
                meet(&mut label.after, std::mem::replace(&mut state, label.before.take()));
            }
            O::End => {
                let label = labels.pop().expect("balanced");
                if label.is_loop
                    && let Some(stored) = &mut state
                {
                    stored.pop();
                }
                meet(&mut state, label.after);
                meet(&mut state, label.before);
            }
            O::Br { relative_depth } => {
                branch(&mut labels, *relative_depth, &state);
                state = None;
            }
            O::BrIf { relative_depth } => {
                branch(&mut labels, *relative_depth, &state);
                // A string instruction: its loop begins by looking whether the count is 0, and moves on through
                // memory, to the null page at the latest.
                if begun == 3
                    && let Some(stored) = &mut state
                {
                    *stored.last_mut().expect("a loop") = true;
                }
            }
            O::BrTable { targets } => {
                for depth in targets.targets().map(|depth| depth.expect("valid")).chain([targets.default()]) {
                    branch(&mut labels, depth, &state);
                }
                state = None;
            }
            O::ReturnCall { function_index } => {
                if let Some(stored) = state.take()
                    && !stored[0]
                {
                    calls.push(*function_index);
                }
            }
            O::Unreachable | O::Return | O::ReturnCallIndirect { .. } => state = None,
            O::I32Store { .. }
            | O::I64Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store8 { .. }
            | O::V128Store { .. }
            | O::V128Store32Lane { .. }
            | O::V128Store64Lane { .. } => state.iter_mut().flatten().for_each(|stored| *stored = true),
            // A load can be dropped only for an earlier access in the same function, so to others any access counts.
            O::I32Load { .. } | O::I64Load { .. } => {
                if let Some(stored) = &mut state {
                    stored[0] = true;
                }
            }
            _ => {}
        }
        begun = match (begun, &operator) {
            (_, O::Loop { .. }) => 1,
            (1, O::LocalGet { .. }) => 2,
            (2, O::I64Eqz) => 3,
            _ => 0,
        };
    }
    Function { loops, calls }
}

fn branch(labels: &mut [Label], depth: u32, state: &State) {
    let Some(stored) = state else {
        return;
    };
    let at = labels.len() - 1 - depth as usize;
    let around = 1 + labels[..at].iter().filter(|label| label.is_loop).count();
    let label = &mut labels[at];
    if label.is_loop {
        assert!(stored[around], "a round of a loop without a store");
    } else {
        meet(&mut label.after, Some(stored[..around].to_vec()));
    }
}

/// Adds a way to a meeting.
fn meet(into: &mut State, other: State) {
    match (into.as_mut(), other) {
        (_, None) => {}
        (None, other) => *into = other,
        (Some(into), Some(other)) => into.iter_mut().zip(other).for_each(|(into, other)| *into &= other),
    }
}
