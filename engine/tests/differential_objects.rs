//! What `GetClosure` says of each kind of object is what GHC's own server says; so are the answers of the messages that
//! evaluate nothing.

mod asm;
mod differential_common;

use asm::*;
use bcvm::bco::resolved::ResolvedBcoPtr;
use bcvm::bytecode::Bci;
use bcvm_engine::external::IservError;
use bcvm_engine::interp::{Backend, Error, ExceptionKind, ForeignRef, Interp, RemotePtr};
use bcvm_engine::protocol::closure::GenClosure;
use bcvm_engine::protocol::request;
use bcvm_engine::protocol::types::{EvalResult, FFIConv, FFIType, Fingerprint, HValueRef, SerializableException};
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;
use differential_common::*;

/// A closure with every reference replaced by `()`, and without what means nothing: the arity of an AP, and the
/// content of the word that pads a constructor without fields.
fn shape(closure: GenClosure<ForeignRef>) -> String {
    let (mut refs, mut text) = (0, format!("{:?}", strip(closure)));
    while let Some(at) = text.find("ForeignRef(") {
        let end = at + text[at..].find("} })").map_or(text.len() - at, |n| n + 4);
        text.replace_range(at..end, "()");
        refs += 1;
    }
    format!("{refs} references: {text}")
}

fn strip(closure: GenClosure<ForeignRef>) -> GenClosure<ForeignRef> {
    match closure {
        GenClosure::APClosure { info, n_args, fun, payload, .. } => {
            GenClosure::APClosure { info, arity: 0, n_args, fun, payload }
        }
        GenClosure::ConstrClosure { info, ptr_args, data_args, pkg, modl, name } if name == "Nope".into() => {
            let data_args = vec![0; data_args.len()];
            GenClosure::ConstrClosure { info, ptr_args, data_args, pkg, modl, name }
        }
        other => other,
    }
}

/// Programs whose value is a box with an object in it: what it is, the type of the field, the program.
const BOXED: &[(&str, &str, &str)] = &[
    ("MutVar#", "MutVar# RealWorld Bool", "case newMutVar# True realWorld# of (# s, v #) -> let b = Box v in b"),
    (
        "Array#",
        "MutableArray# RealWorld Bool",
        "case newArray# 200# True realWorld# of (# s, a #) -> let b = Box a in b",
    ),
    (
        "frozen Array#",
        "Array# Bool",
        "case newArray# 3# True realWorld# of (# s, a #) -> case unsafeFreezeArray# a s of (# _, f #) ->
  let b = Box f in b",
    ),
    (
        "SmallArray#",
        "SmallMutableArray# RealWorld Bool",
        "case newSmallArray# 3# True realWorld# of (# s, a #) -> let b = Box a in b",
    ),
    (
        "ByteArray#",
        "MutableByteArray# RealWorld",
        "case newByteArray# 16# realWorld# of (# s, b #) -> case writeIntArray# b 0# 77# s of s1 ->
  case writeIntArray# b 1# 78# s1 of s2 -> let c = Box b in c",
    ),
    ("partial application", "a", "let f = \\x y z -> x; p = f True in case p of q -> let b = Box q in b"),
    ("function", "a", "let f = \\x y z -> x; b = Box f in b"),
    ("constructor", "a", "let c = Mixed 7# True in case c of d -> let b = Box d in b"),
    ("nullary constructor", "a", "case Nope of n -> let b = Box n in b"),
    ("thunk", "a", "let t = case True of { True -> False; _ -> True }; b = Box t in b"),
    (
        "thunk with variables",
        "a",
        "let f = \\x y -> let t = case x of { True -> y; _ -> x }; b = Box t in b in f True False",
    ),
];

