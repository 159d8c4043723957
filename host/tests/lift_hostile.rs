//! Objects made to do harm: whatever the bytes, the answer is an error or a valid module, never a panic.

mod lift_support;

use bcvm_host::elf::{Archive, Object, Place};
use bcvm_host::lift::{Analysis, LiftedModule, Numbering};
use bcvm_host::reloc::{Definition, Layout, PlacedObject, SymbolBindings};
use lift_support::random::Random;
use lift_support::stores::check_cycles;
use lift_support::{CODE, gcc};
use wasmparser::{Validator, WasmFeatures};

/// Everything up to the lifted module; errors are fine.
fn process(data: &[u8]) -> Option<LiftedModule> {
    let object = Object::parse("hostile.o", data).ok()?;
    let layout = Layout::new(&object).ok()?;
    // A real linker limits sizes by policy; here only the time of the test matters.
    if layout.extent() > 16 << 20 {
        return None;
    }
    let mut bindings = SymbolBindings::new();
    for symbol in object.symbols.iter().filter(|symbol| symbol.place == Place::Undefined) {
        bindings.define(symbol.name, Definition { address: 0x11_0000, slot: None });
    }
    let placed = PlacedObject::new(&object, layout, CODE, &bindings).ok()?;
    let module = Analysis::new(&placed).ok()?.lift(Numbering::default()).ok()?;
    let mut image = placed.image.clone();
    module.finish_image(CODE, &mut image);
    Some(module)
}

fn check_valid(module: &LiftedModule, what: &str) {
    // Without bulk memory: the engine would run such instructions in the host.
    let features = WasmFeatures::all().difference(WasmFeatures::THREADS);
    if let Err(error) = Validator::new_with_features(features).validate_all(&module.wasm) {
        panic!("{what}: invalid module: {error}");
    }
}

fn cases() -> u64 {
    std::env::var("BCVM_HOSTILE_CASES").ok().and_then(|v| v.parse().ok()).unwrap_or(300)
}

fn sources() -> Vec<Vec<u8>> {
    let flags = ["-ffreestanding", "-fno-stack-protector"];
    let mut sources = Vec::new();
    for level in ["-O0", "-O2"] {
        let flags = [flags.as_slice(), &[level]].concat();
        sources.push(gcc("c", include_str!("corpus/control.c"), &flags));
        sources.push(gcc("c", include_str!("corpus/text.c"), &flags));
    }
    sources
}

#[test]
fn flipped_bytes() {
    let mut random = Random(17);
    let mut lifted = 0;
    for source in sources() {
        for case in 0..cases() {
            let mut data = source.clone();
            for _ in 0..1 + random.below(20) {
                let at = random.below(data.len() as u64) as usize;
                data[at] = random.next() as u8;
            }
            if let Some(module) = process(&data) {
                check_valid(&module, &format!("case {case}"));
                lifted += 1;
            }
        }
    }
    assert!(lifted > 0, "no mutation survived, so nothing was tested");
}

#[test]
fn flipped_code() {
    let mut random = Random(18);
    for source in sources() {
        let text = {
            let object = Object::parse("source.o", &source).expect("gcc's objects parse");
            let text = object.sections.iter().find(|s| s.name == ".text").expect("has text").data;
            let start = text.as_ptr() as usize - source.as_ptr() as usize;
            start..start + text.len()
        };
        for case in 0..cases() {
            let mut data = source.clone();
            for _ in 0..1 + random.below(60) {
                let at = text.start + random.below(text.len() as u64) as usize;
                data[at] = random.next() as u8;
            }
            if let Some(module) = process(&data) {
                check_valid(&module, &format!("case {case}"));
            }
        }
    }
}

#[test]
fn truncations() {
    for source in sources() {
        for len in (0..source.len()).step_by(97) {
            if let Some(module) = process(&source[..len]) {
                check_valid(&module, "truncated");
            }
        }
    }
}

/// Code of nothing but jumps: every byte pair jumps somewhere, which ties the flow graph into knots.
#[test]
fn tangled_jumps() {
    let mut random = Random(19);
    for case in 0..40 {
        let mut text = String::from(".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\n");
        let blocks = 50 + random.below(400);
        for block in 0..blocks {
            text.push_str(&format!("l{block}: cmp ${}, %rdi\n", random.below(100)));
            match random.below(4) {
                0 => text.push_str(&format!("jmp l{}\n", random.below(blocks))),
                1 => text.push_str("adc %rax, %rdx\n"),
                _ => text.push_str(&format!("jl l{}\n", random.below(blocks))),
            }
        }
        text.push_str("ret\n.cfi_endproc\n");
        let module = process(&gcc("assembler", &text, &[])).expect("plain code lifts");
        check_valid(&module, &format!("tangle {case}"));
        assert!(module.unsupported.is_empty());
    }
}

/// Ladders deep enough to overflow a stack if anything recursed without limit.
#[test]
fn deep_nesting() {
    let mut text = String::from(".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\n");
    for _ in 0..40_000 {
        text.push_str("test %rdi, %rdi\nje 1f\nadd $1, %rax\n");
    }
    text.push_str("1: ret\n.cfi_endproc\n");
    let module = process(&gcc("assembler", &text, &[])).expect("plain code lifts");
    check_valid(&module, "deep");
    assert!(module.coverage.functions > 100, "deep code is split");
}

