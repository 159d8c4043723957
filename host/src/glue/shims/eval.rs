//! Evaluating R1, returning to frames of the runtime, updating, and thunks that are all alike.
//!
//! Truth: `rts/StgMiscClosures.cmm`, `rts/Updates.cmm`, `rts/StgStdThunks.cmm`.

use bcvm::abi::{YOUNG_BYTES, YOUNG_START};
use bcvm::entry::Entry;
use bcvm::entry::table::{ENTRIES, Layout, info};
use bcvm::layout::ClosureType;
use bcvm::layout::closure::{INDIRECTEE, PAYLOAD, THUNK_PAYLOAD};
use bcvm::word::WORD as WORD_BYTES;
use wasm_encoder::{BlockType, Function};

use super::stg::{Code, INFO, R1, SP, WORD, at, at32};
use super::{OLD_UPDATE_FUNCTION, UPDATE_FUNCTION};

/// Bytes of an update frame.
const UPDATE_FRAME: u32 = 2 * WORD_BYTES;

/// Bytes of a frame that selects a field.
const SELECT_FRAME: u32 = 2 * WORD_BYTES;

/// Every entry with its slot. The first is `stg_ap_0_fast`, which the others jump to.
pub(super) fn entries() -> impl Iterator<Item = (u32, Function)> {
    let holes = [Entry::STG_BLACKHOLE, Entry::STG_CAF_BLACKHOLE, Entry::STG_EAGER_BLACKHOLE];
    let selectors = ENTRIES.iter().filter_map(|row| match row.layout {
        Layout::Selector(field) => Some((row.entry, selector(field))),
        _ => None,
    });
    let thunks = [
        (Entry::STG_AP_1_UPD, Entry::STG_AP_0_FAST),
        (Entry::STG_AP_2_UPD, Entry::STG_AP_P_FAST),
        (Entry::STG_AP_3_UPD, Entry::STG_AP_PP_FAST),
        (Entry::STG_AP_4_UPD, Entry::STG_AP_PPP_FAST),
        (Entry::STG_AP_5_UPD, Entry::STG_AP_PPPP_FAST),
        (Entry::STG_AP_6_UPD, Entry::STG_AP_PPPPP_FAST),
    ];
    [(Entry::STG_AP_0_FAST, ap_0_fast())]
        .into_iter()
        .chain(
            [Entry::STG_UPD_FRAME, Entry::STG_BH_UPD_FRAME, Entry::STG_MARKED_UPD_FRAME].map(|e| (e, update_frame())),
        )
        .chain([Entry::STG_IND, Entry::STG_IND_STATIC].map(|e| (e, indirection())))
        .chain(holes.map(|entry| (entry, black_hole(entry))))
        .chain([(Entry::STG_ENTER, enter_frame()), (Entry::STG_SELECT_FRAME, select_frame())])
        .chain([(Entry::STG_CATCH_FRAME, passed_frame(3)), (Entry::STG_SEQ_RET_FRAME, passed_frame(1))])
        .chain((1..).zip(thunks).map(|(n, (entry, apply))| (entry, ap_n_upd(n, apply))))
        .chain(selectors)
        .map(|(entry, function)| (entry.slot(), function))
}

/// Evaluates R1: what is a value is returned, all else is entered.
fn ap_0_fast() -> Function {
    let mut c = Code::new();
    c.w().loop_(BlockType::Empty);
    c.tag();
    c.w().i64_eqz().i32_eqz();
    c.when(Code::jump_frame);
    c.load_info();
    c.load_type();
    // Functions, PAP and BCO are values although their entry code is for calls.
    let values = [(ClosureType::FUN, ClosureType::FUN_STATIC), (ClosureType::PAP, ClosureType::PAP)];
    for (first, last) in values.into_iter().chain([(ClosureType::BCO, ClosureType::BCO)]) {
        c.is_type(first, last);
        c.when(Code::jump_frame);
    }
    c.is_type(ClosureType::IND, ClosureType::IND_STATIC);
    c.w().i32_eqz();
    c.when(Code::jump_info);
    c.load(R1, INDIRECTEE);
    c.set_reg(1);
    c.w().br(0).end();
    c.finish()
}

/// Updates the thunk in the frame with R1, and returns R1 to the next frame.
///
/// It calls nothing itself: a function that does has registers to save, whether it comes to the call or not.
fn update_frame() -> Function {
    let mut c = Code::new();
    c.load(SP, WORD_BYTES);
    c.w().local_tee(WORD).i32_wrap_i64().i32_const(0).i32_load(at32(YOUNG_START)).i32_sub();
    c.w().i32_const(0).i32_load(at32(YOUNG_BYTES)).i32_ge_u();
    c.when(|c| c.jump_function(OLD_UPDATE_FUNCTION));
    c.w().local_get(WORD).i32_wrap_i64().local_get(R1).i64_store(at(INDIRECTEE));
    c.w().local_get(WORD).i32_wrap_i64().i64_const(i64::from(info::STG_BLACKHOLE.0)).i64_store(at(0));
    c.add_sp(i64::from(UPDATE_FRAME));
    c.jump_frame();
    c.finish()
}

