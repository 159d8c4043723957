//! pending merge
use super::effect::{Answer, Args};
use crate::interp::machine::Machine;
macro_rules! pending { ($($n:ident)*) => { $(/// pending
 pub fn $n(_: &mut Machine, _: &Args) -> Answer { Answer::Crash("pending") })* } }
pending! { new new_pinned new_aligned_pinned is_pinned contents shrink resize size compare copy copy_to_addr copy_from_addr set }