#[test]
fn huge_counts() {
    let source = &sources()[0];
    // Every header field of the file and of each section, set to extreme values.
    let fields = (0..64).chain(source.len() - 64 * 20..source.len()).step_by(2);
    for at in fields {
        for value in [0u64, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX, 1 << 40] {
            let mut data = source.clone();
            let end = data.len().min(at + 8);
            data[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            if let Some(module) = process(&data) {
                check_valid(&module, "extreme header");
            }
        }
    }
}

#[test]
fn archives() {
    let mut random = Random(20);
    let mut data = b"!<arch>\n".to_vec();
    for name in ["/               ", "//              ", "a.o/            ", "/0              "] {
        let body = [0u8, 0, 0, 1, 0, 0, 0, 8, b'f', 0, b'\n', b'x'];
        data.extend(name.as_bytes());
        data.extend(b"0           0     0     644     ");
        data.extend(format!("{:<10}`\n", body.len()).as_bytes());
        data.extend(body);
    }
    for _ in 0..5000 {
        let mut mutated = data.clone();
        for _ in 0..random.below(6) {
            let at = random.below(mutated.len() as u64) as usize;
            mutated[at] = random.next() as u8;
        }
        mutated.truncate(random.below(mutated.len() as u64 + 1) as usize);
        if let Ok(archive) = Archive::parse("hostile.a", &mutated) {
            archive.members().iter().for_each(|member| drop(Object::parse(member.name.clone(), member.data)));
        }
    }
}

/// Many jumps through one large table, and many computed jumps among many places: edges would be quadratic.
#[test]
fn jump_bombs() {
    let mut text = String::from(".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\n");
    for n in 0..20_000 {
        text.push_str(&format!("l{n}: jmp *table(,%rax,8)\nm{n}: jmp *%rax\n"));
    }
    text.push_str(".cfi_endproc\n.data\n.balign 8\ntable:\n");
    for n in 0..20_000 {
        text.push_str(&format!(".quad l{n}\n"));
    }
    text.push_str("others:\n");
    for n in 0..20_000 {
        text.push_str(&format!(".quad m{n}\n"));
    }
    let module = process(&gcc("assembler", &text, &[])).expect("plain code lifts");
    check_valid(&module, "bomb");
    assert!(module.unsupported.iter().any(|place| place.reason == bcvm_host::lift::Reason::TooManyTargets));
}

/// Thousands of places that one block chooses between.
#[test]
fn wide_branching() {
    let mut text = String::from(".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\njmp *table(,%rdi,8)\n");
    for n in 0..9_000 {
        text.push_str(&format!("l{n}: add ${n}, %rax\njmp l{}\n", (n * 7 + 1) % 9_000));
    }
    text.push_str(".cfi_endproc\n.data\n.balign 8\ntable:\n");
    for n in 0..9_000 {
        text.push_str(&format!(".quad l{n}\n"));
    }
    let module = process(&gcc("assembler", &text, &[])).expect("plain code lifts");
    check_valid(&module, "wide");
    assert!(module.unsupported.is_empty());
}

/// Sections that all claim the same bytes.
#[test]
fn shared_bytes_are_refused() {
    let mut data = gcc("c", "int x[4096] = {1};", &[]);
    let headers = u64::from_le_bytes(data[40..48].try_into().expect("eight bytes")) as usize;
    let count = usize::from(u16::from_le_bytes([data[60], data[61]]));
    let header = |n: usize| headers + 64 * n;
    let is_data = |data: &[u8], n: usize| {
        let flags = data[header(n) + 8];
        let kind = data[header(n) + 4];
        flags & 3 == 3 && kind == 1
    };
    let source = (0..count).find(|&n| is_data(&data, n)).expect("a data section");
    let copy = data[header(source)..header(source) + 64].to_vec();
    for _ in 0..100 {
        data.extend(&copy);
    }
    data[60..62].copy_from_slice(&(count as u16 + 100).to_le_bytes());
    let message = Object::parse("shared.o", &data).expect_err("a hundred times the same bytes").to_string();
    assert!(message.contains("share"), "{message}");
}

/// Every cycle stores to memory, so that making memory inaccessible ends it.
#[test]
fn every_cycle_stores() {
    let spin = ".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\nmov (%rdi), %rax\n1: cmp $0, (%rdi)\njne 2f\njmp 1b\n\
                2: inc %rdx\njmp 2b\n.cfi_endproc\n\
                .globl g\n.type g,@function\ng:\n.cfi_startproc\ndec %rdi\njz 3f\njmp h\n3: mov %rax, (%rdi)\njmp h\n.cfi_endproc\n\
                .globl h\n.type h,@function\nh:\n.cfi_startproc\ninc %rsi\njmp g\n.cfi_endproc\n";
    let mut objects = sources();
    objects.push(gcc("assembler", spin, &[]));
    let loops: usize = objects.iter().map(|object| check_cycles(&process(object).expect("plain code lifts"))).sum();
    assert!(loops > 50, "{loops} loops");
}