#[test]
fn each_kind_of_object_is_described_alike() {
    let backends = everywhere();
    for (what, field, main) in BOXED {
        let types = format!("data Box = Box ({field})\ndata Mixed = Mixed Int# a\ndata Nope = Nope | Yep\n");
        let program = stg::compile(what, &format!("{types}main = {main}\n")).unwrap_or_else(|e| panic!("{e}"));
        let mut shapes = backends.iter().map(|(name, interp)| {
            let entry = link::link(&program, interp).unwrap().into_entry();
            (name, shape(inside(interp, &entry)))
        });
        let (_, expected) = shapes.next().unwrap();
        for (name, got) in shapes {
            assert_eq!(got, expected, "{what} on {name}");
        }
    }
}

/// The object in the box that `value` evaluates to.
fn inside(interp: &Interp, r: &ForeignRef) -> GenClosure<ForeignRef> {
    match value(interp, r) {
        bcvm_engine::show::Object::Con { ptrs, .. } => interp.get_closure(&ptrs[0]).unwrap(),
        other => panic!("no box: {other:?}"),
    }
}

#[test]
fn byte_code_itself_is_described_alike() {
    let shapes = same_everywhere("GetClosure", |interp| {
        let int = con(interp, "GHCziTypes_Izh");
        let function = Asm::function(3, "pnp").op(Bci::PUSH_L, &[0]).enter(3).done();
        let thunk = Asm::new().push_ubx(5).pack(int, 1).op(Bci::ENTER, &[]).done();
        let refs = interp.create_bcos(&[function, thunk]).unwrap();
        let before = refs.iter().map(|r| shape(interp.get_closure(r).unwrap())).collect::<Vec<_>>();
        interp.seq_hvalue(&refs[1]).unwrap().unwrap();
        // Now an indirection, unless a collection has been there.
        let after = matches!(
            interp.get_closure(&refs[1]).unwrap(),
            GenClosure::IndClosure { .. } | GenClosure::BlackholeClosure { .. } | GenClosure::ConstrClosure { .. }
        );
        (before, after)
    });
    assert!(shapes.0[0].contains("BCOClosure") && shapes.0[1].contains("APClosure"), "{shapes:?}");
    assert!(shapes.1);
}

#[test]
fn constructors_made_at_run_time_keep_their_names() {
    let shapes = same_everywhere("MkConInfoTable", |interp| {
        let unit = symbol(interp, "ghczmprim_GHCziTuple_Z0T_closure");
        let names = ["main:B.P", "main:A.B.:->.+", "pkg-1.0-abc:M.:", "odd"];
        let mut shapes = Vec::new();
        for (i, name) in names.into_iter().enumerate() {
            let info = interp.mk_con_info_table(1, 1, i as u32, i as u32 + 1, name).unwrap();
            let code = Asm::new().push_ubx(9).push_g(ResolvedBcoPtr::StaticPtr(unit)).pack(info.0, 2);
            let r = interp.create_bcos(&[code.op(Bci::ENTER, &[]).done()]).unwrap();
            interp.seq_hvalue(&r[0]).unwrap().unwrap();
            let mut closure = interp.get_closure(&r[0]).unwrap();
            while let GenClosure::IndClosure { indirectee, .. } | GenClosure::BlackholeClosure { indirectee, .. } =
                closure
            {
                closure = interp.get_closure(&indirectee).unwrap();
            }
            shapes.push(shape(closure));
        }
        shapes
    });
    assert!(shapes[1].contains("\"A.B\"") && shapes[1].contains("\":->.+\""), "{}", shapes[1]);
}

