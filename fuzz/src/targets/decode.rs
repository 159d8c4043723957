//! Any bytes as a chunk of BCOs: what is refused has changed nothing, what is accepted can be looked at and collected.

use bcvm::abi::request::{Reply, Request};
use bcvm_engine::vm::{Internal, Vm};
use std::time::Duration;

use crate::driver::Random;
use crate::program;

/// A machine with a heap of 1 MiB.
pub(super) fn machine() -> Internal {
    Internal::new(&bcvm::Config::internal(1 << 20).0)
}

pub(super) fn ask(vm: &mut Internal, request: &Request<'_>) -> Reply {
    vm.request(request, Some(Duration::from_millis(10))).unwrap_or_else(|e| panic!("{e}"))
}

/// See the top of the file.
pub fn check(data: &[u8]) {
    let mut vm = machine();
    let before = ask(&mut vm, &Request::Stats);
    match ask(&mut vm, &Request::CreateBcos(vec![data])) {
        Reply::Refs(refs) => {
            for r in &refs {
                assert!(matches!(ask(&mut vm, &Request::GetClosure(*r)), Reply::Closure(_)));
            }
            assert_eq!(ask(&mut vm, &Request::Collect), Reply::Unit);
            assert_eq!(ask(&mut vm, &Request::FreeRefs(refs)), Reply::Addrs(Vec::new()));
            assert_eq!(ask(&mut vm, &Request::Collect), Reply::Unit);
        }
        Reply::Refused(why) => {
            assert!(why.starts_with("BCO "), "{why}");
            assert_eq!(ask(&mut vm, &Request::Stats), before, "{why}");
        }
        other => panic!("{other:?}"),
    }
}

/// A chunk of random BCOs.
pub fn sound(random: &mut Random) -> Vec<u8> {
    bcvm::bco::resolved::encode_chunk(&program::bcos(&random.bytes(400)))
}
