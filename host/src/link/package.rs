//! One object through placing, relocating and lifting.

use bcvm::abi::PAGE;

use super::error::Error;
use super::space::{Need, Place};
use crate::elf::{Object, SectionId, SectionKind};
use crate::lift::{Analysis, CodeKind, Coverage, LiftedModule, Unsupported};
use crate::reloc::{Layout, PlacedObject, SymbolBindings};

/// An object that can be put into guest memory: its bytes, and its code as a WebAssembly module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// What messages call it.
    pub name: String,
    /// Where it goes.
    pub place: Place,
    /// What it takes up there. Memory beyond [`Self::image`] begins as zeros.
    pub need: Need,
    /// Its bytes, with slots at the addresses of code.
    pub image: Vec<u8>,
    /// How many of them, from the first on, nobody changes.
    pub constant: u32,
    /// Addresses of functions to call before anything else of it is used, in order.
    pub init: Vec<u32>,
    /// Places in its code that trap, numbered from the base address on.
    pub unsupported: Vec<Unsupported>,
    /// Counts of what was lifted.
    pub coverage: Coverage,
    /// Its code.
    pub wasm: Vec<u8>,
}

impl Package {
    /// Links `object` at `place`, with `need` as its index says, against `bindings`.
    pub fn new(object: &Object<'_>, place: Place, need: Need, bindings: &SymbolBindings) -> Result<Package, Error> {
        let layout = Layout::new(object)?;
        let constant = layout.constant_len() as u32;
        let placed = PlacedObject::new(object, layout, place.base, bindings)?;
        let analysis = Analysis::new(&placed)?;
        let found =
            Need { bytes: placed.extent() as u32, stg: analysis.slots(CodeKind::Stg), c: analysis.slots(CodeKind::C) };
        if found != need {
            return Err(Error::Changed { object: object.file.clone() });
        }
        let LiftedModule { wasm, entries, unsupported, coverage, .. } = {
            let module = analysis.lift(place.numbering())?;
            debug_assert!(module.unsupported.len() as u64 <= u64::from(need.bytes.next_multiple_of(PAGE)));
            module
        };
        let init = initialisers(&placed);
        let mut image = placed.image;
        crate::lift::write_slots(&entries, place.base, &mut image);
        Ok(Package { name: object.file.clone(), place, need, image, constant, init, unsupported, coverage, wasm })
    }
}

/// What `.init_array` holds. Zero and all ones are no functions, as in C's runtime.
fn initialisers(placed: &PlacedObject<'_, '_>) -> Vec<u32> {
    let mut init = Vec::new();
    for (id, section) in (0..).map(SectionId).zip(&placed.object.sections) {
        if section.kind == SectionKind::InitArray
            && let Some(bytes) = placed.bytes(placed.section_address(id), section.data.len())
        {
            let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            init.extend(words.filter(|&word| word != 0).filter_map(|word| u32::try_from(word).ok()));
        }
    }
    init
}