/// The same for a thunk that only the machine may update.
pub(super) fn update_old() -> Function {
    let mut c = Code::new();
    c.load(SP, WORD_BYTES);
    c.w().i32_wrap_i64().local_get(R1).i32_wrap_i64().call(UPDATE_FUNCTION);
    c.add_sp(i64::from(UPDATE_FRAME));
    c.jump_frame();
    c.finish()
}

/// Evaluates what R1, an indirection, points to.
fn indirection() -> Function {
    let mut c = Code::new();
    c.load(R1, INDIRECTEE);
    c.set_reg(1);
    c.eval();
    c.finish()
}

/// Evaluates what R1, a thunk that was updated, points to; if that is who evaluates it, waits.
fn black_hole(entry: Entry) -> Function {
    let mut c = Code::new();
    c.load(R1, INDIRECTEE);
    c.w().local_tee(WORD).i64_const(7).i64_and().i64_eqz().if_(BlockType::Empty);
    c.w().local_get(WORD).i32_wrap_i64().i32_load(at32(0)).local_set(INFO);
    c.load_type();
    // A TSO, or a queue of those who wait.
    c.is_type(ClosureType::TSO, ClosureType::TSO);
    c.is_type(ClosureType::BLOCKING_QUEUE, ClosureType::BLOCKING_QUEUE);
    c.w().i32_or();
    c.when(|c| c.stop(entry));
    c.w().end().local_get(WORD).local_set(R1);
    c.eval();
    c.finish()
}

/// The frame of a closure to be evaluated.
fn enter_frame() -> Function {
    let mut c = Code::new();
    c.load(SP, WORD_BYTES);
    c.set_reg(1);
    c.add_sp(i64::from(2 * WORD_BYTES));
    c.eval();
    c.finish()
}

/// A frame of so many words that has nothing more to do: what is returned goes on to the next one.
fn passed_frame(words: u32) -> Function {
    let mut c = Code::new();
    c.add_sp(i64::from(words * WORD_BYTES));
    c.jump_frame();
    c.finish()
}

/// A thunk of `n` free variables that applies the first to the others, by the entry `apply`.
fn ap_n_upd(n: u32, apply: Entry) -> Function {
    let mut c = Code::new();
    // The frame, and the argument that has no register.
    c.check_stack(UPDATE_FRAME + WORD_BYTES, Entry::STG_GC_ENTER_1);
    push_update_frame(&mut c);
    for reg in 2..=n {
        c.load(R1, THUNK_PAYLOAD + (reg - 1) * WORD_BYTES);
        c.set_reg(reg);
    }
    c.load(R1, THUNK_PAYLOAD);
    c.set_reg(1);
    if apply == Entry::STG_AP_0_FAST {
        c.eval();
    } else {
        c.jump_entry(apply);
    }
    c.finish()
}

/// A thunk that is a field of a record. If the record is not known to be evaluated, it is evaluated under a frame that goes
/// on with the field of what is returned: the record itself may be a thunk that is entered once and never updated.
fn selector(field: u32) -> Function {
    let mut c = Code::new();
    c.check_stack(UPDATE_FRAME + SELECT_FRAME, Entry::STG_GC_ENTER_1);
    push_update_frame(&mut c);
    c.load(R1, THUNK_PAYLOAD);
    c.w().local_tee(WORD).i64_const(7).i64_and().i64_eqz();
    c.when(|c| {
        c.add_sp(-i64::from(SELECT_FRAME));
        c.store_at_sp(WORD_BYTES, |c| {
            c.w().i64_const(i64::from(field));
        });
        c.store_at_sp(0, |c| {
            c.w().i64_const(i64::from(info::STG_SELECT_FRAME.0));
        });
        c.w().local_get(WORD).local_set(R1);
        c.eval();
    });
    c.w().local_get(WORD).i64_const(!7).i64_and().i32_wrap_i64();
    c.w().i64_load(at(PAYLOAD + field * WORD_BYTES)).local_set(R1);
    c.eval();
    c.finish()
}

/// A record was returned: its field in the frame comes next. What is no record is the machine's business.
fn select_frame() -> Function {
    let mut c = Code::new();
    c.tag();
    c.w().i64_eqz();
    c.when(|c| c.stop(Entry::STG_SELECT_FRAME));
    c.load(SP, WORD_BYTES);
    c.w().i32_wrap_i64().i32_const(WORD_BYTES.trailing_zeros().cast_signed()).i32_shl();
    c.w().local_get(R1).i64_const(!7).i64_and().i32_wrap_i64().i32_add();
    c.w().i64_load(at(PAYLOAD)).local_set(R1);
    c.add_sp(i64::from(SELECT_FRAME));
    c.eval();
    c.finish()
}

/// Pushes the update frame of R1, a thunk.
fn push_update_frame(c: &mut Code) {
    c.add_sp(-i64::from(UPDATE_FRAME));
    c.store_at_sp(WORD_BYTES, |c| c.get_reg(1));
    c.store_at_sp(0, |c| {
        c.w().i64_const(i64::from(info::STG_UPD_FRAME.0));
    });
}