#[test]
fn messages_that_evaluate_nothing() {
    same_everywhere("linker", |interp| {
        interp.init_obj_linker().unwrap();
        (
            interp.lookup_symbol("no_such_symbol").unwrap(),
            interp.lookup_closure("no_such_closure").unwrap().is_none(),
            interp
                .lookup_closure("ghczmprim_GHCziTypes_True_closure")
                .unwrap()
                .map(|r| matches!(interp.get_closure(&r).unwrap(), GenClosure::ConstrClosure { .. })),
            interp.load_dll("libc.so.6".as_ref()).unwrap(),
            interp.load_dll("/no/such/libz.so".as_ref()).unwrap().is_some(),
            interp.add_library_search_path("/usr/lib".as_ref()).unwrap(),
            interp.remove_library_search_path(RemotePtr(0)).unwrap(),
            interp.find_system_library("c").unwrap(),
            interp.resolve_objs().unwrap(),
        )
    });
    same_everywhere("breakpoints", |interp| {
        let array = interp.new_break_array(3).unwrap();
        let status = |i| interp.breakpoint_status(&array, i).unwrap();
        let fresh = [status(0), status(2), status(3), status(u32::MAX)];
        interp.store_breakpoint(&array, 2, true).unwrap();
        interp.store_breakpoint(&array, 3, true).unwrap();
        let then = [status(0), status(2), status(3)];
        interp.store_breakpoint(&array, 2, false).unwrap();
        (fresh, then, status(2), interp.get_breakpoint_var(&array, 2).unwrap().is_none())
    });
    same_everywhere("foreign calls, profiles, static pointers", |interp| {
        let cif = interp.prep_ffi(FFIConv::FFICCall, &[FFIType::FFIDouble, FFIType::FFIDouble], FFIType::FFIDouble);
        let value = interp.lookup_closure("ghczmprim_GHCziTypes_True_closure").unwrap().unwrap();
        interp.add_spt_entry(Fingerprint { high: 1, low: 2 }, &value).unwrap();
        (
            cif.unwrap().0 != 0,
            interp.mk_cost_centres("M", &[("f", "M.hs:1")]).unwrap(),
            interp.cost_centre_stack_info(RemotePtr(0)).unwrap(),
            interp.malloc_strings(&[]).unwrap(),
            interp.malloc_strings(&[b"a", b""]).unwrap().len(),
            interp.malloc_data(b"x").unwrap().0 != 0,
            interp.interpreter_dynamic() || interp.interpreter_profiled(),
        )
    });
}

/// Everything that waits for the linker, Template Haskell or the debugger. This list shrinks to nothing.
#[test]
fn what_is_not_there_yet_says_so() {
    for (name, interp) in ours() {
        let value = interp.lookup_closure("ghczmprim_GHCziTypes_True_closure").unwrap().unwrap();
        let loaded = interp.load_obj("/x/HSbase.o".as_ref());
        if name == "bcvm-iserv" {
            // The wire has no reply to LoadObj: the server ends, as GHC's would.
            loaded.unwrap();
            assert!(matches!(interp.resolve_objs(), Err(Error::Iserv(IservError::Terminated { code: 1 }))));
            continue;
        }
        let errors = [loaded.unwrap_err(), interp.resume_stmt(OPTS, &value).map(drop).unwrap_err()];
        let texts = errors.map(|e| e.to_string());
        assert!(texts[0].contains("HSbase.o"), "{name}: {}", texts[0]);
        for error in [
            interp.load_archive("/x/libHSbase.a".as_ref()).unwrap_err(),
            interp.unload_obj("/x/HSbase.o".as_ref()).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Link(_) | Error::InternalCannotLoad { .. }), "{name}: {error}");
        }
        assert_eq!(texts[1], "ResumeStmt: breakpoints are not supported yet", "{name}");
        assert_eq!(
            interp.abandon_stmt(&value).unwrap_err().to_string(),
            "AbandonStmt: breakpoints are not supported yet"
        );
        let program = stg::compile("p", "main = True").unwrap();
        assert!(matches!(interp.get_mod_breaks(&program), Err(Error::NotThere { .. })));
        assert!(matches!(interp.with_iserv(|_| Ok(())), Err(Error::NeedsIserv)));
        let seen = interp.wormhole(&value, |machine, closure| machine.mem.info(closure.addr()).word() != 0);
        assert_eq!(
            seen.map_err(|e| e.to_string()),
            match name {
                "internal" => Ok(true),
                _ => Err("this operation requires -fno-external-interpreter".into()),
            }
        );
    }
}

