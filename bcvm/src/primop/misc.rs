//! Primops that belong to no family.

use super::effect::{Answer, Args};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::interp::pack::con_tag;
use crate::layout::info_table::InfoTable;
use crate::show;
use crate::word::{Addr, ClosurePtr};

/// Whether two words are the same: the `same…#` family, `eqStablePtr#`, `reallyUnsafePtrEquality#`.
pub fn same(_: &mut Machine, args: &Args) -> Answer {
    Answer::Word((args[0] == args[1]) as u64)
}

/// The argument itself, for primops that only change its type.
pub fn first(_: &mut Machine, args: &Args) -> Answer {
    Answer::Word(args[0])
}

/// Nothing, or 0: `touch#` keeps its argument alive by having it, `noDuplicate#` has nobody to exclude, there are no
/// sparks, events, labels or bound threads.
pub fn nothing(_: &mut Machine, _: &Args) -> Answer {
    Answer::VOID
}

/// 1: `par#` has made a spark.
pub fn one(_: &mut Machine, _: &Args) -> Answer {
    Answer::Word(1)
}

/// `panic#` (`stg_paniczh`): compiled code came where GHC had proved that it never comes. The address of a message.
pub fn panic(m: &mut Machine, args: &Args) -> Answer {
    let message = show::text(&m.mem, Addr::from_word(args[0])).unwrap_or_default();
    m.host.log(&message);
    Answer::Crash("the program has panicked; what it said is in the log")
}

/// `getSpark#`: 0, and a closure of no meaning.
pub fn no_spark(_: &mut Machine, _: &Args) -> Answer {
    Answer::words([0, Builtin::False.ptr().word()])
}

/// Runs the IO action that is the argument: `clearCCS#`, where there are no cost centres to clear.
pub fn run(_: &mut Machine, args: &Args) -> Answer {
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// `dataToTag#`: the argument is evaluated first if it is not a constructor yet.
pub fn data_to_tag(m: &mut Machine, args: &Args) -> Answer {
    let x = ClosurePtr::from_word(args[0]);
    let t = InfoTable::at(&m.mem, m.mem.info(x.addr())).closure_type();
    if t.is_constr() {
        return Answer::Word(con_tag(&m.mem, x.addr()) as u64);
    }
    m.regs.push_info(&mut m.mem, info::STG_DATA_TO_TAG_FRAME);
    Answer::Enter(x)
}

/// `seq#`: evaluate, and return the value as an IO result.
pub fn seq(m: &mut Machine, args: &Args) -> Answer {
    m.regs.push_info(&mut m.mem, info::STG_SEQ_RET_FRAME);
    Answer::Enter(ClosurePtr::from_word(args[0]))
}
