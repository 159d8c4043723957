//! Random Haskell-like functions that push return points, call, tail-call and return, native against lifted: whether
//! returns go where the stack says, whatever was guessed.

mod lift_support;

use std::fmt::Write as _;

use lift_support::gcc;
use lift_support::native::native;
use lift_support::random::Random;
use lift_support::stg::Sides;

/// Functions and return points. R1 holds a value that everything changes, R2 how many more steps to take; frames
/// differ in size, and are popped by whoever pushed them.
fn program(random: &mut Random) -> String {
    let functions = 1 + random.below(6);
    let mut text = String::from(".intel_syntax noprefix\n.text\n");
    let mut points = Points { text: String::new(), count: 0, functions };
    for function in 0..functions {
        let _ = writeln!(text, ".balign 8\n.globl f{function}_info\nf{function}_info:\ndec r14\njs .Llast{function}");
        text += &points.piece(random, 0);
        let _ = writeln!(text, ".Llast{function}: jmp [rbp]");
    }
    text + &points.text
}

struct Points {
    text: String,
    count: u64,
    functions: u64,
}

impl Points {
    /// Code with `frame` words of its own on the stack: two ways to go on.
    fn piece(&mut self, random: &mut Random, frame: u64) -> String {
        let mut text = String::new();
        let label = self.count;
        self.count += 1;
        let _ = writeln!(
            text,
            "imul rbx, rbx, 31\nadd rbx, {label}\ntest bl, {}\njnz .Lother{label}",
            1 << random.below(5)
        );
        text += &self.way(random, frame);
        let _ = writeln!(text, ".Lother{label}:");
        text + &self.way(random, frame)
    }

    /// Returns, or goes to a function, by a tail call or coming back.
    fn way(&mut self, random: &mut Random, frame: u64) -> String {
        let to = random.below(self.functions);
        // Return points are made of fewer and fewer ways, so that their number ends.
        let calls = self.count < 60 && random.below(4) != 0;
        match (calls, random.below(3)) {
            (false, 0) => format!("add rbp, {}\njmp f{to}_info\n", 8 * frame),
            (false, _) => format!("add rbp, {}\njmp [rbp]\n", 8 * frame),
            // The frame that is there serves for another return point.
            (true, 0) if frame > 0 => {
                let point = self.point(random, frame);
                format!("mov qword ptr [rbp], offset {point}\nadd rbx, [rbp+{}]\njmp f{to}_info\n", 8 * (frame - 1))
            }
            (true, _) => {
                let more = 2 + random.below(3);
                let point = self.point(random, frame + more);
                let mut text = format!("mov qword ptr [rbp-{}], offset {point}\n", 8 * more);
                for word in 1..more {
                    let _ = writeln!(text, "mov [rbp-{}], rbx", 8 * word);
                }
                text + &format!("sub rbp, {}\njmp f{to}_info\n", 8 * more)
            }
        }
    }

    fn point(&mut self, random: &mut Random, frame: u64) -> String {
        let name = format!(".Lpoint{}", self.count);
        self.count += 1;
        let piece = self.piece(random, frame);
        let _ = write!(self.text, ".balign 8\n{name}: add rbx, [rbp+8]\n{piece}");
        name
    }
}

#[test]
fn returns_go_where_the_stack_says() {
    let programs = std::env::var("BCVM_FLOW_CASES").ok().and_then(|v| v.parse().ok()).unwrap_or(60);
    let mut native = native();
    let (mut guessed, mut runs) = (0, 0);
    for seed in 0..programs {
        let mut random = Random(seed);
        let source = program(&mut random);
        let mut sides = Sides::new(&mut native, &gcc("assembler", &source, &[]));
        guessed += sides.both.module.coverage.guessed;
        let names: Vec<String> = sides.both.symbols.keys().filter(|name| name.ends_with("_info")).cloned().collect();
        for name in names {
            for _ in 0..20 {
                let arguments = [random.below(200), 0, 0, 0, 0, 0, 0];
                let expected = sides.native(&mut native, &name, &arguments).0;
                assert_eq!(sides.lifted(&name, &arguments).0, expected, "seed {seed}, {name}{arguments:x?}\n{source}");
                runs += 1;
            }
        }
    }
    assert!(guessed > 5 * programs as u32, "{guessed} returns were guessed in {runs} runs");
}