const OPTS: bcvm_engine::interp::EvalOpts = bcvm_engine::interp::EvalOpts {
    use_sandbox_thread: true,
    single_step: false,
    break_on_exception: false,
    break_on_error: false,
};

#[test]
fn a_server_in_another_process_keeps_its_word() {
    let interp = Interp::builder().backend(Backend::external(BCVM_ISERV)).build().unwrap();
    // Symbols are asked for once.
    let cons = interp.lookup_symbol("ghczmprim_GHCziTypes_ZC_con_info").unwrap();
    assert!(cons.is_some());
    assert_eq!(interp.lookup_symbol("ghczmprim_GHCziTypes_ZC_con_info").unwrap(), cons);
    interp.purge_lookup_symbol_cache();
    assert_eq!(interp.lookup_symbol("ghczmprim_GHCziTypes_ZC_con_info").unwrap(), cons);
    // Freeing what is not there is no crime.
    assert_eq!(interp.free_hvalue_refs(&[12_345, 0, u64::MAX]).unwrap(), [0u64; 0]);
    interp.iserv_call(request::InitLinker {}).unwrap();
    // Bare references become owned ones and go with the next message.
    let raw = interp.iserv_call(request::LookupClosure { symbol: "ghczmprim_GHCziTypes_True_closure".into() });
    let owned = interp.mk_finalized_hvalue(raw.unwrap().unwrap().0);
    interp.seq_hvalue(&owned).unwrap().unwrap();
    drop(owned);
    interp.write_iserv(&request::LookupSymbol { symbol: "x".into() }.into()).unwrap();
    assert_eq!(interp.read_iserv::<Option<RemotePtr>>("LookupSymbol").unwrap(), None);
    interp.stop_interp();
    interp.stop_interp();
    assert!(matches!(interp.resolve_objs(), Err(Error::Stopped)));
}

#[test]
fn machines_tell_which_references_were_not_in_use() {
    let backends = [Backend::Sandboxed, Backend::Internal];
    for backend in backends {
        let interp = Interp::builder().backend(backend).build().unwrap();
        let held = interp.lookup_closure("ghczmprim_GHCziTypes_True_closure").unwrap().unwrap();
        let symbol = "ghczmprim_GHCziTuple_Z0T_closure".into();
        let raw = interp.interp_cmd(request::LookupClosure { symbol }).unwrap().unwrap().0;
        assert_eq!(interp.free_hvalue_refs(&[raw, 7, 1 << 40]).unwrap(), [7, 1 << 40]);
        interp.seq_hvalue(&held).unwrap().unwrap();
        // Cost of a call interface: one for each type.
        let prep = || interp.prep_ffi(FFIConv::FFICCall, &[FFIType::FFISInt64], FFIType::FFIVoid).unwrap();
        assert_eq!(prep(), prep());
        let bad = interp.prep_ffi(FFIConv::FFICCall, &[FFIType::FFIVoid], FFIType::FFIVoid);
        assert!(matches!(bad, Err(Error::Refused { .. })));
    }
}

/// What a machine knows of an end is text on the wire, in GHC's words where GHC has them.
#[test]
fn ends_travel_as_text() {
    let interp = Interp::builder().limit_memory(16 << 20).build().unwrap();
    let wild = Asm::new().push_ubx(16).op(Bci::ENTER, &[]).done();
    let refs = interp.create_bcos(&[wild.clone(), wild]).unwrap();
    let seen = interp.seq_hvalue(&refs[0]).unwrap().unwrap_err();
    assert_eq!(seen.kind, ExceptionKind::Crash);
    let raw = HValueRef(refs[1].as_remote_ref());
    let EvalResult::EvalException(SerializableException::EOtherException(text)) =
        interp.interp_cmd(request::EvalIO { action: raw }).unwrap()
    else {
        panic!("no exception");
    };
    assert!(text.to_string().starts_with("the sandboxed program crashed: "), "{text}");
}
