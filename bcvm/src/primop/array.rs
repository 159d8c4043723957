//! pending merge
use super::effect::{Answer, Args};
use crate::interp::machine::Machine;
macro_rules! pending { ($($n:ident)*) => { $(/// pending
 pub fn $n(_: &mut Machine, _: &Args) -> Answer { Answer::Crash("pending") })* } }
pending! { new read write size unsafe_freeze unsafe_thaw copy clone_frozen clone_mutable }
/// pending
pub mod small { use super::*; pending! { new shrink read write size unsafe_freeze unsafe_thaw copy clone_frozen clone_mutable } }
