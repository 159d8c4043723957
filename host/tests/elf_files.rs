//! Objects and archives made by the real tools.

mod lift_support;

use std::process::Command;

use bcvm_host::elf::{Archive, Binding, Object, Place, SectionKind};
use bcvm_host::link::{Index, Value};
use bcvm_host::reloc::{Definition, Error, Layout, PlacedObject, SymbolBindings};
use lift_support::lifted::{Lifted, engine};
use lift_support::native::native;
use lift_support::{CODE, gcc, lift, lift_with};

const FLAGS: [&str; 2] = ["-ffreestanding", "-O1"];

fn ar(members: &[(&str, &str)]) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, source) in members {
        std::fs::write(dir.path().join(name), gcc("c", source, &FLAGS)).expect("written");
    }
    let names = members.iter().map(|(name, _)| name);
    let status = Command::new("ar").current_dir(&dir).arg("rcs").arg("lib.a").args(names).status();
    assert!(status.expect("ar runs").success());
    std::fs::read(dir.path().join("lib.a")).expect("ar wrote an archive")
}

#[test]
fn archives_have_members_and_an_index() {
    let long = "a_member_with_a_name_of_more_than_fifteen_bytes.o";
    let data = ar(&[("short.o", "int one(void) { return 1; }"), (long, "int two(void) { return 2; } int three = 3;")]);
    let archive = Archive::parse("lib.a", &data).expect("an archive");
    let names: Vec<&str> = archive.members().iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["short.o", long]);
    assert!(archive.has_index());
    assert_eq!(archive.defining("one"), [0]);
    assert_eq!(archive.defining("two"), [1]);
    assert_eq!(archive.defining("three"), [1]);
    assert!(archive.defining("four").is_empty());
    assert_eq!(archive.member_name(1), format!("lib.a({long})"));
    let object = Object::parse(archive.member_name(0), archive.members()[0].data).expect("an object");
    assert!(object.symbols.iter().any(|symbol| symbol.name == "one" && symbol.is_exported()));
}

#[test]
fn symbols_and_sections_are_told_apart() {
    let source = "int data = 1; int zero; const int constant = 2; static int hidden = 3; extern int wanted;\n\
                  __attribute__((weak)) int yielding(void) { return wanted + hidden++; }\n\
                  __attribute__((constructor)) static void start(void) { zero = 1; }";
    let data = gcc("c", source, &["-ffreestanding", "-O1", "-fcommon"]);
    let object = Object::parse("kinds.o", &data).expect("an object");
    let symbol = |name: &str| object.symbols.iter().find(|symbol| symbol.name == name).expect("a symbol");
    let kind = |name: &str| match symbol(name).place {
        Place::Section(section, _) => object.section(section).kind,
        place => panic!("{name} is {place:?}"),
    };
    assert_eq!(kind("data"), SectionKind::Data);
    assert_eq!(kind("constant"), SectionKind::ReadOnly);
    assert_eq!(kind("yielding"), SectionKind::Text);
    assert_eq!(symbol("zero").place, Place::Common { size: 4, align: 4 });
    assert_eq!(symbol("wanted").place, Place::Undefined);
    assert_eq!(symbol("yielding").binding, Binding::Weak);
    assert_eq!(symbol("hidden").binding, Binding::Local);
    assert!(object.sections.iter().any(|section| section.kind == SectionKind::InitArray));
    assert!(object.sections.iter().any(|section| section.kind == SectionKind::EhFrame));
}

#[test]
fn unresolved_symbols_are_listed_at_once() {
    let data = gcc("c", "int a(void); int b(void); int f(void) { return a() + a() + b(); }", &FLAGS);
    let object = Object::parse("wants.o", &data).expect("an object");
    let error = PlacedObject::new(&object, Layout::new(&object).expect("a layout"), CODE, &SymbolBindings::new());
    let error = error.expect_err("nothing is bound");
    let message = error.to_string();
    let Error::Unresolved { symbols, .. } = error else { panic!("{message}") };
    let found: Vec<(&str, usize)> = symbols.iter().map(|s| (s.symbol.as_str(), s.references)).collect();
    assert_eq!(found, [("a", 2), ("b", 1)]);
    assert!(message.contains("wants.o") && message.contains(".text+0x"), "{message}");
}

#[test]
fn overflow_names_everything() {
    let data = gcc("c", "extern char far[]; char *f(void) { return far; }", &["-O1", "-fno-pie", "-mcmodel=small"]);
    let object = Object::parse("far.o", &data).expect("an object");
    let mut bindings = SymbolBindings::new();
    bindings.define("far", Definition { address: 0x1_0000_0000, slot: None });
    let error = PlacedObject::new(&object, Layout::new(&object).expect("a layout"), CODE, &bindings);
    let message = error.expect_err("four GiB do not fit 32 bits").to_string();
    for part in ["far.o", ".text+0x1", "R_X86_64_32", "far", "does not fit"] {
        assert!(message.contains(part), "{message} lacks {part}");
    }
}

