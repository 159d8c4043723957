//! Making heap objects and looking at them.

use super::closure::map_closure;
use super::{Error, ForeignRef, Interp, RemotePtr};
use crate::protocol::closure::GenClosure;
use crate::protocol::types::{BreakArrayRef, FFIConv, FFIType, Fingerprint, HValueRef};
use crate::protocol::{Bytes, HsString, request};
use crate::unlinked::Program;
use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use std::thread;

/// How BCOs are sent (`BCOOpts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BcoOpts {
    /// How many threads encode them for a server in another process.
    pub n_jobs: usize,
}

impl Default for BcoOpts {
    fn default() -> BcoOpts {
        BcoOpts { n_jobs: 1 }
    }
}

/// BCOs that are encoded together when several threads encode.
const CHUNK: usize = 100;

impl Interp {
    /// Creates byte code objects that may refer to each other by index (`createBCOs`). Each result is the object, or
    /// a thunk of it if it takes no arguments. Nothing is evaluated; a request with a bad object creates none.
    pub fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<ForeignRef>, Error> {
        self.create_bcos_with(BcoOpts::default(), bcos)
    }

    /// The same with options.
    pub fn create_bcos_with(&self, opts: BcoOpts, bcos: &[ResolvedBco]) -> Result<Vec<ForeignRef>, Error> {
        // Encoding is a small part of the work where the bytes stay in this process.
        if opts.n_jobs <= 1 || self.iserv.is_none() {
            return self.create_bcos_encoded(&[&encode_chunk(bcos)]);
        }
        let chunks = encode_in_parallel(bcos, opts.n_jobs);
        self.create_bcos_encoded(&chunks.iter().map(|chunk| &chunk[..]).collect::<Vec<_>>())
    }

    /// The same from chunks as they come over GHC's wire, each the encoding of a list of `ResolvedBCO`.
    pub fn create_bcos_encoded(&self, chunks: &[&[u8]]) -> Result<Vec<ForeignRef>, Error> {
        let refs = self.run(|backend| backend.create_bcos(chunks))?;
        Ok(refs.into_iter().map(|r| self.session.adopt(r)).collect())
    }

    /// Enters a value into the static pointer table (`addSptEntry`).
    pub fn add_spt_entry(&self, fingerprint: Fingerprint, value: &ForeignRef) -> Result<(), Error> {
        self.call(request::AddSptEntry { fingerprint, value: HValueRef(value.raw(&self.session)?) })
    }

    /// Copies bytes to where code of the machine can read them, for as long as it lives (`mallocData`).
    pub fn malloc_data(&self, data: &[u8]) -> Result<RemotePtr, Error> {
        self.call(request::MallocData { data: data.into() })
    }

    /// Copies strings likewise, a NUL appended to each (`MallocStrings`).
    pub fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<RemotePtr>, Error> {
        self.call(request::MallocStrings { strings: strings.iter().map(|s| Bytes::from(*s)).collect() })
    }

    /// Describes the type of a foreign function, for `CCALL` (`PrepFFI`).
    pub fn prep_ffi(&self, conv: FFIConv, args: &[FFIType], result: FFIType) -> Result<RemotePtr, Error> {
        self.call(request::PrepFFI { conv, args: args.to_vec(), result })
    }

    /// Makes a constructor's info table (`MkConInfoTable`): so many pointers and other words, its zero-based number,
    /// the tag of pointers to it (its one-based number, at most 7), `package:Module.Name`.
    pub fn mk_con_info_table(
        &self,
        ptrs: u32,
        nptrs: u32,
        con_tag: u32,
        ptr_tag: u32,
        desc: &str,
    ) -> Result<RemotePtr, Error> {
        self.call(request::MkConInfoTable {
            tables_next_to_code: true,
            ptr_words: ptrs.into(),
            nptr_words: nptrs.into(),
            con_tag: con_tag.into(),
            ptr_tag: ptr_tag.into(),
            description: desc.as_bytes().into(),
        })
    }

    /// Makes cost centres, each a name and a source span (`mkCostCentres`); none without profiling.
    pub fn mk_cost_centres(&self, module: &str, centres: &[(&str, &str)]) -> Result<Vec<RemotePtr>, Error> {
        let centres = centres.iter().map(|&(name, span)| (HsString::from(name), HsString::from(span))).collect();
        self.call(request::MkCostCentres { module: module.into(), centres })
    }

