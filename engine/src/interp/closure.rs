//! [`GenClosure`] from what the machine tells of an object.
//!
//! Which constructor an object gets is GHC 9.0.2's choice (`getClosureDataFromHeapRep` of `GHC.Exts.Heap`).

use crate::protocol::HsString;
use crate::protocol::closure::{GenClosure, StgInfoTable};
use crate::protocol::types::HValueRef;
use bcvm::abi::request::Closure;
use bcvm::layout::ClosureType;

/// The constructor of GHC that describes `closure`. Fields that a damaged machine has left out are 0.
pub(super) fn to_gen_closure(closure: Closure) -> GenClosure<HValueRef> {
    use ClosureType::*;
    let Closure { closure_type, info_ptrs, info_nptrs, info_srt, con_desc, ptrs, words, .. } = closure;
    let kind = ClosureType::from_number(closure_type);
    let info = StgInfoTable {
        entry: None,
        ptrs: info_ptrs,
        nptrs: info_nptrs,
        closure_type: kind as u32 as u8,
        srt_len: info_srt,
        code: None,
    };
    let mut ptrs = ptrs.into_iter().map(HValueRef);
    let mut words = words.into_iter();
    macro_rules! ptr {
        () => {
            ptrs.next().unwrap_or_default()
        };
    }
    macro_rules! word {
        () => {
            words.next().unwrap_or_default()
        };
    }
    match kind {
        _ if kind.is_constr() => {
            let (pkg, modl, name) = split_description(con_desc.as_deref().unwrap_or_default());
            let text = HsString::from;
            let (ptr_args, data_args) = (ptrs.collect(), words.collect());
            GenClosure::ConstrClosure { info, ptr_args, data_args, pkg: text(pkg), modl: text(modl), name: text(name) }
        }
        _ if kind.is_fun() => GenClosure::FunClosure { info, ptr_args: ptrs.collect(), data_args: words.collect() },
        THUNK_SELECTOR => GenClosure::SelectorClosure { info, selectee: ptr!() },
        THUNK_STATIC => GenClosure::ThunkClosure { info, ptr_args: ptrs.collect(), data_args: words.collect() },
        _ if kind.is_heap_thunk() => {
            GenClosure::ThunkClosure { info, ptr_args: ptrs.collect(), data_args: words.collect() }
        }
        PAP => {
            let (arity, n_args) = (word!() as u32, word!() as u32);
            GenClosure::PAPClosure { info, arity, n_args, fun: ptr!(), payload: ptrs.collect() }
        }
        AP => {
            let (arity, n_args) = (word!() as u32, word!() as u32);
            GenClosure::APClosure { info, arity, n_args, fun: ptr!(), payload: ptrs.collect() }
        }
        AP_STACK => GenClosure::APStackClosure { info, fun: ptr!(), payload: ptrs.collect() },
        IND | IND_STATIC => GenClosure::IndClosure { info, indirectee: ptr!() },
        BLACKHOLE => GenClosure::BlackholeClosure { info, indirectee: ptr!() },
        BCO => {
            let (instrs, literals, bcoptrs) = (ptr!(), ptr!(), ptr!());
            let (arity, size) = (word!() as u32, word!() as u32);
            GenClosure::BCOClosure { info, instrs, literals, bcoptrs, arity, size, bitmap: words.collect() }
        }
        ARR_WORDS => GenClosure::ArrWordsClosure { info, bytes: word!(), arr_words: words.collect() },
        MUT_ARR_PTRS_CLEAN | MUT_ARR_PTRS_DIRTY | MUT_ARR_PTRS_FROZEN_DIRTY | MUT_ARR_PTRS_FROZEN_CLEAN => {
            let (mcc_ptrs, mcc_size) = (word!(), word!());
            GenClosure::MutArrClosure { info, mcc_ptrs, mcc_size, mcc_payload: ptrs.collect() }
        }
        SMALL_MUT_ARR_PTRS_CLEAN
        | SMALL_MUT_ARR_PTRS_DIRTY
        | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY
        | SMALL_MUT_ARR_PTRS_FROZEN_CLEAN => {
            GenClosure::SmallMutArrClosure { info, mcc_ptrs: word!(), mcc_payload: ptrs.collect() }
        }
        MVAR_CLEAN | MVAR_DIRTY => {
            GenClosure::MVarClosure { info, queue_head: ptr!(), queue_tail: ptr!(), value: ptr!() }
        }
        MUT_VAR_CLEAN | MUT_VAR_DIRTY => GenClosure::MutVarClosure { info, var: ptr!() },
        WEAK => GenClosure::WeakClosure {
            info,
            cfinalizers: ptr!(),
            key: ptr!(),
            value: ptr!(),
            finalizer: ptr!(),
            link: ptr!(),
        },
        BLOCKING_QUEUE => GenClosure::OtherClosure { info, hvalues: ptrs.collect(), raw_words: words.collect() },
        _ => GenClosure::UnsupportedClosure { info },
    }
}

