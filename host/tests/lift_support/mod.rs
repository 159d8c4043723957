//! What the lifter's tests share: assembling with gcc, running code on the real processor, and running
//! its lifted form, both on the same addresses.
//!
//! All `unsafe` of the lifter's tests is in `native`.

#![allow(dead_code)]

pub mod expand;
pub mod forms;
pub mod lifted;
pub mod native;
pub mod random;
pub mod stg;
pub mod stores;

use std::process::{Command, Stdio};

use bcvm_host::elf::Object;
use bcvm_host::lift::{LiftedModule, Numbering};
use bcvm_host::link::analysed;
use bcvm_host::reloc::SymbolBindings;

/// Runs gcc on `text`, a source of `language`, and answers the object file.
pub fn gcc(language: &str, text: &str, flags: &[&str]) -> Vec<u8> {
    use std::io::Write as _;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let out = dir.path().join("out.o");
    let mut child = Command::new("gcc")
        .args(["-c", "-x", language, "-", "-o"])
        .arg(&out)
        .args(flags)
        .stdin(Stdio::piped())
        .spawn()
        .expect("gcc is installed where these tests run");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("gcc reads its input");
    assert!(child.wait().expect("gcc ends").success(), "gcc refused:\n{text}");
    std::fs::read(&out).expect("gcc wrote an object")
}

/// Where the tests put code, in guest and host alike.
pub const CODE: u32 = 0x3000_0000;
/// Room for code.
pub const CODE_LEN: usize = 16 << 20;
/// Where they put data.
pub const DATA: u32 = 0x3800_0000;
/// Room for data.
pub const DATA_LEN: usize = 1 << 20;
/// The C stack's region in guest memory; its top is where the stack starts.
pub const STACK: u32 = 0x3900_0000;
/// Room for the stack.
pub const STACK_LEN: usize = 1 << 20;

/// An object placed at [`CODE`], as bytes to run natively, and lifted.
pub struct Both {
    /// Relocated machine code and data.
    pub image: Vec<u8>,
    /// The object's size in memory.
    pub extent: u64,
    /// The lifted form.
    pub module: LiftedModule,
    /// Symbols and their addresses.
    pub symbols: std::collections::BTreeMap<String, u32>,
}

impl Both {
    /// Fails if anything would trap.
    pub fn assert_supported(&self) {
        assert!(self.module.unsupported.is_empty(), "unsupported: {}", self.module.unsupported[0]);
    }
}

/// Places and lifts an object file that needs nothing from outside.
pub fn lift(data: &[u8]) -> Both {
    lift_with(data, &SymbolBindings::new())
}

/// Places and lifts an object file.
pub fn lift_with(data: &[u8], bindings: &SymbolBindings) -> Both {
    let object = Object::parse("test.o", data).expect("gcc's objects parse");
    let both = analysed(&object, CODE, bindings, |placed, analysis| {
        let module = analysis.lift(Numbering::default())?;
        let mut symbols = std::collections::BTreeMap::new();
        for (index, symbol) in object.symbols.iter().enumerate() {
            if !symbol.name.is_empty() && matches!(symbol.place, bcvm_host::elf::Place::Section(..)) {
                let id = bcvm_host::elf::SymbolId(index as u32);
                symbols.insert(symbol.name.to_owned(), placed.symbol_address(id) as u32);
            }
        }
        Ok(Both { extent: placed.extent(), image: placed.image.clone(), module, symbols })
    });
    both.expect("placed, analysed and lifted")
}
