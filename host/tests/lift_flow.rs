//! Random control flow, native against lifted: loops entered sideways, flags that live across blocks, jumps
//! between functions' insides.

mod lift_support;

use std::fmt::Write as _;

use lift_support::lifted::{Lifted, engine};
use lift_support::native::native;
use lift_support::random::Random;
use lift_support::{CODE, gcc, lift};

const CONDITIONS: [&str; 16] = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/// Instructions that change values, flags, both or neither; all defined.
const STEPS: [&str; 20] = [
    "add rax, rdx",
    "sub rdx, rsi",
    "xor rsi, rax",
    "cmp rax, rsi",
    "test edx, eax",
    "inc rax",
    "dec esi",
    "adc rax, 3",
    "sbb rdx, r8",
    "lea rax, [rax+rsi*2+7]",
    "mov r8, rax",
    "setl al",
    "cmovb rdx, rsi",
    "neg r8",
    "cmp al, dl",
    "add r9d, eax",
    "movzx eax, ax",
    "cvtsi2sd xmm0, rax",
    "mov r10, rdx",
    "xor rsi, r10",
];

/// Several functions of many blocks. Backward jumps pass a stub that uses up fuel; forward ones go straight, with
/// the flags alive. Some jumps go into another function, which ties the functions together.
fn program(random: &mut Random) -> String {
    let (functions, blocks) = (1 + random.below(3), 5 + random.below(40));
    let mut text = String::from(".intel_syntax noprefix\n.text\n");
    let mut stubs = String::new();
    let mut stub_count = 0;
    for function in 0..functions {
        let _ = writeln!(
            text,
            ".globl f{function}\nf{function}: xor eax, eax\nmov r8, rdi\nxor r9d, r9d\nxor r10d, r10d\nmov ecx, 60"
        );
        for block in 0..blocks {
            let _ = writeln!(text, "l{function}_{block}:");
            for _ in 0..random.below(4) {
                let _ = writeln!(text, "{}", random.pick(&STEPS));
            }
            let mut target = || {
                let to_function = if random.below(12) == 0 { random.below(functions) } else { function };
                let to_block = random.below(blocks);
                if (to_function, to_block) > (function, block) {
                    return format!("l{to_function}_{to_block}");
                }
                stub_count += 1;
                let _ = writeln!(stubs, "s{stub_count}: sub ecx, 1\njs out\njmp l{to_function}_{to_block}");
                format!("s{stub_count}")
            };
            let target = target();
            match random.below(6) {
                0 => drop(writeln!(text, "jmp {target}")),
                1 => {}
                _ => drop(writeln!(text, "j{} {target}", random.pick(&CONDITIONS))),
            }
        }
        let _ = writeln!(text, "jmp out");
    }
    text + &stubs
        + "out: imul rax, rax, 31\nadd rax, rdx\nimul rax, rax, 31\nadd rax, rsi\nimul rax, rax, 31\nadd rax, r8\nadd rax, r9\nret\n"
}

#[test]
fn random_flow() {
    let programs = std::env::var("BCVM_FLOW_CASES").ok().and_then(|v| v.parse().ok()).unwrap_or(150);
    let engine = engine();
    let mut native = native();
    let mut split = 0;
    for seed in 0..programs {
        let mut random = Random(seed);
        let source = program(&mut random);
        let both = lift(&gcc("assembler", &source, &[]));
        assert!(both.module.unsupported.is_empty(), "{}\n{source}", both.module.unsupported[0]);
        split += both.module.coverage.functions - both.module.coverage.c_functions;
        native.bytes(CODE, both.image.len()).copy_from_slice(&both.image);
        let mut lifted = Lifted::new(&engine, &both.module, &both.image);
        for (name, &address) in both.symbols.iter().filter(|(name, _)| name.starts_with('f')) {
            for _ in 0..100 {
                let arguments = [random.integer(), random.integer(), random.integer(), 0];
                let expected = native.call_with(address, arguments);
                let found = lifted.call(address, arguments).expect("no trap");
                assert_eq!(found, expected, "seed {seed}, {name}{arguments:x?}\n{source}");
            }
        }
    }
    assert!(split > 100, "the programs should need functions to be split, {split} were");
}
