//! Primops that compiled code calls out of line and that mostly need nothing but the registers and a few words of memory:
//! masking, catching, MVars, mutable variables, byte arrays. Frames of a masking state are here, too.
//!
//! Whatever is out of the ordinary (a thread that waits, an object of the old generation that is not on the mutable list
//! yet, no room in the nursery) is left to the machine (`bcvm::primop`), with all registers as they were.
//!
//! Truth: `rts/Exception.cmm`, `rts/PrimOps.cmm`.

use bcvm::abi::{BASE_REG, reg};
use bcvm::entry::Entry;
use bcvm::entry::closures::{Builtin, primop_slot};
use bcvm::entry::table::info;
use bcvm::heap::config::LARGE_W;
use bcvm::interp::call;
use bcvm::layout::closure::{THUNK_PAYLOAD, arr_words, mut_var, mvar};
use bcvm::layout::regs;
use bcvm::layout::tso::{self, flags};
use bcvm::primop::effect::Effect;
use bcvm::word::{InfoPtr, WORD as WORD_BYTES};
use wasm_encoder::Function;

use super::stg::{Code, HP, R1, R2, TYPE, WORD, at, at32};

/// Bytes that the machine's primops may push: where these find room, so do those, if compiled code has to try again.
const MOST_PUSHED: u32 = call::MAX_PUSH * WORD_BYTES;
const NOTHING: Builtin = Builtin::EndTsoQueue;
/// Bytes of the objects that atomic modifications make: the application of a function, and a selector of what it answers.
const APPLICATION: u32 = 4 * WORD_BYTES;
const SELECTOR: u32 = 3 * WORD_BYTES;

/// Makes the code of an entry, given its slot.
type Generator = fn(u32) -> Function;

/// Every entry with its slot.
pub(super) fn entries() -> impl Iterator<Item = (u32, Function)> {
    use Effect::*;
    let primops: [(Effect, Generator); 15] = [
        (GetMaskingState, masking_state),
        (MaskAsyncExceptions, |slot| with_mask(slot, flags::MASK)),
        (MaskUninterruptible, |slot| with_mask(slot, flags::BLOCKEX)),
        (UnmaskAsyncExceptions, |slot| with_mask(slot, 0)),
        (Catch, catch),
        (NewMVar, new_mvar),
        (TakeMVar, take_mvar),
        (ReadMVar, read_mvar),
        (PutMVar, put_mvar),
        (NewMutVar, new_mut_var),
        (AtomicModifyMutVar2, |slot| modify_mut_var(slot, true)),
        (AtomicModifyMutVar, |slot| modify_mut_var(slot, false)),
        (CasMutVar, cas_mut_var),
        (NewByteArray, new_byte_array),
        (ShrinkMutableByteArray, shrink_byte_array),
    ];
    let frames = [
        (Entry::STG_MASK_ASYNC_EXCEPTIONS_RET, flags::MASK),
        (Entry::STG_MASK_UNINTERRUPTIBLE_RET, flags::BLOCKEX),
        (Entry::STG_UNMASK_ASYNC_EXCEPTIONS_RET, 0),
    ];
    let primops = primops.into_iter().map(|(primop, code)| {
        let slot = primop_slot(primop.number());
        (slot, code(slot))
    });
    primops.chain(frames.map(|(entry, state)| (entry.slot(), mask_frame(entry, state))))
}

/// TYPE = the address of the running thread.
fn load_thread(c: &mut Code) {
    c.w().i32_const(0).i32_load(at32(BASE_REG + regs::CURRENT_TSO)).local_set(TYPE);
}

/// Pushes the flags of the thread at TYPE.
fn get_flags(c: &mut Code) {
    c.w().local_get(TYPE).i32_load(at32(tso::FLAGS));
}

/// Puts the thread at TYPE into the masking state `state`.
fn set_mask(c: &mut Code, state: u32) {
    c.w().local_get(TYPE);
    get_flags(c);
    c.w().i32_const(!flags::MASK.cast_signed()).i32_and();
    c.w().i32_const(state.cast_signed()).i32_or().i32_store(at32(tso::FLAGS));
}

