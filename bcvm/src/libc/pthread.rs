//! POSIX threads, of which there is one: locks are free, and its values are the program's.
//!
//! To wait for another thread, or to make one, is absent (`glue::absent`).

use super::table::functions;
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};

/// No more keys are given out, as in glibc.
const MAX_KEYS: usize = 1024;
/// What POSIX functions answer when there is no more.
const EAGAIN: Word = 11;
/// What they answer to a key that is none.
const EINVAL: Word = 22;

/// Values of the thread by key; none where no key is.
pub type ThreadValues = alloc::vec::Vec<Option<Word>>;

/// `pthread_key_create`
fn key_create(m: &mut Machine, key: Word) -> Word {
    let values = &mut m.c.thread_values;
    let free = values.iter().position(Option::is_none).unwrap_or(values.len());
    if free == MAX_KEYS {
        return EAGAIN;
    }
    if free == values.len() {
        values.push(None);
    }
    values[free] = Some(0);
    m.mem.set_u32(Addr::from_word(key), free as u32);
    0
}

/// `pthread_setspecific` with a value, `pthread_key_delete` with none.
fn set(m: &mut Machine, key: Word, value: Option<Word>) -> Word {
    match m.c.thread_values.get_mut(key as u32 as usize) {
        Some(slot) if slot.is_some() => {
            *slot = value;
            0
        }
        _ => EINVAL,
    }
}

/// `pthread_once`: `control` is an int that begins as 0.
fn once(m: &mut Machine, control: Word, function: Word) -> Word {
    let control = Addr::from_word(control);
    if m.mem.u32(control) != 0 {
        return 0;
    }
    m.mem.set_u32(control, 2);
    if let Err(why) = m.call_c(function, &[], Rep::V) {
        m.end_program(why);
    }
    0
}

functions! {
    "pthread_mutex_init" "nn" b'n' = |_, _| 0;
    "pthread_mutex_destroy" "n" b'n' = |_, _| 0;
    "pthread_mutex_lock" "n" b'n' = |_, _| 0;
    "pthread_mutex_trylock" "n" b'n' = |_, _| 0;
    "pthread_mutex_unlock" "n" b'n' = |_, _| 0;
    "pthread_rwlock_rdlock" "n" b'n' = |_, _| 0;
    "pthread_rwlock_wrlock" "n" b'n' = |_, _| 0;
    "pthread_rwlock_unlock" "n" b'n' = |_, _| 0;
    "pthread_cond_signal" "n" b'n' = |_, _| 0;
    "pthread_cond_broadcast" "n" b'n' = |_, _| 0;
    "pthread_cond_destroy" "n" b'n' = |_, _| 0;
    "pthread_key_create" "nn" b'n' = |m, [key, ..]| key_create(m, key);
    "pthread_key_delete" "n" b'n' = |m, [key, ..]| set(m, key, None);
    "pthread_setspecific" "nn" b'n' = |m, [key, value, ..]| set(m, key, Some(value));
    "pthread_getspecific" "n" b'n' = |m, [key, ..]| m.c.thread_values.get(key as u32 as usize).copied().flatten().unwrap_or(0);
    "pthread_once" "nn" b'n' = |m, [control, function, ..]| once(m, control, function);
}
