//! Instruction forms as a table, and comparing each with the real processor on random operands.
//!
//! A form is a template in assembler; placeholders become registers, memory operands and immediates, several
//! times per form. Each expansion is a C function: it loads every register from a block in memory, sets the
//! flags by a comparison, runs the instruction, and stores every register and every condition. The
//! same bytes run natively and lifted on the same addresses; what they leave behind must be equal.

use std::fmt::Write as _;

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, RflagsBits};
use wasmtime::Engine;

use super::expand::{Expansion, NAMES, expand};
use super::lifted::Lifted;
use super::native::{Native, native};
use super::random::Random;
use super::{Both, CODE, DATA, gcc, lift};

/// A group of forms: mnemonics, shapes of operands separated by `|`, and what is special. `N` in a shape
/// stands for each of the widths 8, 16, 32, 64 (or those that the last field lists).
pub struct Group {
    /// Mnemonics, prefixes joined by `_`.
    pub mnemonics: &'static str,
    /// Shapes.
    pub shapes: &'static str,
    /// Attributes: `nan32`, `nan64` (any NaN will do in these lanes), `div`, `str`, `stack`, `free`,
    /// `rsi` (it points to memory).
    pub attributes: &'static str,
    /// Widths for `N`.
    pub widths: &'static [u32],
}

/// One form to test.
#[derive(Debug, Clone)]
pub struct Form {
    /// The template.
    pub template: String,
    /// See [`Group::attributes`].
    pub attributes: String,
}

/// Spells out a table.
pub fn forms(groups: &[Group]) -> Vec<Form> {
    let mut forms = Vec::new();
    for group in groups {
        for mnemonic in group.mnemonics.split_whitespace() {
            for shape in group.shapes.split('|') {
                let template = format!("{} {}", mnemonic.replace('_', " "), shape.trim());
                let widths = if template.contains('N') { group.widths } else { &[0] };
                for width in widths {
                    forms.push(Form {
                        template: template.replace('N', &width.to_string()),
                        attributes: group.attributes.to_owned(),
                    });
                }
            }
        }
    }
    forms
}

// The block at DATA: registers in, registers out, a window of memory, a window of stack.
const IN: u32 = DATA;
const IN_XMM: u32 = DATA + 128;
const IN_FLAGS: u32 = DATA + 384;
const OUT: u32 = DATA + 512;
const OUT_XMM: u32 = OUT + 128;
const OUT_CONDITIONS: u32 = OUT + 384;
const SAVED_SP: u32 = DATA + 1016;
const WINDOW: u32 = DATA + 2048;
const WINDOW_LEN: usize = 512;
/// An address in the window, for memory operands.
pub const POINTER: u32 = WINDOW + 256;
const STACK_WINDOW: u32 = DATA + 3072;
const STACK_POINTER: u32 = STACK_WINDOW + 128;
const BLOCK_LEN: usize = 3328;

const CONDITIONS: [&str; 16] = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/// The assembler source of all expansions.
fn source(expansions: &[Expansion]) -> String {
    let mut text = String::from(".intel_syntax noprefix\n.text\n");
    text.push_str(".macro ENTER\npush rbx\npush rbp\npush r12\npush r13\npush r14\npush r15\n");
    let _ = writeln!(text, "mov [{SAVED_SP}], rsp");
    for n in 0..16 {
        let _ = writeln!(text, "movups xmm{n}, [{}]", IN_XMM + 16 * n);
    }
    let _ = writeln!(text, "mov rax, [{IN_FLAGS}]\ncmp rax, [{}]", IN_FLAGS + 8);
    for (n, name) in NAMES[3].iter().enumerate() {
        let _ = writeln!(text, "mov {name}, [{}]", IN + 8 * n as u32);
    }
    text.push_str(".endm\n.macro LEAVE\n");
    for (n, name) in NAMES[3].iter().enumerate() {
        let _ = writeln!(text, "mov [{}], {name}", OUT + 8 * n as u32);
    }
    for (n, condition) in CONDITIONS.iter().enumerate() {
        let _ = writeln!(text, "set{condition} byte ptr [{}]", OUT_CONDITIONS + n as u32);
    }
    for n in 0..16 {
        let _ = writeln!(text, "movups [{}], xmm{n}", OUT_XMM + 16 * n);
    }
    let _ = writeln!(text, "mov rsp, [{SAVED_SP}]");
    text.push_str("pop r15\npop r14\npop r13\npop r12\npop rbp\npop rbx\nret\n.endm\n");
    for (n, expansion) in expansions.iter().enumerate() {
        let _ = writeln!(text, ".globl f{n}\n.balign 16\nf{n}: ENTER\ng{n}: {}\nLEAVE", expansion.text);
    }
    text
}

/// A difference between the processor and the lifted form.
pub struct Mismatch {
    /// Which form.
    pub form: String,
    /// The instruction, its inputs and what differed.
    pub report: String,
}

/// Compares forms; answers at most one mismatch per form.
pub fn compare(forms: &[Form], expansions_per_form: usize, cases: usize, seed: u64) -> Vec<Mismatch> {
    compare_with(forms, forms, expansions_per_form, cases, seed)
}