/// Leaves if exceptions wait for the thread at TYPE, which is about to unmask them.
fn stop_if_exceptions_wait(c: &mut Code, slot: u32) {
    c.w().local_get(TYPE).i32_load(at32(tso::BLOCKED_EXCEPTIONS));
    c.w().i32_const(!7).i32_and().i32_const(NOTHING.addr().0.cast_signed()).i32_ne();
    c.when(|c| c.stop_at(slot));
}

/// 0 unmasked, 1 uninterruptible, 2 masked.
fn masking_state(_: u32) -> Function {
    let mut c = Code::new();
    load_thread(&mut c);
    get_flags(&mut c);
    c.w().i32_const(flags::MASK.cast_signed()).i32_and().local_tee(TYPE);
    c.w().i32_const(0).i32_ne();
    c.w().local_get(TYPE).i32_const(flags::INTERRUPTIBLE.trailing_zeros().cast_signed()).i32_shr_u();
    c.w().i32_add().i64_extend_i32_u().local_set(R1);
    c.jump_frame();
    c.finish()
}

/// Runs the action in R1 in the masking state `state`, over a frame that goes back to the present one.
fn with_mask(slot: u32, state: u32) -> Function {
    let mut c = Code::new();
    c.check_stack_at(MOST_PUSHED, slot);
    load_thread(&mut c);
    if state == 0 {
        stop_if_exceptions_wait(&mut c, slot);
    }
    get_flags(&mut c);
    c.w().i32_const(flags::MASK.cast_signed()).i32_and().i64_extend_i32_u().local_tee(WORD);
    c.w().i64_const(i64::from(state)).i64_ne();
    c.when(|c| {
        c.add_sp(-i64::from(WORD_BYTES));
        c.store_at_sp(0, |c| {
            push_info(c, info::STG_UNMASK_ASYNC_EXCEPTIONS_RET);
            push_info(c, info::STG_MASK_UNINTERRUPTIBLE_RET);
            push_info(c, info::STG_MASK_ASYNC_EXCEPTIONS_RET);
            c.w().local_get(WORD).i64_const(i64::from(flags::BLOCKEX)).i64_eq().select();
            c.w().local_get(WORD).i64_eqz().select();
        });
        set_mask(c, state);
    });
    c.jump_entry(Entry::STG_AP_V_FAST);
    c.finish()
}

/// The frame that goes back to the masking state `state`.
fn mask_frame(entry: Entry, state: u32) -> Function {
    let mut c = Code::new();
    load_thread(&mut c);
    if state == 0 {
        stop_if_exceptions_wait(&mut c, entry.slot());
    }
    set_mask(&mut c, state);
    c.add_sp(i64::from(WORD_BYTES));
    c.jump_frame();
    c.finish()
}

/// Runs the action in R1 under a frame with the handler in R2.
fn catch(slot: u32) -> Function {
    const FRAME: u32 = 3 * WORD_BYTES;
    let mut c = Code::new();
    c.check_stack_at(MOST_PUSHED, slot);
    load_thread(&mut c);
    c.add_sp(-i64::from(FRAME));
    c.store_at_sp(2 * WORD_BYTES, |c| c.get_reg(2));
    c.store_at_sp(WORD_BYTES, |c| {
        get_flags(c);
        c.w().i32_const(flags::MASK.cast_signed()).i32_and().i64_extend_i32_u();
    });
    c.store_at_sp(0, |c| push_info(c, info::STG_CATCH_FRAME));
    c.jump_entry(Entry::STG_AP_V_FAST);
    c.finish()
}

fn push_info(c: &mut Code, info: InfoPtr) {
    c.w().i64_const(i64::from(info.0));
}

/// Leaves unless the nursery has room for so many bytes more, which `bytes` pushes. Hp does not move.
fn check_heap(c: &mut Code, slot: u32, bytes: impl FnOnce(&mut Code)) {
    c.w().local_get(HP);
    bytes(c);
    c.w().i64_add().i32_const(0).i64_load(at(BASE_REG + reg::HP_LIM)).i64_gt_u();
    c.when(|c| c.stop_at(slot));
}

