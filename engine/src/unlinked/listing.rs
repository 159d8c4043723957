//! A program as readable text: what `bcvm dis` prints.
//!
//! ```text
//! BCO f, arity 1, stack p
//!        0  PUSH_ALTS_N   p=0          ; BCO f.alts
//!        2  PUSH_UBX      l=0 n=1      ; 2
//!   >   12  RETURN_N
//! ```
//!
//! A line is the halfword, the mnemonic, the operands, and what literals and pointers are. `>` marks where jumps go.
//! Code that does not decode is shown to the point where it stops making sense: this prints unverified files.

use super::bco::{BcoNPtr, BcoPtr, Program, UnlinkedBco};
use bcvm::bytecode::raw::Instr;
use bcvm::bytecode::table::Class;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// Words of a bitmap that are shown; hostile files may claim any number.
const MAX_SHOWN_BITS: u64 = 256;

/// Lists a whole program.
pub fn program(program: &Program) -> String {
    let mut out = String::new();
    for con in &program.constructors {
        let layout = con.layout();
        let _ = writeln!(
            out,
            "constructor {}, tag {}, {} pointer and {} other words",
            Text(&con.name),
            con.tag,
            layout.ptrs,
            layout.nptrs
        );
    }
    if !program.constructors.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "entry {}", Text(&program.entry));
    for top in &program.bcos {
        bco(top, &mut out);
    }
    out
}

/// Lists a BCO, then those within it.
pub fn bco(bco: &UnlinkedBco, out: &mut String) {
    let _ = writeln!(out, "\nBCO {}, arity {}, stack {}", Text(&bco.name), bco.arity, Bitmap(&bco.bitmap));
    let targets = targets(bco);
    let mut at = 0;
    while at < bco.instrs.len() {
        let mark = if targets.contains(&at) { '>' } else { ' ' };
        match Instr::decode(&bco.instrs, at) {
            Ok((instr, next)) => {
                let _ = writeln!(out, "  {mark} {at:5}  {}", line(bco, &instr).trim_end());
                at = next;
            }
            Err(error) => {
                let _ = writeln!(out, "  {mark} {at:5}  {error}");
                break;
            }
        }
    }
    for nested in bco.nested() {
        self::bco(nested, out);
    }
}

/// The halfwords that jumps go to.
fn targets(bco: &UnlinkedBco) -> BTreeSet<usize> {
    let (mut targets, mut at) = (BTreeSet::new(), 0);
    while let Ok((instr, next)) = Instr::decode(&bco.instrs, at) {
        for (operand, value) in instr.op.operands().iter().zip(instr.args) {
            if operand.class == Class::Label {
                targets.insert(value as usize);
            }
        }
        at = next;
    }
    targets
}

fn line(bco: &UnlinkedBco, instr: &Instr) -> String {
    let (mut operands, mut notes) = (String::new(), Vec::new());
    for (operand, value) in instr.op.operands().iter().zip(instr.args) {
        match operand.class {
            Class::Signed => operands.push_str(&format!("{}={} ", operand.name, value as i64)),
            _ => operands.push_str(&format!("{}={value} ", operand.name)),
        }
        match operand.class {
            Class::Lit => notes.push(literal(bco, value)),
            Class::Ptr => notes.push(pointer(bco, value)),
            _ => {}
        }
    }
    let text = format!("{:<16} {:<18}", instr.op.name(), operands.trim_end());
    if notes.is_empty() { text } else { format!("{text} ; {}", notes.join(", ")) }
}

fn literal(bco: &UnlinkedBco, index: u64) -> String {
    match bco.lits.get(index as usize) {
        None => "no such literal".into(),
        // Small numbers read well in decimal, and so do negative ones; others are likely bits.
        Some(BcoNPtr::Word(word)) if (*word as i64).unsigned_abs() < 1 << 32 => format!("{}", *word as i64),
        Some(BcoNPtr::Word(word)) => format!("{word:#x}"),
        Some(BcoNPtr::Label(symbol)) => format!("symbol {}", Text(symbol)),
        Some(BcoNPtr::Itbl(name)) => format!("constructor {}", Text(&name.to_string())),
        Some(BcoNPtr::Str(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
    }
}

fn pointer(bco: &UnlinkedBco, index: u64) -> String {
    match bco.ptrs.get(index as usize) {
        None => "no such pointer".into(),
        Some(BcoPtr::Name(name)) => Text(&name.to_string()).to_string(),
        Some(BcoPtr::PrimOp(primop)) => format!("primop {}", Text(primop)),
        Some(BcoPtr::Bco(nested)) => format!("BCO {}", Text(&nested.name)),
    }
}

/// A name from a file, made harmless for a terminal.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| if c.is_control() { write!(f, "{}", c.escape_default()) } else { f.write_char(c) })
    }
}

/// The words of the stack at entry, from the top: `p` for a pointer, `n` for anything else.
struct Bitmap<'a>(&'a [u64]);

impl fmt::Display for Bitmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (size, bits) = self.0.split_first().map_or((0, &[][..]), |(size, bits)| (*size, bits));
        if size == 0 {
            return f.write_str("empty");
        }
        for i in 0..size.min(MAX_SHOWN_BITS) {
            match bits.get(i as usize / 64) {
                Some(word) => f.write_char(if word >> (i % 64) & 1 == 0 { 'p' } else { 'n' })?,
                None => f.write_char('?')?,
            }
        }
        if size > MAX_SHOWN_BITS { f.write_str("…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_names_literals_and_jump_targets() {
        let source = "data T = A | B Int#\nf = \\x (n :: Int#) -> case x of { A -> B n; B m -> f x m }\nmain = A";
        let text = program(&crate::stg::compile("t", source).unwrap());
        let expected = "\
constructor A, tag 0, 0 pointer and 0 other words
constructor B, tag 1, 0 pointer and 1 other words

entry main

BCO f, arity 2, stack pn
        0  PUSH_ALTS        p=0                ; BCO f.alts
        2  PUSH_L           o=2
        4  ENTER

BCO f.alts, arity 0, stack pn
        0  TESTLT_P         tag=1 fail=";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("\n  > "), "{text}");
        assert!(text.contains("; constructor B"), "{text}");
    }

    #[test]
    fn survives_any_code() {
        let wild = UnlinkedBco {
            name: "\u{1b}[2J".into(),
            arity: 0,
            instrs: vec![11, 9, 25, 3, 1, 0x7f00],
            bitmap: vec![u64::MAX],
            lits: vec![],
            ptrs: vec![],
        };
        let mut out = String::new();
        bco(&wild, &mut out);
        assert!(out.contains("no such pointer") && out.contains("no such literal") && out.contains("0x7f00"), "{out}");
        assert!(!out.contains('\u{1b}'));
    }
}
