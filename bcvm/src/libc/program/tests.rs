//! Arguments, and the ways a program ends.

use crate::libc::harness::*;
use crate::word::Addr;

/// The arguments that a function answers.
fn arguments(m: &mut crate::Machine, name: &str) -> Vec<String> {
    let out = words(m, 2);
    call(m, name, &[out, out + 8]);
    let (argc, argv) = (m.mem.u32(Addr::from_word(out)), m.mem.word(Addr::from_word(out + 8)));
    let argv = Addr::from_word(argv);
    assert_eq!(m.mem.word(argv.offset_w(argc)), 0, "the array ends with null");
    (0..argc).map(|i| read(m, m.mem.word(argv.offset_w(i)))).collect()
}

#[test]
fn arguments_can_be_replaced_and_the_first_ones_remembered() {
    let mut m = machine();
    assert_eq!(arguments(&mut m, "getProgArgv"), ["bcvm"]);
    let (a, b) = (string(&mut m, "prog"), string(&mut m, "-x"));
    let argv = words(&mut m, 3);
    m.mem.set_word(Addr::from_word(argv), a);
    m.mem.set_word(Addr::from_word(argv + 8), b);
    call(&mut m, "setProgArgv", &[2, argv]);
    assert_eq!(arguments(&mut m, "getProgArgv"), ["prog", "-x"]);
    assert_eq!(arguments(&mut m, "getFullProgArgv"), ["bcvm"]);
    // They were copied.
    m.mem.set_u8(Addr::from_word(a), b'X');
    assert_eq!(arguments(&mut m, "getProgArgv"), ["prog", "-x"]);
}

#[test]
fn the_hosts_arguments_are_the_programs() {
    let mut m = machine();
    assert!(m.set_arguments(&[b"main", b"1", b"2"]));
    assert_eq!(arguments(&mut m, "getFullProgArgv"), ["main", "1", "2"]);
    let blocks = m.c.heap.len();
    for _ in 0..10 {
        assert!(m.set_arguments(&[b"again", b"x"]));
    }
    assert_eq!(m.c.heap.len(), blocks + 3, "only the first and the last are kept");
}

#[test]
fn a_program_ends_with_a_status_or_a_message() {
    let (mut m, log) = machine_and_log();
    assert_eq!(ended(&mut m, "exit", &[3]), "the program exited with status 3");
    assert_eq!(m.c.pending_exit, Some(3));
    assert!(ended(&mut m, "abort", &[]).contains("abort"));
    let (file, what) = (string(&mut m, "f.c"), string(&mut m, "x > 0"));
    let report = ended(&mut m, "__assert_fail", &[what, file, 7, file]);
    assert_eq!(report, "f.c:7: f.c: Assertion `x > 0' failed.");
    assert!(log.lock().expect("the log").contains(&report), "it is also written");
    // What comes first is what happened.
    try_call(&mut m, "abort", &[]);
    assert!(ended(&mut m, "exit", &[0]).contains("abort"));
}
