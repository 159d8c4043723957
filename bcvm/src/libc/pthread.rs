//! POSIX threads, of which there is one: a lock that is free is taken, one that is taken stays so, and what would wait for
//! another thread would wait forever, which ends the program.
//!
//! Objects begin as zeros, as their static initialisers have them. A mutex keeps in its first word how often it is locked.

use super::errno::{EAGAIN, EBUSY, EDEADLOCK, EINVAL, EPERM, ESRCH};
use super::os::call::refuse;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};

/// The keys there can be (`PTHREAD_KEYS_MAX`).
const KEYS: usize = 1024;
/// `pthread_self`: any number but 0.
const SELF: Word = 1;
/// Kinds of mutex, and where in one its kind is (`__kind` of `struct __pthread_mutex_s`).
const RECURSIVE: u32 = 1;
const ERROR_CHECKING: u32 = 2;
const KIND: u32 = 16;
/// Bytes of a mutex, a condition, a read-write lock.
const MUTEX_BYTES: u32 = 40;
const OBJECT_BYTES: u32 = 56;

fn number(n: i32) -> Word {
    n as Word
}

fn zero(m: &mut Machine, at: Word, bytes: u32) -> Word {
    m.mem.fill_words(Addr::from_word(at), bytes / 8, 0);
    0
}

fn mutex_init(m: &mut Machine, mutex: Word, attributes: Word) -> Word {
    let kind = if attributes == 0 { 0 } else { m.mem.u32(Addr::from_word(attributes)) };
    zero(m, mutex, MUTEX_BYTES);
    m.mem.set_u32(Addr::from_word(mutex) + KIND, kind & 3);
    0
}

/// `pthread_mutex_lock`, or with `tries` `pthread_mutex_trylock`.
fn lock(m: &mut Machine, mutex: Word, tries: bool) -> Word {
    let at = Addr::from_word(mutex);
    let (count, kind) = (m.mem.u32(at), m.mem.u32(at + KIND) & 3);
    match (count, kind) {
        (0, _) | (_, RECURSIVE) => {
            m.mem.set_u32(at, count.wrapping_add(1));
            0
        }
        _ if tries => number(EBUSY),
        (_, ERROR_CHECKING) => number(EDEADLOCK),
        _ => waits(m, "a mutex that it holds itself"),
    }
}

fn unlock(m: &mut Machine, mutex: Word) -> Word {
    let at = Addr::from_word(mutex);
    let count = m.mem.u32(at);
    m.mem.set_u32(at, count.saturating_sub(1));
    if count == 0 && m.mem.u32(at + KIND) & 3 != 0 { number(EPERM) } else { 0 }
}

/// Ends the program: nobody else could wake it.
fn waits(m: &mut Machine, what: &str) -> Word {
    m.end_program(alloc::format!("C code waits for {what}, and there is no other thread"));
    0
}

fn key_create(m: &mut Machine, at: Word) -> Word {
    let keys = &mut m.c.thread_keys;
    let free = keys.iter().position(Option::is_none).unwrap_or(keys.len());
    if free >= KEYS {
        return number(EAGAIN);
    }
    keys.resize(keys.len().max(free + 1), None);
    keys[free] = Some(0);
    m.mem.set_u32(Addr::from_word(at), free as u32);
    0
}

/// The value of a key that was created.
fn key(m: &mut Machine, key: Word) -> Option<&mut Word> {
    m.c.thread_keys.get_mut(key as u32 as usize)?.as_mut()
}

/// `pthread_once`.
fn once(m: &mut Machine, control: Word, function: Word) -> Word {
    let at = Addr::from_word(control);
    if m.mem.u32(at) == 0 {
        m.mem.set_u32(at, 2);
        if let Err(why) = m.call_c(function, &[], Rep::V) {
            m.end_program(why);
        }
    }
    0
}

/// What does nothing and answers `$answer`.
macro_rules! nothing {
    ($answer:expr) => {
        |_, _| $answer
    };
}

