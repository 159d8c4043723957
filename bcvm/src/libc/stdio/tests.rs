//! Formats against what C makes of them, and hostile ones.

use crate::libc::harness::*;
use crate::libc::table::{MAX_ARGS, dots};
use crate::word::Addr;

/// What `snprintf` makes of a format and its words and doubles.
fn formatted(format: &str, words: &[u64], doubles: &[f64]) -> String {
    let mut m = machine();
    let (out, format) = (call(&mut m, "malloc", &[8192]), string(&mut m, format));
    let mut args = [0; MAX_ARGS];
    args[..3].copy_from_slice(&[out, 8192, format]);
    let in_registers = words.len().min(dots::WORDS - 3);
    args[3..3 + in_registers].copy_from_slice(&words[..in_registers]);
    args[dots::STACK] = call(&mut m, "calloc", &[8, 8]);
    for (i, w) in (0..).zip(&words[in_registers..]) {
        m.mem.set_word(Addr::from_word(args[dots::STACK]).offset_w(i), *w);
    }
    for (arg, d) in args[dots::WORDS..dots::STACK].iter_mut().zip(doubles) {
        *arg = d.to_bits();
    }
    let len = call(&mut m, "snprintf", &args);
    let text = read(&m, out);
    assert_eq!(text.len() as u64, len);
    text
}

#[test]
fn integers_are_formatted_as_in_c() {
    let minus = -5i64 as u64;
    for (format, words, text) in [
        ("%d", &[minus][..], "-5"),
        ("%i|%5d|%-5d|%05d", &[1, 42, 42, minus], "1|   42|42   |-0005"),
        ("%+d % d", &[7, 7], "+7  7"),
        ("%u", &[u64::MAX], "4294967295"),
        ("%lu %ld", &[u64::MAX, u64::MAX], "18446744073709551615 -1"),
        ("%hd %hhd %hhu", &[0x1_8000, 0x1ff, 0x1ff], "-32768 -1 255"),
        ("%x %X %#x %#o %o", &[255, 255, 255, 8, 8], "ff FF 0xff 010 10"),
        ("%#x %.0d|%.3d", &[0, 0, 7], "0 |007"),
        ("%08.3d|%-8.3x|", &[7, 10], "     007|00a     |"),
        ("%*d|%-*d|", &[4, 1, 4, 1], "   1|1   |"),
        ("%zu %jd %td", &[1, minus, 3], "1 -5 3"),
        ("%c%c%%", &[b'o' as u64, b'k' as u64], "ok%"),
        ("%p %p", &[0, 0x1234], "(nil) 0x1234"),
        ("%+#06x|%-+4d|", &[10, 3], "0x000a|+3  |"),
        ("%y %", &[], "%y %"),
        ("%s", &[0], "(null)"),
    ] {
        assert_eq!(formatted(format, words, &[]), text, "{format}");
    }
}

#[test]
fn doubles_are_formatted_as_in_c() {
    for (format, value, text) in [
        ("%f", 3.25, "3.250000"),
        ("%.2f", 2.675, "2.67"),
        ("%.0f", 2.5, "2"),
        ("%#.0f", 2.5, "2."),
        ("%8.3f|", -1.5, "  -1.500|"),
        ("%-8.1f|", 1.25, "1.2     |"),
        ("%08.2f", -1.0, "-0001.00"),
        ("%e", 12345.678, "1.234568e+04"),
        ("%.3E", 1e-100, "1.000E-100"),
        ("%.0e", 15.0, "2e+01"),
        ("%g", 100000.0, "100000"),
        ("%g", 1000000.0, "1e+06"),
        ("%g", 0.0001, "0.0001"),
        ("%g", 0.00001234, "1.234e-05"),
        ("%g", 0.0, "0"),
        ("%#g", 1.0, "1.00000"),
        ("%.3g", 99.99, "100"),
        ("%.10g", 0.1, "0.1"),
        ("%.17g", 0.1, "0.10000000000000001"),
        ("%G", 1e-10, "1E-10"),
        ("%f", f64::INFINITY, "inf"),
        ("%06F", f64::NEG_INFINITY, "  -INF"),
        ("%+.1f", 0.0, "+0.0"),
        ("%f", -0.0, "-0.000000"),
        ("%.1f", 1e22, "10000000000000000000000.0"),
    ] {
        assert_eq!(formatted(format, &[], &[value]), text, "{format} of {value:?}");
    }
    assert_eq!(formatted("%d %g %d %g", &[1, 2], &[0.5, 1.5]), "1 0.5 2 1.5");
}