    /// The cost centres of a stack of them, as text (`costCentreStackInfo`); none without profiling.
    pub fn cost_centre_stack_info(&self, ccs: RemotePtr) -> Result<Vec<String>, Error> {
        Ok(self.call(request::CostCentreStackInfo { ccs })?.iter().map(HsString::to_string).collect())
    }

    /// A breakpoint array of `size` ticks, all off (`newBreakArray`).
    pub fn new_break_array(&self, size: u32) -> Result<ForeignRef, Error> {
        Ok(self.session.adopt(self.call(request::NewBreakArray { size: size.into() })?.0))
    }

    /// Enables or disables a breakpoint; one that does not exist is ignored (`enableBreakpoint`, `storeBreakpoint` of
    /// later versions).
    pub fn store_breakpoint(&self, array: &ForeignRef, index: u32, enabled: bool) -> Result<(), Error> {
        let array = BreakArrayRef(array.raw(&self.session)?);
        self.call(request::EnableBreakpoint { array, index: index.into(), enabled })
    }

    /// Whether a breakpoint is enabled; one that does not exist is not (`breakpointStatus`).
    pub fn breakpoint_status(&self, array: &ForeignRef, index: u32) -> Result<bool, Error> {
        let array = BreakArrayRef(array.raw(&self.session)?);
        self.call(request::BreakpointStatus { array, index: index.into() })
    }

    /// A variable of stopped code (`getBreakpointVar`): word `slot` of the stack it was stopped with.
    pub fn get_breakpoint_var(&self, stopped: &ForeignRef, slot: u32) -> Result<Option<ForeignRef>, Error> {
        let ap_stack = HValueRef(stopped.raw(&self.session)?);
        let var = self.call(request::GetBreakpointVar { ap_stack, slot: slot.into() })?;
        Ok(var.map(|r| self.session.adopt(r.0)))
    }

    /// The breakpoint array of a program (`getModBreaks`). Byte code with breakpoints comes from GHC only, which keeps
    /// the arrays of its modules to itself; our own programs have none before there is a debugger.
    pub fn get_mod_breaks(&self, _: &Program) -> Result<ForeignRef, Error> {
        Err(Error::NotThere { operation: "get_mod_breaks", missing: "breakpoints" })
    }

    /// What an object is, without evaluating it or following indirections (`getClosure`).
    pub fn get_closure(&self, value: &ForeignRef) -> Result<GenClosure<ForeignRef>, Error> {
        let closure = self.call(request::GetClosure { value: HValueRef(value.raw(&self.session)?) })?;
        Ok(map_closure(closure, &mut |r: HValueRef| self.session.adopt(r.0)))
    }

    /// Releases references by their bare numbers, as [`Interp::interp_cmd`] answers them (`freeHValueRefs`). Those that
    /// are not in use are answered by machines and the end of GHC's own server.
    pub fn free_hvalue_refs(&self, refs: &[u64]) -> Result<Vec<u64>, Error> {
        if refs.is_empty() {
            return Ok(Vec::new());
        }
        self.run(|backend| backend.free(refs.to_vec()))
    }

    /// Takes over a bare reference: it is released when the last clone is dropped (`mkFinalizedHValue`).
    pub fn mk_finalized_hvalue(&self, raw: u64) -> ForeignRef {
        self.session.adopt(raw)
    }
}

/// Chunks of [`CHUNK`] BCOs, encoded by so many threads.
fn encode_in_parallel(bcos: &[ResolvedBco], n_jobs: usize) -> Vec<Vec<u8>> {
    let chunks: Vec<&[ResolvedBco]> = bcos.chunks(CHUNK).collect();
    let share = chunks.len().div_ceil(n_jobs.max(1)).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = chunks
            .chunks(share)
            .map(|chunks| scope.spawn(|| chunks.iter().map(|bcos| encode_chunk(bcos)).collect::<Vec<_>>()))
            .collect();
        // Encoding does not panic; if it did, fewer references than BCOs would come back and say so.
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}