/// The same for a number of bytes that is known.
fn check_heap_for(c: &mut Code, slot: u32, bytes: u32) {
    check_heap(c, slot, |c| {
        c.w().i64_const(i64::from(bytes));
    });
}

/// Stores what `value` pushes at `offset` in the object that will be allocated next.
fn store_new(c: &mut Code, offset: u32, value: impl FnOnce(&mut Code)) {
    c.w().local_get(HP).i32_wrap_i64();
    value(c);
    c.w().i64_store(at(WORD_BYTES + offset));
}

/// Pushes the address of the object that will be allocated next, `offset` bytes further on.
fn new_address(c: &mut Code, offset: u32) {
    c.w().local_get(HP).i64_const(i64::from(WORD_BYTES + offset)).i64_add();
}

/// Hp += bytes.
fn allocate(c: &mut Code, bytes: u32) {
    c.w().local_get(HP).i64_const(i64::from(bytes)).i64_add().local_set(HP);
}

/// Stores what `value` pushes at `offset` in the object that R1 points to.
fn store_field(c: &mut Code, offset: u32, value: impl FnOnce(&mut Code)) {
    c.w().local_get(R1).i32_wrap_i64();
    value(c);
    c.w().i64_store(at(offset));
}

/// Leaves unless the object in R1 is one that may be written to without a word to anybody.
fn check_dirty(c: &mut Code, slot: u32, dirty: InfoPtr) {
    c.load_info();
    c.w().local_get(super::stg::INFO).i32_const(dirty.0.cast_signed()).i32_ne();
    c.when(|c| c.stop_at(slot));
}

fn push_nothing(c: &mut Code) {
    c.w().i64_const(i64::from(NOTHING.ptr().0));
}

fn new_mvar(slot: u32) -> Function {
    const BYTES: u32 = mvar::SIZE_W * WORD_BYTES;
    let mut c = Code::new();
    check_heap_for(&mut c, slot, BYTES);
    store_new(&mut c, 0, |c| push_info(c, info::STG_MVAR_DIRTY));
    for field in [mvar::HEAD, mvar::TAIL, mvar::VALUE] {
        store_new(&mut c, field, push_nothing);
    }
    new_address(&mut c, 0);
    c.set_reg(1);
    allocate(&mut c, BYTES);
    c.jump_frame();
    c.finish()
}

/// WORD = the value of the MVar in R1, which may be none; pushes whether it is none.
fn load_value(c: &mut Code) {
    c.load(R1, mvar::VALUE);
    c.w().local_tee(WORD).i64_const(!7).i64_and().i64_const(i64::from(NOTHING.addr().0)).i64_eq();
}

/// Leaves if a thread waits for the MVar in R1.
fn stop_if_queue(c: &mut Code, slot: u32) {
    c.load(R1, mvar::HEAD);
    c.w().i64_const(!7).i64_and().i64_const(i64::from(NOTHING.addr().0)).i64_ne();
    c.when(|c| c.stop_at(slot));
}

fn take_mvar(slot: u32) -> Function {
    let mut c = Code::new();
    check_dirty(&mut c, slot, info::STG_MVAR_DIRTY);
    load_value(&mut c);
    c.when(|c| c.stop_at(slot));
    stop_if_queue(&mut c, slot);
    store_field(&mut c, mvar::VALUE, push_nothing);
    c.w().local_get(WORD).local_set(R1);
    c.jump_frame();
    c.finish()
}

fn read_mvar(slot: u32) -> Function {
    let mut c = Code::new();
    load_value(&mut c);
    c.when(|c| c.stop_at(slot));
    c.w().local_get(WORD).local_set(R1);
    c.jump_frame();
    c.finish()
}

fn put_mvar(slot: u32) -> Function {
    let mut c = Code::new();
    check_dirty(&mut c, slot, info::STG_MVAR_DIRTY);
    load_value(&mut c);
    c.w().i32_eqz();
    c.when(|c| c.stop_at(slot));
    stop_if_queue(&mut c, slot);
    store_field(&mut c, mvar::VALUE, |c| c.get_reg(2));
    c.jump_frame();
    c.finish()
}

