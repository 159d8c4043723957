//! Any bytes as a chunk of BCOs, all of which are evaluated: in some way each evaluation ends, and if the program has
//! damaged the machine, that is noticed and the machine replaced.

use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bcvm_engine::vm::{Vm, VmError};
use std::time::Duration;

pub use super::decode::sound;

/// How long an evaluation may take.
const BUDGET: Duration = Duration::from_millis(10);

/// See the top of the file.
pub fn check(data: &[u8]) {
    let mut vm = super::decode::machine();
    let Ok(Reply::Refs(refs)) = vm.request(&Request::CreateBcos(vec![data]), None) else { return };
    for r in refs {
        match vm.request(&Request::Eval(Mode::Seq, Expr::Ref(r)), Some(BUDGET)) {
            Ok(Reply::Evaluated { outcome: Outcome::Crash(why), .. }) => assert_ne!(why, "", "a crash says why"),
            Ok(Reply::Evaluated { .. } | Reply::Refused(_)) => {}
            Err(VmError::Lost(why)) => return assert_ne!(why, "", "a loss says why"),
            other => panic!("{other:?}"),
        }
        // Nothing is promised of what a wild program has left behind, but that looking at it is safe.
        if vm.request(&Request::GetClosure(r), Some(BUDGET)).is_err() {
            return;
        }
    }
    drop(vm.request(&Request::Collect, Some(BUDGET)));
}
