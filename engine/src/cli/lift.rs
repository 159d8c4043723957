//! `bcvm lift`: one function of an object as machine code, and the WebAssembly that it is translated to.

use super::Output;
use super::args::{Emit, LiftOptions};
use super::exit::{Exit, Failure};
use super::file::print;
use super::objinfo::{each_object, input};
use bcvm::abi::PACKAGES_START;
use bcvm_host::elf::{Object, Place, SectionKind, SymbolId};
use bcvm_host::lift::{Analysis, Numbering};
use bcvm_host::link::{Error, analysed};
use bcvm_host::reloc::{Definition, PlacedObject, SymbolBindings};

/// Where symbols of other objects are said to be: no object is loaded there.
const ELSEWHERE: u64 = 0x100_0000;
/// Bytes from one to the next.
const APART: u64 = 16;

/// `bcvm lift`
pub fn lift(options: &LiftOptions, output: &mut Output) -> Result<(), Failure> {
    let mut text = String::new();
    let mut traps = false;
    each_object(&options.file, |object| {
        if text.is_empty()
            && let Some(id) = find(object, &options.function)
        {
            (text, traps) = show(object, id, options.emit).map_err(input)?;
        }
        Ok(())
    })?;
    if text.is_empty() {
        let (function, file) = (&options.function, options.file.display());
        return Err(input(format!("{file}: there is no function {function} (`nm` lists what there is)")));
    }
    print(output, &text)?;
    if traps {
        return Err(Failure::new(Exit::Crash, "it would trap when it comes to what is not supported".to_owned()));
    }
    Ok(())
}

/// The symbol of that name in the object's code.
fn find(object: &Object<'_>, name: &str) -> Option<SymbolId> {
    let is_it = |id: &SymbolId| {
        let symbol = object.symbol(*id);
        let place = match symbol.place {
            Place::Section(section, _) => object.section(section).kind == SectionKind::Text,
            _ => false,
        };
        place && symbol.name == name
    };
    (0..object.symbols.len() as u32).map(SymbolId).find(is_it)
}

/// The function's listing, and whether it would trap.
fn show(object: &Object<'_>, id: SymbolId, emit: Emit) -> Result<(String, bool), Error> {
    let mut bindings = SymbolBindings::new();
    let undefined = object.symbols.iter().filter(|symbol| symbol.place == Place::Undefined && !symbol.name.is_empty());
    for (n, symbol) in (0..).zip(undefined) {
        bindings.define(symbol.name, Definition { address: ELSEWHERE + n * APART, slot: None });
    }
    analysed(object, PACKAGES_START, &bindings, |placed, analysis| {
        let (start, end) = extent(placed, id);
        let mut lines = vec![format!("; {}: {}", object.file, object.symbol(id).name)];
        lines.extend(analysis.disassemble(start, end));
        if emit == Emit::Asm {
            return Ok((lines.join("\n") + "\n", false));
        }
        let traps = translation(analysis, start, end, &mut lines)?;
        Ok((lines.join("\n") + "\n", traps))
    })
}

/// From where to where the function goes: as its symbol says, or to the next symbol.
fn extent(placed: &PlacedObject<'_, '_>, id: SymbolId) -> (u32, u32) {
    let object = placed.object;
    let symbol = object.symbol(id);
    let Place::Section(section, offset) = symbol.place else { return (0, 0) };
    let base = placed.section_address(section);
    let next = object.symbols.iter().filter_map(|other| match other.place {
        Place::Section(of, at) if of == section && at > offset && !other.name.is_empty() => Some(at),
        _ => None,
    });
    let next = next.min().unwrap_or(object.section(section).size);
    let end = if symbol.size > 0 { offset.saturating_add(symbol.size) } else { next };
    (base + offset as u32, base + end.min(object.section(section).size) as u32)
}

/// Adds the functions that the code between two addresses becomes; true if one of them would trap.
fn translation(analysis: &Analysis<'_>, start: u32, end: u32, lines: &mut Vec<String>) -> Result<bool, Error> {
    let within = |address: u32| (start..end).contains(&address);
    let module = analysis.lift_some(Numbering::default(), within)?;
    let wat = wasmprinter::print_bytes(&module.wasm).unwrap_or_else(|error| format!("(printing failed: {error:#})"));
    for function in module.functions.iter().filter(|function| within(function.address)) {
        let part = if function.is_entry { "entered by its convention" } else { "a part of it" };
        lines.push(String::new());
        lines.push(format!("; function {} for {:08x}, {part}", function.index, function.address));
        // A function ends where its parenthesis does, which is alone on its line.
        let head = format!("  (func (;{};)", function.index);
        let body = wat.lines().skip_while(|line| !line.starts_with(&head));
        lines.extend(body.take_while(|line| *line != "  )").map(str::to_owned));
        lines.push("  )".to_owned());
    }
    lines.extend(module.unsupported.iter().map(|place| format!("; would trap: {place}")));
    Ok(!module.unsupported.is_empty())
}