#[test]
fn weak_common_and_table_of_addresses() {
    // Position independent: external data is reached through the table of addresses.
    let source = "extern int outside; extern int missing __attribute__((weak)); int common[4];\n\
                  unsigned long f(void) { common[2] = 7; return (unsigned long)&outside + (&missing != 0) + common[2]; }";
    let data = gcc("c", source, &["-ffreestanding", "-O1", "-fPIC", "-fcommon"]);
    let mut bindings = SymbolBindings::new();
    bindings.define("outside", Definition { address: 0x7000_0010, slot: None });
    let both = lift_with(&data, &bindings);
    let mut lifted = Lifted::new(&engine(), &both.module, &both.image);
    assert_eq!(lifted.call(both.symbols["f"], [0; 4]).expect("no trap"), 0x7000_0017);
}

#[test]
fn what_is_no_object_is_refused() {
    for (data, what) in [
        (b"".as_slice(), "ELF header"),
        (b"\x7fELF\x02\x01\x01", "ELF header"),
        (b"GIF89a..................................................................", "ELF header"),
    ] {
        let message = Object::parse("odd.o", data).expect_err("no object").to_string();
        assert!(message.contains("odd.o") && message.contains(what), "{message}");
    }
    let mut program = gcc("c", "int x;", &[]);
    program[16] = 2;
    let message = Object::parse("program", &program).expect_err("not to be linked").to_string();
    assert!(message.contains("neither relocatable nor shared"), "{message}");
    let mut headless = gcc("c", "int x;", &[]);
    headless[16] = 3;
    headless[60..64].fill(0);
    let message = Object::parse("headless.so", &headless).expect_err("no sections").to_string();
    assert!(message.contains("no section headers"), "{message}");
    let directory = tempfile::tempdir().expect("a directory");
    let (source, pie) = (directory.path().join("p.c"), directory.path().join("p"));
    std::fs::write(&source, "int main(void) { return 0; }").expect("written");
    let gcc_pie = std::process::Command::new("gcc").args(["-fPIE", "-pie", "-o"]).args([&pie, &source]).status();
    assert!(gcc_pie.expect("gcc is installed where these tests run").success());
    let message = Object::parse("p", &std::fs::read(&pie).expect("written")).expect_err("a program").to_string();
    assert!(message.contains("is a program"), "{message}");
    let tls = gcc("c", "__thread int x = 1; int f(void) { return x; }", &[]);
    let message = Object::parse("tls.o", &tls).expect_err("thread-local").to_string();
    assert!(message.contains("thread-local"), "{message}");
}

#[test]
fn unsupported_code_is_named_and_traps_when_reached() {
    let source = ".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\ntest %rdi, %rdi\nje 1f\nmov $5, %eax\nret\n\
                  1: rdtsc\nret\n.cfi_endproc\n.globl g\n.type g,@function\n.balign 16\ng:\n.cfi_startproc\nvaddps %ymm0, %ymm1, %ymm2\nret\n.cfi_endproc\n";
    let both = lift(&gcc("assembler", source, &[]));
    let places: Vec<String> = both.module.unsupported.iter().map(ToString::to_string).collect();
    assert_eq!(places.len(), 2);
    assert!(places[0].contains("test.o: f+0xb at 0x3000000b: unsupported instruction: Rdtsc (0f 31)"), "{}", places[0]);
    assert!(places[1].contains("g at") && places[1].contains("Vaddps"), "{}", places[1]);
    assert_eq!(both.module.coverage.trapping, 2);
    let mut lifted = Lifted::new(&engine(), &both.module, &both.image);
    assert_eq!(lifted.call(both.symbols["f"], [1, 0, 0, 0]).expect("not reached"), 5);
    assert!(lifted.call(both.symbols["f"], [0; 4]).is_err());
    assert!(lifted.call(both.symbols["g"], [0; 4]).is_err());
    assert_eq!(*lifted.store.data(), [0, 1]);
}