/// Runs `native_forms` on the processor and `lifted_forms` lifted.
pub fn compare_with(
    native_forms: &[Form],
    lifted_forms: &[Form],
    expansions_per_form: usize,
    cases: usize,
    seed: u64,
) -> Vec<Mismatch> {
    let assemble = |forms: &[Form]| {
        let mut random = Random(seed);
        let mut expansions = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            for _ in 0..expansions_per_form {
                expansions.push(expand(form, index, &mut random));
            }
        }
        let object = gcc("assembler", &source(&expansions), &[]);
        (expansions, lift(&object))
    };
    let (expansions, real) = assemble(native_forms);
    let (_, translated) = assemble(lifted_forms);
    translated.assert_supported();
    let engine: Engine = super::lifted::engine();
    let mut lifted = Lifted::new(&engine, &translated.module, &translated.image);
    let mut native = native();
    native.bytes(CODE, real.image.len()).copy_from_slice(&real.image);
    let mut mismatches: Vec<Mismatch> = Vec::new();
    let mut random = Random(seed ^ 0x5555);
    for (n, expansion) in expansions.iter().enumerate() {
        let form = &native_forms[expansion.form];
        if mismatches.last().is_some_and(|m| m.form == form.template) {
            continue;
        }
        let instruction = decode(&real, n);
        for _ in 0..cases.div_ceil(expansions_per_form) {
            let block = input(expansion, form, &instruction, &mut random);
            if let Some(report) = run(&mut native, &mut lifted, (&real, &translated), n, &block, form, &instruction) {
                let inputs: Vec<String> =
                    (0..16).map(|r| format!("{}={:#x}", NAMES[3][r], word(&block, 8 * r))).collect();
                let report = format!("{}: {report}; inputs {}", expansion.text, inputs.join(" "));
                mismatches.push(Mismatch { form: form.template.clone(), report });
                break;
            }
        }
    }
    mismatches
}

fn decode(both: &Both, n: usize) -> Instruction {
    let at = both.symbols[&format!("g{n}")];
    let bytes = &both.image[(at - CODE) as usize..];
    Decoder::with_ip(64, bytes, u64::from(at), DecoderOptions::NONE).decode()
}

fn word(block: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(block[at..at + 8].try_into().expect("eight bytes"))
}