#[test]
fn strings_are_cut_and_padded() {
    let mut m = machine();
    let (out, format, s) = (words(&mut m, 8), string(&mut m, "[%5s|%-5s|%.2s]"), string(&mut m, "abc"));
    assert_eq!(call(&mut m, "sprintf", &[out, format, s, s, s]), 16);
    assert_eq!(read(&m, out), "[  abc|abc  |ab]");
    // A buffer that is too small is filled and ended; one of no bytes is not touched.
    m.mem.set_word(Addr::from_word(out), u64::MAX);
    assert_eq!(call(&mut m, "snprintf", &[out, 4, format, s, s, s]), 16);
    assert_eq!(read(&m, out), "[  ");
    assert_eq!(call(&mut m, "snprintf", &[0, 0, format, s, s, s]), 16);
}

#[test]
fn hostile_formats_are_bounded() {
    let text = formatted("%999999999d", &[1], &[]);
    assert_eq!(text.len(), super::format::MAX_WIDTH);
    assert_eq!(formatted("%99999999999999999999d", &[1], &[]).len(), super::format::MAX_WIDTH);
    assert_eq!(formatted("%.*d", &[u32::MAX as u64, 1], &[]), "1");
    let mut m = machine();
    let all = "%4096d".repeat(400);
    let format = string(&mut m, &all);
    let mut args = [0; MAX_ARGS];
    (args[2], args[dots::STACK]) = (format, words(&mut m, 400));
    assert_eq!(call(&mut m, "snprintf", &args), super::MAX_OUTPUT as u64);
    assert_eq!(formatted("%n%d", &[0x10, 5], &[]), "5");
}

#[test]
fn what_is_printed_reaches_the_log() {
    let (mut m, log) = machine_and_log();
    let hello = string(&mut m, "hello");
    assert_eq!(call(&mut m, "puts", &[hello]), 6);
    let stderr = crate::libc::data::find("stderr").expect("stderr");
    let file = m.mem.word(stderr);
    assert_eq!(super::file::descriptor(&m, file), super::STDERR as u64);
    let format = string(&mut m, "%s, %d times\n");
    assert_eq!(call(&mut m, "fprintf", &[file, format, hello, 3]), 15);
    assert_eq!(call(&mut m, "fwrite", &[hello, 2, 2, file]), 2);
    assert_eq!(*log.lock().expect("the log"), ["hello", "hello, 3 times", "hell"]);
}

/// What `sscanf` answers, and the words it has written to.
fn scanned(text: &str, format: &str, places: usize) -> (i32, Vec<u64>) {
    let mut m = machine();
    let (text, format) = (string(&mut m, text), string(&mut m, format));
    let room = words(&mut m, places * 4);
    let mut args = [0; MAX_ARGS];
    args[..2].copy_from_slice(&[text, format]);
    args[dots::STACK] = words(&mut m, 8);
    for i in 0..places as u64 {
        let place = room + 32 * i;
        match 2 + i as usize {
            n if n < dots::WORDS => args[n] = place,
            n => m.mem.set_word(Addr::from_word(args[dots::STACK]).offset_w((n - dots::WORDS) as u32), place),
        }
    }
    let answer = call(&mut m, "sscanf", &args);
    (answer as i32, (0..places as u32).map(|i| m.mem.word(Addr::from_word(room).offset_w(4 * i))).collect())
}

#[test]
fn values_are_read_as_in_c() {
    let text = |s: &str| s.bytes().rev().fold(0, |all, c| all << 8 | c as u64);
    for (input, format, answer, values) in [
        ("12 -7", "%d %ld", 2, &[12, -7i64 as u64][..]),
        ("0x1f 017 9", "%i %i %i", 3, &[31, 15, 9]),
        ("ff", "%x", 1, &[255]),
        ("12abc", "%d%s", 2, &[12, text("abc")]),
        ("  key = value", " %7[a-z] = %s", 2, &[text("key"), text("value")]),
        ("a,b", "%[^,],%c", 2, &[text("a"), text("b")]),
        ("1.5e3x", "%lf%c", 2, &[1500f64.to_bits(), text("x")]),
        ("2.5", "%f", 1, &[2.5f32.to_bits() as u64]),
        ("1234", "%2d%d", 2, &[12, 34]),
        ("5 6", "%*d %d", 1, &[6]),
        ("abc", "%d", 0, &[0]),
        ("", "%d", -1, &[0]),
        ("x1", "y%d", 0, &[0]),
        ("7 rest", "%d%n", 1, &[7, 1]),
        ("1 2 3 4 5 6", "%d %d %d %d %d %d", 6, &[1, 2, 3, 4, 5, 6]),
        ("300", "%hhd", 1, &[44]),
        ("50%", "%d%%", 1, &[50]),
        ("inf", "%lf", 1, &[f64::INFINITY.to_bits()]),
    ] {
        assert_eq!(scanned(input, format, values.len()), (answer, values.to_vec()), "{input:?} by {format:?}");
    }
}
