//! Filling in the placeholders of forms: registers, addressing modes, immediates.

use std::fmt::Write as _;

use super::forms::{Form, POINTER};
use super::random::Random;

/// General registers by width, in hardware order.
pub const NAMES: [[&str; 16]; 4] = [
    ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"],
    ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"],
    [
        "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d",
        "r15d",
    ],
    ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"],
];
/// Those that forms may use: not the stack pointer, and not one that stays for the tests.
const USABLE: [usize; 14] = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15];

/// A form with its placeholders filled in.
pub struct Expansion {
    /// Assembler.
    pub text: String,
    /// Which form.
    pub form: usize,
    /// Registers that must point into the window.
    pub pointers: Vec<usize>,
    /// Registers that must be small, as indices.
    pub small: Vec<usize>,
}

/// Fills in a form's placeholders.
pub fn expand(form: &Form, index: usize, random: &mut Random) -> Expansion {
    let mut expansion = Expansion { text: String::new(), form: index, pointers: Vec::new(), small: Vec::new() };
    let mut rest = form.template.as_str();
    let high_bytes = !form.template.contains('m');
    // With a high byte register no register of the extended set may occur.
    let legacy = high_bytes && !form.attributes.contains("div") && random.below(4) == 0;
    while let Some(start) = rest.find('{') {
        expansion.text.push_str(&rest[..start]);
        let end = start + rest[start..].find('}').expect("placeholders end");
        let (class, width) = rest[start + 1..end].split_at(1);
        let width: u64 = width.parse().unwrap_or(0);
        rest = &rest[end + 1..];
        match class {
            "r" if width == 8 && legacy => {
                expansion.text.push_str(random.pick(&["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"]));
            }
            "r" if legacy => {
                let register = random.pick(&[0, 1, 2, 3]);
                expansion.text.push_str(NAMES[width.trailing_zeros() as usize - 3][register]);
            }
            "r" => {
                let register =
                    if form.attributes.contains("div") { random.pick(&[1, 3, 7, 9, 12]) } else { random.pick(&USABLE) };
                expansion.text.push_str(NAMES[width.trailing_zeros() as usize - 3][register]);
            }
            "x" => {
                let _ = write!(expansion.text, "xmm{}", random.pick(&[0, 1, 2, 5, 8, 15]));
            }
            "n" => {
                // Aligned, as operands of most vector instructions must be.
                let at = POINTER + 16 * random.below(8) as u32;
                let _ = write!(expansion.text, "xmmword ptr [{at}]");
            }
            "m" | "a" => memory(&mut expansion, form, width, random),
            "c" => {
                let count = if random.below(2) == 0 { random.below(70) } else { random.pick(&[1, 1, 0, 7, 31]) };
                let _ = write!(expansion.text, "{count}");
            }
            "u" => {
                let _ = write!(expansion.text, "{}", random.below(256));
            }
            "p" => {
                let _ = write!(expansion.text, "{}", random.below(8));
            }
            "i" => {
                let value = random.integer();
                let value = match width {
                    8 => i64::from(value as i8),
                    16 => i64::from(value as i16),
                    32 => i64::from(value as i32),
                    // 64-bit operands take a sign-extended 32-bit immediate; `{j64}` is a whole one.
                    _ => i64::from(value as i32),
                };
                let _ = write!(expansion.text, "{value}");
            }
            "j" => {
                let _ = write!(expansion.text, "{:#x}", random.integer());
            }
            other => panic!("unknown placeholder {other} in {}", form.template),
        }
    }
    expansion.text.push_str(rest);
    if form.attributes.contains("rsi") {
        expansion.pointers.push(6);
    }
    expansion
}

fn memory(expansion: &mut Expansion, form: &Form, width: u64, random: &mut Random) {
    let size = match width {
        8 => "byte ptr ",
        16 => "word ptr ",
        32 => "dword ptr ",
        64 => "qword ptr ",
        128 => "xmmword ptr ",
        _ => "",
    };
    expansion.text.push_str(size);
    let base = random.pick(&[0, 3, 5, 6, 7, 12, 13, 15]);
    let index = random.pick(&[1, 2, 9, 10]);
    let displacement = random.pick(&[0i64, 8, -8, 16, -64, 100]);
    let choice = if form.attributes.contains("div") { 0 } else { random.below(5) };
    let base = if form.attributes.contains("div") { 6 } else { base };
    let text = match choice {
        0 => format!("[{}]", NAMES[3][base]),
        1 => format!("[{}{displacement:+}]", NAMES[3][base]),
        2 => format!("[{}+{}*{}{displacement:+}]", NAMES[3][base], NAMES[3][index], random.pick(&[1, 2, 4, 8])),
        3 => format!("[{}*8+{}]", NAMES[3][index], POINTER - 24),
        _ => format!("[{}]", POINTER + 40),
    };
    expansion.text.push_str(&text);
    if form.attributes.contains("free") {
        return;
    }
    if choice < 3 {
        expansion.pointers.push(base);
    }
    if choice == 2 || choice == 3 {
        expansion.small.push(index);
    }
}