functions! {
    "pthread_self" "" b'n' = nothing!(SELF);
    "pthread_equal" "nn" b'n' = |_, [a, b, ..]| (a == b) as Word;
    "pthread_create" "nnnn" b'n' = |m, _| {
        refuse(m, c"pthread_create");
        number(EAGAIN)
    };
    "pthread_join" "nn" b'n' = nothing!(number(ESRCH));
    "pthread_detach" "n" b'n' = nothing!(number(ESRCH));
    "pthread_kill" "nn" b'n' = |m, _| {
        refuse(m, c"pthread_kill");
        number(EPERM)
    };
    "pthread_exit" "n" b'v' = |m, _| {
        m.end_program("C code ended the only thread there is, with pthread_exit".into());
        0
    };
    "pthread_setname_np" "nn" b'n' = nothing!(0);
    "pthread_setcancelstate" "nn" b'n' = nothing!(0);
    "pthread_setcanceltype" "nn" b'n' = nothing!(0);
    "pthread_testcancel" "" b'v' = nothing!(0);
    "pthread_attr_init" "n" b'n' = |m, [at, ..]| zero(m, at, OBJECT_BYTES);
    "pthread_attr_destroy" "n" b'n' = nothing!(0);
    "pthread_attr_setdetachstate" "nn" b'n' = nothing!(0);
    "pthread_attr_setstacksize" "nn" b'n' = nothing!(0);
    "pthread_attr_getstacksize" "nn" b'n' = |m, [_, at, ..]| {
        m.mem.set_word(Addr::from_word(at), 8 << 20);
        0
    };
    "pthread_mutex_init" "nn" b'n' = |m, [mutex, attributes, ..]| mutex_init(m, mutex, attributes);
    "pthread_mutex_destroy" "n" b'n' = nothing!(0);
    "pthread_mutex_lock" "n" b'n' = |m, [mutex, ..]| lock(m, mutex, false);
    "pthread_mutex_trylock" "n" b'n' = |m, [mutex, ..]| lock(m, mutex, true);
    "pthread_mutex_unlock" "n" b'n' = |m, [mutex, ..]| unlock(m, mutex);
    "pthread_mutexattr_init" "n" b'n' = |m, [at, ..]| {
        m.mem.set_u32(Addr::from_word(at), 0);
        0
    };
    "pthread_mutexattr_destroy" "n" b'n' = nothing!(0);
    "pthread_mutexattr_settype" "nn" b'n' = |m, [at, kind, ..]| {
        if kind as u32 > ERROR_CHECKING {
            return number(EINVAL);
        }
        m.mem.set_u32(Addr::from_word(at), kind as u32);
        0
    };
    "pthread_cond_init" "nn" b'n' = |m, [at, ..]| zero(m, at, MUTEX_BYTES);
    "pthread_cond_destroy" "n" b'n' = nothing!(0);
    "pthread_cond_signal" "n" b'n' = nothing!(0);
    "pthread_cond_broadcast" "n" b'n' = nothing!(0);
    "pthread_cond_wait" "nn" b'n' = |m, _| waits(m, "a condition");
    // Unlike a mutex, read-write and spin locks are held by nobody who could be told from the others.
    "pthread_rwlock_init" "nn" b'n' = |m, [at, ..]| zero(m, at, OBJECT_BYTES);
    "pthread_rwlock_destroy" "n" b'n' = nothing!(0);
    "pthread_rwlock_rdlock" "n" b'n' = nothing!(0);
    "pthread_rwlock_wrlock" "n" b'n' = nothing!(0);
    "pthread_rwlock_tryrdlock" "n" b'n' = nothing!(0);
    "pthread_rwlock_trywrlock" "n" b'n' = nothing!(0);
    "pthread_rwlock_unlock" "n" b'n' = nothing!(0);
    "pthread_spin_init" "nn" b'n' = nothing!(0);
    "pthread_spin_destroy" "n" b'n' = nothing!(0);
    "pthread_spin_lock" "n" b'n' = nothing!(0);
    "pthread_spin_trylock" "n" b'n' = nothing!(0);
    "pthread_spin_unlock" "n" b'n' = nothing!(0);
    "pthread_key_create" "nn" b'n' = |m, [at, ..]| key_create(m, at);
    "pthread_key_delete" "n" b'n' = |m, [key, ..]| match m.c.thread_keys.get_mut(key as u32 as usize) {
        Some(value) => {
            *value = None;
            0
        }
        None => number(EINVAL),
    };
    "pthread_getspecific" "n" b'n' = |m, [n, ..]| key(m, n).map_or(0, |value| *value);
    "pthread_setspecific" "nn" b'n' = |m, [n, new, ..]| match key(m, n) {
        Some(value) => {
            *value = new;
            0
        }
        None => number(EINVAL),
    };
    "sched_yield" "" b'n' = nothing!(0);
    "sched_getaffinity" "nnn" b'n' = |m, [_, bytes, at, ..]| {
        super::memory::memset(&mut m.mem, [at, 0, bytes]);
        m.mem.set_u8(Addr::from_word(at), 1);
        0
    };
    "sched_setaffinity" "nnn" b'n' = nothing!(0);
    "sched_getcpu" "" b'n' = nothing!(0);
}

/// Those that run a function of the program.
pub mod calling {
    use super::once;
    use crate::libc::table::functions;

    functions! {
        "pthread_once" "nn" b'n' = |m, [control, function, ..]| once(m, control, function);
    }
}

#[cfg(test)]
mod tests {
    use crate::libc::errno::EBUSY;
    use crate::libc::harness::*;

    #[test]
    fn a_mutex_is_taken_and_waiting_for_oneself_ends_the_program() {
        let mut m = machine();
        let (mutex, attributes) = (words(&mut m, 5), words(&mut m, 1));
        assert_eq!(call(&mut m, "pthread_mutex_lock", &[mutex]), 0);
        assert_eq!(call(&mut m, "pthread_mutex_trylock", &[mutex]), EBUSY as u64);
        assert!(ended(&mut m, "pthread_mutex_lock", &[mutex]).contains("a mutex that it holds itself"));
        assert_eq!(call(&mut m, "pthread_mutex_unlock", &[mutex]), 0);
        assert_eq!(call(&mut m, "pthread_mutex_trylock", &[mutex]), 0);
        call(&mut m, "pthread_mutexattr_settype", &[attributes, 1]);
        call(&mut m, "pthread_mutex_init", &[mutex, attributes]);
        assert_eq!(
            [call(&mut m, "pthread_mutex_lock", &[mutex]), call(&mut m, "pthread_mutex_lock", &[mutex])],
            [0, 0]
        );
    }

    #[test]
    fn values_are_kept_by_key() {
        let mut m = machine();
        let key = words(&mut m, 1);
        assert_eq!(call(&mut m, "pthread_key_create", &[key, 0]), 0);
        assert_eq!(call(&mut m, "pthread_setspecific", &[0, 77]), 0);
        assert_eq!(call(&mut m, "pthread_getspecific", &[0]), 77);
        call(&mut m, "pthread_key_delete", &[0]);
        assert_eq!(call(&mut m, "pthread_getspecific", &[0]), 0);
        assert_ne!(call(&mut m, "pthread_setspecific", &[5, 1]), 0);
    }
}