fn new_mut_var(slot: u32) -> Function {
    const BYTES: u32 = mut_var::SIZE_W * WORD_BYTES;
    let mut c = Code::new();
    check_heap_for(&mut c, slot, BYTES);
    store_new(&mut c, 0, |c| push_info(c, info::STG_MUT_VAR_DIRTY));
    store_new(&mut c, mut_var::VAR, |c| c.get_reg(1));
    new_address(&mut c, 0);
    c.set_reg(1);
    allocate(&mut c, BYTES);
    c.jump_frame();
    c.finish()
}

/// The variable in R1 gets the application of R2 to its value, or the first field of that. Answers the old value and the
/// application.
fn modify_mut_var(slot: u32, first_field: bool) -> Function {
    let mut c = Code::new();
    let bytes = if first_field { APPLICATION + SELECTOR } else { APPLICATION };
    check_heap_for(&mut c, slot, bytes);
    check_dirty(&mut c, slot, info::STG_MUT_VAR_DIRTY);
    c.load(R1, mut_var::VAR);
    c.w().local_set(WORD);
    store_new(&mut c, 0, |c| push_info(c, info::STG_AP_2_UPD));
    store_new(&mut c, THUNK_PAYLOAD, |c| c.get_reg(2));
    store_new(&mut c, THUNK_PAYLOAD + WORD_BYTES, |c| {
        c.w().local_get(WORD);
    });
    if first_field {
        store_new(&mut c, APPLICATION, |c| push_info(c, info::STG_SEL_0_UPD));
        store_new(&mut c, APPLICATION + THUNK_PAYLOAD, |c| new_address(c, 0));
    }
    store_field(&mut c, mut_var::VAR, |c| new_address(c, if first_field { APPLICATION } else { 0 }));
    new_address(&mut c, 0);
    c.w().local_set(R2).local_get(WORD).local_set(R1);
    allocate(&mut c, bytes);
    c.jump_frame();
    c.finish()
}

/// The variable in R1 gets R3 if its value is R2. Answers 0 and the new value, or 1 and the one that is there.
fn cas_mut_var(slot: u32) -> Function {
    let mut c = Code::new();
    c.load(R1, mut_var::VAR);
    c.w().local_tee(WORD).local_get(R2).i64_ne();
    c.when(|c| {
        c.w().i64_const(1).local_set(R1).local_get(WORD).local_set(R2);
        c.jump_frame();
    });
    check_dirty(&mut c, slot, info::STG_MUT_VAR_DIRTY);
    store_field(&mut c, mut_var::VAR, |c| c.get_reg(3));
    c.get_reg(3);
    c.w().local_set(R2).i64_const(0).local_set(R1);
    c.jump_frame();
    c.finish()
}

/// An array of R1 bytes, if it is no large object.
fn new_byte_array(slot: u32) -> Function {
    let most = (LARGE_W - 1 - arr_words::SIZE_W) * WORD_BYTES;
    let mut c = Code::new();
    c.w().local_get(R1).i64_const(i64::from(most)).i64_gt_u();
    c.when(|c| c.stop_at(slot));
    let up = i64::from(arr_words::PAYLOAD + WORD_BYTES - 1);
    c.w().local_get(R1).i64_const(up).i64_add().i64_const(-i64::from(WORD_BYTES)).i64_and().local_set(WORD);
    check_heap(&mut c, slot, |c| {
        c.w().local_get(WORD);
    });
    store_new(&mut c, 0, |c| push_info(c, info::STG_ARR_WORDS));
    store_new(&mut c, arr_words::BYTES, |c| c.get_reg(1));
    new_address(&mut c, 0);
    c.set_reg(1);
    c.w().local_get(HP).local_get(WORD).i64_add().local_set(HP);
    c.jump_frame();
    c.finish()
}

/// The array in R1 has but R2 bytes from now on.
fn shrink_byte_array(slot: u32) -> Function {
    let mut c = Code::new();
    c.load(R1, arr_words::BYTES);
    c.w().local_get(R2).i64_lt_u();
    c.when(|c| c.stop_at(slot));
    store_field(&mut c, arr_words::BYTES, |c| c.get_reg(2));
    c.jump_frame();
    c.finish()
}
