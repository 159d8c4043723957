//! What the machines cannot do yet: every operation of `Interp` that answers so is listed here, and every one on the list
//! does. The list shrinks as they learn. (Splices are the server's: `MachineServer` answers them.)

use bcvm_engine::interp::{Answered, Backend, Error, Interp};
use bcvm_engine::protocol::types::{EvalOpts, ResumeContextRef};
use bcvm_engine::protocol::{PlainRequest, request};

/// The operation that was missing.
fn missing<M: PlainRequest + Answered>(interp: &Interp, message: M) -> &'static str
where
    M::Reply: std::fmt::Debug,
{
    match interp.interp_cmd(message) {
        Err(Error::NotThere { operation, .. }) => operation,
        other => panic!("it has been learnt, or fails otherwise: {other:?}"),
    }
}

#[test]
fn the_list_is_what_is_missing() {
    let opts =
        EvalOpts { use_sandbox_thread: true, single_step: false, break_on_exception: false, break_on_error: false };
    let resume = ResumeContextRef(1);
    for backend in [Backend::Sandboxed, Backend::Internal] {
        let interp = Interp::builder().backend(backend).build().expect("an interpreter");
        assert_eq!(missing(&interp, request::ResumeStmt { opts: opts.clone(), resume }), "ResumeStmt");
        assert_eq!(missing(&interp, request::ResumeSeq { resume }), "ResumeSeq");
        assert_eq!(missing(&interp, request::AbandonStmt { resume }), "AbandonStmt");
    }
}

#[test]
fn the_internal_backend_says_why_it_loads_nothing() {
    let interp = Interp::builder().backend(Backend::Internal).build().expect("an interpreter");
    let object = "HSbase.o".as_ref();
    for refused in [interp.load_obj(object), interp.load_archive(object), interp.unload_obj(object)] {
        let error = refused.expect_err("there is no compiled code in this process").to_string();
        assert!(error.contains("internal backend"), "{error}");
    }
}
