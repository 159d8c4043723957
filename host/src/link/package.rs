//! One object through placing, relocating and lifting.

use std::collections::BTreeSet;

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
        analysed(object, place.base, bindings, |placed, analysis| {
            if need_of(placed, analysis) != need {
                return Err(Error::Changed { object: object.file.clone() });
            }
            let module = analysis.lift(place.numbering())?;
            let constant = placed.constant_len();
            let mut image = placed.image.clone();
            module.finish_image(place.base, &mut image);
            let init = initialisers(placed, analysis, &image);
            let LiftedModule { wasm, unsupported, coverage, .. } = module;
            debug_assert!(unsupported.len() as u64 <= u64::from(need.bytes.next_multiple_of(PAGE)));
            Ok(Package { name: object.file.clone(), place, need, image, constant, init, unsupported, coverage, wasm })
        })
    }
}

/// Places `object`, finds its code, and shows it to `look`. If it turns out to need cells it is placed again with them: see
/// Note [Cells of short functions] in `lift::cells`.
pub fn analysed<T>(
    object: &Object<'_>,
    base: u32,
    bindings: &SymbolBindings,
    look: impl FnOnce(&PlacedObject<'_, '_>, &Analysis<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let placed = PlacedObject::new(object, Layout::new(object)?, base, bindings)?;
    let analysis = Analysis::new(&placed)?;
    if analysis.cells() == 0 {
        return look(&placed, &analysis);
    }
    let placed = PlacedObject::new(object, Layout::with_cells(object, analysis.cells())?, base, bindings)?;
    look(&placed, &Analysis::new(&placed)?)
}

/// What an object takes up.
pub(super) fn need_of(placed: &PlacedObject<'_, '_>, analysis: &Analysis<'_>) -> Need {
    // What was placed lies below 2 GiB.
    Need { bytes: placed.extent() as u32, stg: analysis.slots(CodeKind::Stg), c: analysis.slots(CodeKind::C) }
}

/// A shared object's own first function, and what `.init_array` holds in the object's finished bytes. Zero and all ones
/// are no functions, as in C's runtime.
fn initialisers(placed: &PlacedObject<'_, '_>, analysis: &Analysis<'_>, image: &[u8]) -> Vec<u32> {
    let first = placed.object.shared.as_ref().and_then(|shared| shared.init);
    let first = first.map(|(section, offset)| placed.section_address(section) + offset as u32);
    let mut init: Vec<u32> = first.map(|address| analysis.pointer(address)).into_iter().collect();
    for (id, section) in (0..).map(SectionId).zip(&placed.object.sections) {
        let at = (placed.section_address(id) - placed.base()) as usize;
        if section.kind == SectionKind::InitArray
            && let Some(bytes) = image.get(at..at + section.data.len())
        {
            let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            init.extend(words.filter(|&word| word != 0).filter_map(|word| u32::try_from(word).ok()));
        }
    }
    // C's runtime has a function without unwind tables there, which does nothing: beside Haskell code it is taken for that.
    let haskell: BTreeSet<u32> =
        analysis.entries().filter(|&(_, kind)| kind == CodeKind::Stg).map(|(address, _)| address).collect();
    init.retain(|address| !haskell.contains(address));
    init
}