/// Functions so short that an index over their first four bytes would run into the next: called directly, through addresses
/// in instructions, in data, in the table of addresses, and by a jump. The same natively.
#[test]
fn short_functions_have_cells() {
    let source = "\
        .text\n.globl f, g, h, by_lea, by_immediate, by_data, by_table, jumped, compared\n\
        .type f,@function\n.type g,@function\n.type h,@function\n\
        f: ret\n\
        g: inc %eax\nret\n\
        h: xchg %eax, %edi\nret\n\
        local: lea 1(%rdi), %eax\nret\n\
        .balign 16\n\
        direct: mov $6, %eax\ncall g\njmp f\n\
        by_lea: lea g(%rip), %rdx\nmov $40, %eax\npush %rbx\ncall *%rdx\npop %rbx\nret\n\
        by_immediate: mov $77, %eax\nmov $g, %edx\npush %rbx\ncall *%rdx\npop %rbx\nret\n\
        by_data: mov $3, %eax\nmov $9, %edi\npush %rbx\ncall *pointers(%rip)\ncall *pointers+16(%rip)\nmov pointers+8(%rip), %rdx\nmov %eax, %edi\ncall *%rdx\npop %rbx\nret\n\
        by_table: mov $9, %eax\nmov g@GOTPCREL(%rip), %rdx\npush %rbx\ncall *%rdx\npop %rbx\nret\n\
        jumped: mov $78, %eax\nmov $g, %rdx\njmp *%rdx\n\
        compared: lea g(%rip), %rdx\nxor %eax, %eax\ncmp $g, %rdx\nsete %al\nret\n\
        .globl direct\n\
        .data\n.balign 8\npointers: .quad g, local, h\n\
        .section .note.GNU-stack\n";
    let both = lift(&gcc("assembler", source, &[]));
    both.assert_supported();
    let cells: Vec<_> = both.module.entries.iter().filter(|entry| entry.pointer != entry.address).collect();
    assert_eq!(cells.len(), 2, "g and local: {cells:?}");
    let mut lifted = Lifted::new(&engine(), &both.module, &both.image);
    let mut native = native();
    native.bytes(CODE, both.image.len()).copy_from_slice(&both.image);
    for name in ["direct", "by_lea", "by_immediate", "by_data", "by_table", "jumped", "compared"] {
        let found = lifted.call(both.symbols[name], [0; 4]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(found, native.call(both.symbols[name]), "{name}");
    }
    // From outside they are called by the addresses that are exported.
    let object = gcc("assembler", source, &[]);
    let object = Object::parse("short.o", &object).expect("an object");
    let index = Index::new(&object).expect("an index");
    for (name, expected) in [("g", 1), ("h", 77)] {
        let export = index.exports().find(|export| export.name == name).expect("exported");
        let Value::Offset(offset) = export.value else { panic!("{export:?}") };
        assert_eq!(lifted.call(CODE + offset, [77, 0, 0, 0]).expect("called"), expected, "{name}");
    }
}

/// Division errors, wild jumps and bad calls trap; they do nothing else.
#[test]
fn faults_trap() {
    let source = "typedef unsigned long u64;\n\
                  u64 divide(u64 a, u64 b) { return a / b; }\n\
                  long quotient(long a, long b) { return a / b; }\n\
                  u64 wide(u64 a, u64 b, u64 c) { u64 q; asm(\"div %3\" : \"=a\"(q), \"+d\"(a) : \"a\"(b), \"r\"(c)); return q; }\n\
                  u64 jump(u64 (*f)(void)) { return f() + 1; }\n\
                  u64 null(u64 *p) { return *p; }\n";
    let both = lift(&gcc("c", source, &["-O1"]));
    let mut lifted = Lifted::new(&engine(), &both.module, &both.image);
    let mut call = |name: &str, a: [u64; 4]| lifted.call(both.symbols[name], a).ok();
    assert_eq!(call("divide", [7, 2, 0, 0]), Some(3));
    assert_eq!(call("divide", [7, 0, 0, 0]), None);
    assert_eq!(call("quotient", [1 << 63, u64::MAX, 0, 0]), None);
    assert_eq!(call("wide", [1, 0, 2, 0]), Some(1 << 63));
    assert_eq!(call("wide", [2, 0, 2, 0]), None);
    assert_eq!(call("jump", [0x3abc_def0, 0, 0, 0]), None);
}

#[test]
fn the_processor_is_the_same_everywhere() {
    let source = "#include <cpuid.h>\nunsigned long f(unsigned leaf, unsigned which) { unsigned r[4] = {9, 9, 9, 9};\
                  __cpuid(leaf, r[0], r[1], r[2], r[3]); return r[which]; }";
    let both = lift(&gcc("c", source, &["-O1"]));
    let mut lifted = Lifted::new(&engine(), &both.module, &both.image);
    let mut ask = |leaf, which| lifted.call(both.symbols["f"], [leaf, which, 0, 0]).expect("answered");
    assert_eq!(ask(0, 0), 1);
    let maker: Vec<u8> = [1, 3, 2].into_iter().flat_map(|which| (ask(0, which) as u32).to_le_bytes()).collect();
    assert_eq!(maker, b"bcvm sandbox");
    let (sse2, popcnt, aes) = (ask(1, 3) >> 26 & 1, ask(1, 2) >> 23 & 1, ask(1, 2) >> 25 & 1);
    assert_eq!([sse2, popcnt, aes], [1, 1, 0]);
    assert_eq!([ask(7, 0), ask(7, 1), ask(0x8000_0000, 0)], [0; 3]);
}