/// Package, module and name of `package:Module.Name`. Components of a module's name begin with a capital; a name that
/// is not described so is a name alone.
fn split_description(description: &str) -> (&str, &str, &str) {
    let whole = ("", "", description);
    let Some((package, qualified)) = description.split_once(':') else { return whole };
    let mut name = qualified;
    while let Some((component, rest)) = name.split_once('.')
        && component.starts_with(char::is_uppercase)
    {
        name = rest;
    }
    let module = qualified[..qualified.len() - name.len()].trim_end_matches('.');
    if package.is_empty() || module.is_empty() || name.is_empty() { whole } else { (package, module, name) }
}

/// The same object with other references (`fmap`).
pub(super) fn map_closure<A, B>(closure: GenClosure<A>, f: &mut impl FnMut(A) -> B) -> GenClosure<B> {
    use GenClosure::*;
    // A row per constructor that has references: those that are one, those that are a list, what else there is.
    macro_rules! rows {
        ($($con:ident { $($one:ident),* } [$($list:ident),*] ($($other:ident),*))*) => {
            match closure {
                $($con { info, $($one,)* $($list,)* $($other,)* } => $con {
                    info,
                    $($one: f($one),)*
                    $($list: $list.into_iter().map(&mut *f).collect(),)*
                    $($other,)*
                },)*
                ArrWordsClosure { info, bytes, arr_words } => ArrWordsClosure { info, bytes, arr_words },
                IntClosure { ptipe, int_val } => IntClosure { ptipe, int_val },
                WordClosure { ptipe, word_val } => WordClosure { ptipe, word_val },
                Int64Closure { ptipe, int64_val } => Int64Closure { ptipe, int64_val },
                Word64Closure { ptipe, word64_val } => Word64Closure { ptipe, word64_val },
                AddrClosure { ptipe, addr_val } => AddrClosure { ptipe, addr_val },
                FloatClosure { ptipe, float_val } => FloatClosure { ptipe, float_val },
                DoubleClosure { ptipe, double_val } => DoubleClosure { ptipe, double_val },
                UnsupportedClosure { info } => UnsupportedClosure { info },
            }
        };
    }
    rows! {
        ConstrClosure {} [ptr_args] (data_args, pkg, modl, name)
        FunClosure {} [ptr_args] (data_args)
        ThunkClosure {} [ptr_args] (data_args)
        SelectorClosure { selectee } [] ()
        PAPClosure { fun } [payload] (arity, n_args)
        APClosure { fun } [payload] (arity, n_args)
        APStackClosure { fun } [payload] ()
        IndClosure { indirectee } [] ()
        BCOClosure { instrs, literals, bcoptrs } [] (arity, size, bitmap)
        BlackholeClosure { indirectee } [] ()
        MutArrClosure {} [mcc_payload] (mcc_ptrs, mcc_size)
        SmallMutArrClosure {} [mcc_payload] (mcc_ptrs)
        MVarClosure { queue_head, queue_tail, value } [] ()
        IOPortClosure { queue_head, queue_tail, value } [] ()
        MutVarClosure { var } [] ()
        BlockingQueueClosure { link, black_hole, owner, queue } [] ()
        WeakClosure { cfinalizers, key, value, finalizer, link } [] ()
        OtherClosure {} [hvalues] (raw_words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions() {
        for (description, parts) in [
            ("ghc-prim:GHC.Types.:", ("ghc-prim", "GHC.Types", ":")),
            ("main:B.P", ("main", "B", "P")),
            ("main:B.:.+", ("main", "B", ":.+")),
            ("main:A.B.:->.+", ("main", "A.B", ":->.+")),
            ("ghc-prim:GHC.Tuple.(,)", ("ghc-prim", "GHC.Tuple", "(,)")),
            ("rts:DEAD_WEAK", ("", "", "rts:DEAD_WEAK")),
            ("x", ("", "", "x")),
            ("", ("", "", "")),
            ("p:M.", ("", "", "p:M.")),
        ] {
            assert_eq!(split_description(description), parts);
        }
    }

    #[test]
    fn a_closure_without_its_fields_is_described_all_the_same() {
        for closure_type in 0..70 {
            to_gen_closure(Closure { closure_type, ..Closure::default() });
        }
    }
}
