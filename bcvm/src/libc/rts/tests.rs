//! The RTS's functions on a machine without a program.

use crate::entry::closures::Builtin;
use crate::gc::Kind;
use crate::layout::tso;
use crate::libc::harness::*;
use crate::sched::thread::Start;
use crate::word::Addr;

#[test]
fn a_store_keeps_what_came_first() {
    let mut m = machine();
    let name = "getOrSetSystemEventThreadEventManagerStore";
    assert_eq!(call(&mut m, name, &[5]), 5);
    assert_eq!(call(&mut m, name, &[6]), 5);
    assert_eq!(call(&mut m, "getOrSetSystemTimerThreadEventManagerStore", &[7]), 7);
    assert_eq!(call(&mut machine(), name, &[8]), 8, "another machine has its own");
}

#[test]
fn threads_are_ordered_by_number() {
    let mut m = machine();
    let new = |m: &mut crate::Machine| m.new_thread(Builtin::Unit.ptr(), Start::Eval).expect("room").word();
    let (a, b) = (new(&mut m), new(&mut m));
    assert_eq!(call(&mut m, "cmp_thread", &[a, b]) as i32, -1);
    assert_eq!(call(&mut m, "cmp_thread", &[b, a]), 1);
    assert_eq!(call(&mut m, "cmp_thread", &[a, a]), 0);
    assert_eq!(call(&mut m, "eq_thread", &[a, a]), 1);
    assert_eq!(call(&mut m, "rts_getThreadId", &[b]), m.mem.word(Addr::from_word(b) + tso::ID));
}

#[test]
fn a_collection_is_asked_for_and_happens_later() {
    let mut m = machine();
    let before = m.counts.major;
    call(&mut m, "performMajorGC", &[]);
    assert!(m.c.collection_wanted);
    assert_eq!(m.counts.major, before);
    m.evaluate(Builtin::Unit.ptr(), Start::Eval);
    m.collect(Kind::Minor);
}

#[test]
fn signal_handlers_are_remembered() {
    let mut m = machine();
    assert_eq!(call(&mut m, "stg_sig_install", &[2, -4i64 as u64, 0]) as i32, -1);
    assert_eq!(call(&mut m, "stg_sig_install", &[2, -1i64 as u64, 0]) as i32, -4);
    assert_eq!(call(&mut m, "stg_sig_install", &[0, 0, 0]) as i32, -3);
    assert_eq!(call(&mut m, "stg_sig_install", &[1 << 40, 0, 0]) as i32, -3);
}

#[test]
fn doubles_are_put_together() {
    let mut m = machine();
    let d = |w: u64| f64::from_bits(w);
    assert_eq!(d(call(&mut m, "__int_encodeDouble", &[-3i64 as u64, 2])), -12.0);
    assert_eq!(d(call(&mut m, "__word_encodeDouble", &[u64::MAX, -64i64 as u64])), 1.0);
    assert_eq!(d(call(&mut m, "__int_encodeDouble", &[1, 5000])), f64::INFINITY);
    assert_eq!(f32::from_bits(call(&mut m, "__int_encodeFloat", &[5, -1i64 as u64]) as u32), 2.5);
}

#[test]
fn static_pointers_are_found_by_key() {
    let mut m = machine();
    let (key, entry, out) = (words(&mut m, 2), words(&mut m, 1), words(&mut m, 4));
    m.mem.set_word(Addr::from_word(key), 11);
    m.mem.set_word(Addr::from_word(key + 8), 22);
    assert_eq!(call(&mut m, "hs_spt_lookup", &[key]), 0);
    let p = m.stable.make(Builtin::Unit.ptr());
    m.mem.set_word(Addr::from_word(entry), p);
    call(&mut m, "hs_spt_insert_stableptr", &[key, entry]);
    assert_eq!(call(&mut m, "hs_spt_lookup", &[key]), Builtin::Unit.ptr().word());
    assert_eq!(call(&mut m, "hs_spt_key_count", &[]), 1);
    assert_eq!(call(&mut m, "hs_spt_keys", &[out, 4]), 1);
    let found = Addr::from_word(m.mem.word(Addr::from_word(out)));
    assert_eq!((m.mem.word(found), m.mem.word(found.offset_w(1))), (11, 22));
    assert_eq!(call(&mut m, "hs_spt_keys", &[out, 0]), 0);
}

#[test]
fn messages_are_formatted() {
    let (mut m, log) = machine_and_log();
    let format = string(&mut m, "%d things");
    call(&mut m, "errorBelch", &[format, 3]);
    assert!(m.set_arguments(&[b"/some/where/prog", b"x"]));
    call(&mut m, "errorBelch", &[format, 5]);
    assert_eq!(ended(&mut m, "barf", &[format, 4]), "internal error: 4 things");
    assert_eq!(*log.lock().expect("the log"), ["bcvm: 3 things", "prog: 5 things", "4 things"]);
}

#[test]
fn variables_begin_with_their_values() {
    let m = machine();
    let value = |name| m.mem.word(crate::entry::symbol::find(name).expect("a variable"));
    assert_eq!(value("enabled_capabilities"), 1);
    assert_eq!(value("nonmoving_write_barrier_enabled"), 0);
}
