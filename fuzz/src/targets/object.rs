//! Any bytes as an object file, a shared object or an archive: no panic, bounded memory; what can be linked and translated
//! becomes a module that is valid and has nothing in it that would run in the host.
//!
//! Sound inputs are made by the installed gcc, of code with most of what linker and lifter have to do with. The first byte
//! says whether the rest is an archive, and how many bytes of it to change in place: most other damage is found out at once.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use bcvm_host::elf::{Archive, Dynamic, Object, Place};
use bcvm_host::lift::Numbering;
use bcvm_host::link::{Index, analysed};
use bcvm_host::reloc::{Definition, Layout, SymbolBindings};
use wasmparser::{Validator, WasmFeatures};

use crate::driver::Random;

/// Where objects are placed.
const BASE: u32 = 0x3000_0000;
/// What they want is here, each behind the other.
const ELSEWHERE: u64 = 0x100_0000;
/// What an object may take of memory beside what its file has: alignment, and pages between sections. What begins as zeros
/// takes none here.
const SLACK: usize = 32 << 20;
/// Translated code is a few times as large as the machine code; whatever is done to it, not more than that.
const GROWTH: usize = 400;

/// See the top of the file.
pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let mut changed = rest.to_vec();
    let mut random = Random::new(changed.iter().map(|&byte| u64::from(byte)).sum(), u64::from(*kind));
    for _ in 0..if changed.is_empty() { 0 } else { kind / 4 } {
        let at = random.below(changed.len());
        changed[at] = random.word() as u8;
    }
    let rest = &changed[..];
    if kind % 4 != 3 {
        return check_object(rest);
    }
    let Ok(archive) = Archive::parse("any.a", rest) else { return };
    for (symbol, members) in archive.index() {
        assert!(members.iter().all(|&member| member < archive.members().len()), "{symbol:?}");
    }
    let bytes: usize = archive.members().iter().map(|member| member.data.len()).sum();
    assert!(bytes <= rest.len(), "members share bytes");
    archive.members().iter().for_each(|member| check_object(member.data));
}

fn check_object(data: &[u8]) {
    if let Ok(dynamic) = Dynamic::parse("any.so", data) {
        drop(dynamic);
    }
    let Ok(object) = Object::parse("any.o", data) else { return };
    let Ok(layout) = Layout::new(&object) else { return };
    // A session has a limit; here only the time of the test matters.
    if layout.extent() > 64 << 20 {
        return;
    }
    let mut bindings = SymbolBindings::new();
    let undefined = object.symbols.iter().filter(|symbol| symbol.place == Place::Undefined);
    for (n, symbol) in (0..).zip(undefined) {
        bindings.define(symbol.name, Definition { address: ELSEWHERE + 16 * n, slot: None });
    }
    let lifted = analysed(&object, BASE, &bindings, |placed, analysis| {
        assert!(placed.image.len() <= data.len() + SLACK, "an image of {} bytes", placed.image.len());
        let module = analysis.lift(Numbering { stg: 1, c: 1, unsupported: BASE })?;
        let mut image = placed.image.clone();
        module.finish_image(BASE, &mut image);
        Ok(module)
    });
    if let Ok(module) = lifted {
        assert!(module.wasm.len() <= GROWTH * data.len(), "{} bytes of code", module.wasm.len());
        let features = WasmFeatures::all().difference(WasmFeatures::THREADS);
        if let Err(error) = Validator::new_with_features(features).validate_all(&module.wasm) {
            panic!("an invalid module: {error}");
        }
    }
    if let Ok(index) = Index::new(&object) {
        let again = Index::from_bytes(index.as_bytes().to_vec()).expect("what was made can be read");
        assert_eq!((again.exports().count(), again.wants().count()), (index.exports().count(), index.wants().count()));
    }
}

const SOURCE: &str = r#"
typedef long word;
extern word outside(word); extern word outer; word common[4]; __attribute__((weak)) word maybe(word);
static word twice(word x) { return 2 * x; }
word (*const table[])(word) = { twice, outside, maybe }; word *pointer = &common[2]; const char text[] = "some text";
void short_one(void) {} word by_table(word n) { return table[n & 1](n) + outer + *pointer; }
word jumps(word n, word x) {
  switch (n) { case 0: return x + 3; case 1: return x * 5; case 2: return x ^ 9; case 3: return x - 7; case 4: return twice(x);
    case 5: return outside(x); case 6: return x << 3; case 9: return text[x & 7]; default: return maybe ? maybe(x) : -1; } }
word labels(const char *p, word x) { static const void *const goes[] = { &&stop, &&add, &&mul }; goto *goes[*p++ % 3];
  add: x += 5; goto *goes[*p++ % 3]; mul: x *= 3; goto *goes[*p++ % 3]; stop: return x; }
double floats(double a, float b) { double s = 0; for (int i = 0; i < 9; i++) s += a * i / b; return s; }
static word began; __attribute__((constructor)) static void begin(void) { began = 1; } word get(void) { return began; }
"#;
const THREADS: &str =
    "__thread long mine = 5; static __thread long alone; long of_thread(void) { return mine++ + alone--; }";

/// Runs a tool, which is installed where this runs.
fn tool(place: &Path, name: &str, arguments: &[&str]) {
    let done = Command::new(name).args(arguments).current_dir(place).status();
    assert!(done.is_ok_and(|status| status.success()), "{name} {arguments:?}");
}

/// Objects, shared objects, and last an archive.
static SOUND: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let place = std::env::temp_dir().join(format!("bcvm-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&place).expect("a directory");
    std::fs::write(place.join("source.c"), SOURCE).expect("written");
    std::fs::write(place.join("threads.c"), [SOURCE, THREADS].concat()).expect("written");
    let makes: &[&[&str]] = &[
        &["-O0", "-c", "source.c"],
        &["-O2", "-c", "-fno-pic", "source.c"],
        &["-Os", "-c", "-fPIC", "-fcommon", "source.c"],
        &["-O1", "-shared", "-fPIC", "-nostdlib", "threads.c"],
        &["-O2", "-shared", "-fPIC", "-s", "threads.c"],
    ];
    let make = |flags: &&[&str]| {
        tool(&place, "gcc", &[*flags, &["-o", "made"]].concat());
        std::fs::read(place.join("made")).expect("made")
    };
    let mut sound: Vec<Vec<u8>> = makes.iter().map(make).collect();
    tool(&place, "gcc", &["-c", "source.c", "-o", "a-member-with-a-long-name.o"]);
    tool(&place, "ar", &["rcs", "lib.a", "a-member-with-a-long-name.o"]);
    sound.push(std::fs::read(place.join("lib.a")).expect("made"));
    let _ = std::fs::remove_dir_all(&place);
    sound
});

/// One of the sound inputs.
pub fn sound(random: &mut Random) -> Vec<u8> {
    let n = random.below(SOUND.len());
    let kind = if n + 1 == SOUND.len() { 3 } else { 0 } + 4 * random.below(16) as u8;
    [&[kind], &SOUND[n][..]].concat()
}
