//! Prototypes that can be called and those that cannot; where arguments go; handles.

use super::handle::Handles;
use super::prototype::{Pointee, Scalar};
use super::*;
use bcvm_host::glue::absent;

fn parsed(text: &str) -> Prototype {
    Prototype::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn declarations_that_mean_the_same() {
    for (one, other) in [
        (
            "unsigned long crc(unsigned long, const unsigned char *, unsigned)",
            "size_t crc(uint64_t a, unsigned char const *b, unsigned int c);",
        ),
        ("long long f(int)", "extern signed long int f ( signed x )"),
        ("void f(char c, signed char d, short int e)", "void f(char,int8_t,int16_t)"),
        ("const char *f(void)", "char const*f(void)"),
        ("struct s *f(struct s *restrict s)", "struct s * f(struct s *)"),
        ("FILE *f(FILE *const f)", "FILE *f(FILE *)"),
        ("bool f(bool)", "_Bool f(_Bool)"),
        ("int f(double x[])", "int f(double *x)"),
        ("unsigned f(unsigned char a[n], unsigned n)", "uint32_t f(uint8_t other[count], uint32_t count)"),
        ("int f(int a[*n], long *n)", "int f(int32_t a[ * m ], int64_t *m)"),
    ] {
        assert_eq!(parsed(one), parsed(other));
    }
    for (one, other) in [
        ("int f(char *)", "int f(signed char *)"),
        ("int f(char *)", "int f(const char *)"),
        ("int f(char x[3])", "int f(char x[4])"),
        ("int f(int)", "int g(int)"),
        ("int f(struct a *)", "int f(union a *)"),
    ] {
        assert_ne!(parsed(one), parsed(other));
    }
}

#[test]
fn declarations_that_are_refused() {
    for (text, why) in [
        ("", "a type is missing"),
        ("int", "a function's name is missing"),
        ("crc32(int)", "a function's name is missing"),
        ("int f", "the parameters of f are missing"),
        ("int f()", "write (void)"),
        ("int f(int, ...)", "a variable number of arguments"),
        ("int f(...)", "a variable number of arguments"),
        ("int f(int (*compare)(int, int))", "functions are not passed"),
        ("int f(int compare(int, int))", "functions are not passed"),
        ("int (*f(void))(int)", "functions are not passed"),
        ("int f(struct point p)", "the type struct point is unknown, or a struct"),
        ("struct point f(void)", "only pointers to such are passed"),
        ("gzFile f(int)", "the type gzFile is unknown"),
        ("int f(char **list)", "pointers to pointers"),
        ("char **f(void)", "pointers to pointers"),
        ("int f(char *list[3])", "only arrays of numbers"),
        ("int f(struct point p[3])", "only arrays of numbers"),
        ("int f(long double x)", "long double is no type, or is not supported"),
        ("int f(unsigned signed x)", "unsigned signed is no type"),
        ("int f(unsigned double x)", "unsigned double is no type"),
        ("int f(long long long x)", "is no type"),
        ("double _Complex f(void)", "_Complex is not supported"),
        ("int f(enum colour c)", "write the integer type"),
        ("int f(void, int)", "a parameter is void"),
        ("int f(int, void)", "a parameter is void"),
        ("int f(int) int", "something follows"),
        ("int f(int", "neither , nor )"),
        ("int f(int a int b)", "neither , nor )"),
        ("int f(char a[n])", "there is no parameter n"),
        ("int f(char a[n], double n)", "the parameter n is no integer"),
        ("int f(char a[*n], long n)", "the parameter n is no pointer to an integer"),
        ("int f(char a[n + 1], int n)", "a character that no prototype has"),
        ("int f(char a[n n], int n)", "more than a number or a name"),
        ("int f(char a[99999999999999999999])", "too many"),
        ("int f(int) /* comment */", "a character that no prototype has"),
    ] {
        let error = Prototype::parse(text).expect_err(text);
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn as_many_arguments_as_there_is_room_for() {
    let declaration = |words: usize, doubles: usize| {
        let params = [vec!["long"; words], vec!["double"; doubles]].concat();
        format!("int f({})", params.join(", "))
    };
    for (words, doubles) in [(22, 0), (0, 24), (6, 24), (22, 8), (14, 16)] {
        parsed(&declaration(words, doubles));
    }
    for (words, doubles) in [(23, 0), (0, 25), (22, 9), (14, 17), (1000, 0)] {
        let error = Prototype::parse(&declaration(words, doubles)).unwrap_err();
        assert!(error.contains("more arguments than are supported"), "{error}");
    }
}

#[test]
fn text_of_any_kind_is_read_or_refused() {
    let pieces =
        ["int", "f", "(", ")", "*", "[", "]", ",", "const", "struct", "void", "...", "3", "x", "unsigned", "é", "\0"];
    // All texts of four pieces, and what a random walk makes of them.
    for n in 0..pieces.len().pow(4) {
        let text: Vec<&str> = (0..4).map(|i| pieces[n / pieces.len().pow(i) % pieces.len()]).collect();
        let _ = Prototype::parse(&text.join(" "));
        let _ = Prototype::parse(&format!("int f({}", text.join(" ")));
    }
}

#[test]
fn handles_are_of_one_library_and_type_and_not_used_again() {
    let (mut handles, thing) = (Handles::default(), Pointee::Named("struct thing".into()));
    let first = handles.give(0, &thing, 0x7000).unwrap();
    assert_eq!(handles.give(0, &thing, 0x7000), Some(first));
    assert_eq!(first as u32, 0, "it can't be followed");
    assert_eq!(handles.find(0, &thing, first), Some(0x7000));
    assert_eq!(handles.find(1, &thing, first), None);
    assert_eq!(handles.find(0, &Pointee::Scalar(Scalar::I32), first), None);
    assert_eq!(handles.find(0, &thing, first + 1), None);
    handles.free(first);
    handles.free(first);
    assert_eq!(handles.find(0, &thing, first), None);
    let second = handles.give(0, &thing, 0x7000).unwrap();
    assert_ne!(first, second);
    let mut after = Handles::default();
    after.go_on_from(&handles);
    assert_eq!(after.find(0, &thing, second), None);
    assert!(![first, second].contains(&after.give(0, &thing, 0x7000).unwrap()));
}

#[test]
fn the_slots_are_nobody_elses() {
    for n in [0, MAX_FUNCTIONS - 1] {
        assert_eq!(absent::name_of(slot(n)), None);
        assert!(slot(n) <= bcvm::abi::C_SLOTS);
    }
    assert!(table::at(address(0).into()).is_none());
}