fn put(block: &mut [u8], at: usize, value: u64) {
    block[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

/// Random inputs for an expansion.
fn input(expansion: &Expansion, form: &Form, i: &Instruction, random: &mut Random) -> Vec<u8> {
    let mut block = vec![0; BLOCK_LEN];
    for register in 0..16 {
        put(&mut block, 8 * register, random.integer());
    }
    for half in 0..32 {
        put(&mut block, 128 + 8 * half, random.float_bits());
    }
    put(&mut block, 384, random.integer());
    put(&mut block, 392, random.integer());
    for at in (2048..2048 + WINDOW_LEN).step_by(8) {
        put(&mut block, at, if at % 16 == 0 { random.float_bits() } else { random.integer() });
    }
    put(&mut block, 8 * 4, STACK_POINTER.into());
    for &register in &expansion.small {
        put(&mut block, 8 * register, random.below(8));
    }
    for &register in &expansion.pointers {
        put(&mut block, 8 * register, u64::from(POINTER) + random.below(8) * 8);
    }
    if form.attributes.contains("str") {
        for byte in &mut block[2048..2048 + WINDOW_LEN] {
            *byte = random.pick(&[0, 0, 0, 1]);
        }
        put(&mut block, 0, random.pick(&[0, 1, 0x0101_0101, 0xffff_ff00]));
        put(&mut block, 8, random.below(20));
        put(&mut block, 8 * 6, u64::from(WINDOW) + random.below(128));
        put(&mut block, 8 * 7, u64::from(WINDOW) + 128 + random.below(200));
    }
    if form.attributes.contains("stack") {
        put(&mut block, 8 * 5, u64::from(STACK_POINTER));
    }
    if form.attributes.contains("div") {
        make_divisible(&mut block, i, random);
    }
    block
}

/// Chooses a quotient, a divisor and a remainder, and stores the dividend they give.
fn make_divisible(block: &mut [u8], i: &Instruction, random: &mut Random) {
    let size = if i.op0_kind() == OpKind::Memory { i.memory_size().size() } else { i.op0_register().size() };
    let bits = 8 * size as u32;
    let signed = i.mnemonic() == Mnemonic::Idiv;
    let fit = |value: u64| -> i128 {
        if signed {
            i128::from((value << (64 - bits)) as i64 >> (64 - bits))
        } else {
            i128::from(value << (64 - bits) >> (64 - bits))
        }
    };
    let divisor = match fit(random.integer()) {
        0 => 1,
        divisor => divisor,
    };
    let quotient = fit(random.integer());
    let mut dividend = quotient.wrapping_mul(divisor);
    let remainder = i128::from(random.integer()) % divisor.abs();
    // The remainder goes away from zero, on the dividend's side; unsigned products may look negative.
    let negative = signed && (dividend < 0 || (dividend == 0 && random.below(2) == 0));
    dividend = dividend.wrapping_add(if negative { -remainder } else { remainder });
    let divisor_at = if i.op0_kind() == OpKind::Memory {
        let pointer = word(block, 8 * i.memory_base().number());
        (pointer - u64::from(DATA)) as usize
    } else {
        8 * i.op0_register().full_register().number()
    };
    block[divisor_at..divisor_at + size].copy_from_slice(&divisor.to_le_bytes()[..size]);
    let bytes = dividend.to_le_bytes();
    if size == 1 {
        block[0..2].copy_from_slice(&bytes[..2]);
    } else {
        block[0..size].copy_from_slice(&bytes[..size]);
        block[16..16 + size].copy_from_slice(&bytes[size..2 * size]);
    }
}

/// Runs one case both ways; says what differed.
fn run(
    native: &mut Native,
    lifted: &mut Lifted,
    (real, translated): (&Both, &Both),
    n: usize,
    block: &[u8],
    form: &Form,
    i: &Instruction,
) -> Option<String> {
    let name = format!("f{n}");
    native.bytes(DATA, BLOCK_LEN).copy_from_slice(block);
    native.call(real.symbols[&name]);
    lifted.bytes(DATA, BLOCK_LEN).copy_from_slice(block);
    if let Err(error) = lifted.call(translated.symbols[&name], [0; 4]) {
        return Some(format!("trapped: {error:?}"));
    }
    let expected = native.bytes(DATA, BLOCK_LEN);
    let found = lifted.bytes(DATA, BLOCK_LEN);
    // The stack pointer of the surroundings differs.
    let saved = (SAVED_SP - DATA) as usize;
    found[saved..saved + 8].copy_from_slice(&expected[saved..saved + 8]);
    if expected == found {
        return None;
    }
    for (register, name) in NAMES[3].iter().enumerate() {
        let at = 512 + 8 * register;
        if word(expected, at) != word(found, at) {
            return Some(format!("{name} is {:#x}, should be {:#x}", word(found, at), word(expected, at)));
        }
    }
    for register in 0..16 {
        let at = 512 + 128 + 16 * register;
        if !same_vector(&expected[at..at + 16], &found[at..at + 16], form) {
            return Some(format!(
                "xmm{register} is {:02x?}, should be {:02x?}",
                &found[at..at + 16],
                &expected[at..at + 16]
            ));
        }
    }
    let ignored = undefined_flags(i, block);
    for (condition, name) in CONDITIONS.iter().enumerate() {
        let at = 512 + 384 + condition;
        if expected[at] != found[at] && ignored & condition_flags(condition) == 0 {
            return Some(format!("condition {name} is {}, should be {}", found[at], expected[at]));
        }
    }
    (expected[2048..] != found[2048..]).then(|| {
        let at = (2048..BLOCK_LEN).find(|&at| expected[at] != found[at]).unwrap_or(0);
        format!("memory at +{:#x} is {:#x}, should be {:#x}", at - 2048, found[at], expected[at])
    })
}

/// Equal, or both NaN in the lanes where the form says that any NaN will do.
fn same_vector(expected: &[u8], found: &[u8], form: &Form) -> bool {
    if expected == found {
        return true;
    }
    if form.attributes.contains("nan32") {
        return expected.chunks(4).zip(found.chunks(4)).all(|(a, b)| {
            let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("four bytes"));
            a == b || (float(a).is_nan() && float(b).is_nan())
        });
    }
    form.attributes.contains("nan64")
        && expected.chunks(8).zip(found.chunks(8)).all(|(a, b)| {
            let double = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
            a == b || (double(a).is_nan() && double(b).is_nan())
        })
}

/// The flags that a condition reads.
fn condition_flags(condition: usize) -> u32 {
    use RflagsBits as F;
    [F::OF, F::CF, F::ZF, F::CF | F::ZF, F::SF, F::PF, F::SF | F::OF, F::SF | F::OF | F::ZF][condition / 2]
}

/// Flags that the instruction leaves undefined for these inputs.
fn undefined_flags(i: &Instruction, block: &[u8]) -> u32 {
    use Mnemonic as M;
    let shifts = matches!(
        i.mnemonic(),
        M::Shl | M::Sal | M::Shr | M::Sar | M::Rol | M::Ror | M::Rcl | M::Rcr | M::Shld | M::Shrd
    );
    if !shifts {
        return i.rflags_undefined();
    }
    let count_operand = i.op_count() - 1;
    let count = if i.op_kind(count_operand) == OpKind::Register { word(block, 8) } else { i.immediate(count_operand) };
    let size = if i.op0_kind() == OpKind::Memory { i.memory_size().size() } else { i.op0_register().size() };
    let count = count & if size == 8 { 63 } else { 31 };
    let mut undefined = 0;
    if count > 1 {
        undefined |= RflagsBits::OF;
    }
    if count >= 8 * size as u64 && !matches!(i.mnemonic(), M::Rol | M::Ror | M::Sar) {
        undefined |= RflagsBits::CF;
    }
    undefined
}
