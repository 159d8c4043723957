//! GHC 9.0.2's own interpreter server as a machine, driven through the engine's client.
//!
//! ghc-prim is loaded, so that primops' wrappers and the constructors of GHC.Types are its own.

use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use bcvm_engine::external::{IservError, IservProcess};
use bcvm_engine::protocol::Bytes;
use bcvm_engine::protocol::bco::BcoChunk;
use bcvm_engine::protocol::closure::GenClosure;
use bcvm_engine::protocol::request;
use bcvm_engine::protocol::types::{EvalResult, EvalStatus, HValueRef};
use bcvm_engine::unlinked::link::Target;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where GHC keeps its server and ghc-prim.
#[derive(Clone, Debug)]
pub struct Installed {
    server: PathBuf,
    ghc_prim: PathBuf,
}

/// GHC 9.0.2, if it is installed.
pub fn find() -> Option<Installed> {
    let ask = |option: &str| {
        let output = Command::new("ghc").arg(option).stderr(Stdio::null()).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    if ask("--numeric-version")? != "9.0.2" {
        return None;
    }
    let libdir = PathBuf::from(ask("--print-libdir")?);
    let ghc_prim = [libdir.as_path(), Path::new("/usr/lib/ghc")]
        .map(|folder| folder.join("ghc-prim-0.7.0/HSghc-prim-0.7.0.o"))
        .into_iter()
        .find(|object| object.exists())?;
    Some(Installed { server: libdir.join("bin/ghc-iserv"), ghc_prim }).filter(|found| found.server.exists())
}

/// A server.
pub struct Server(IservProcess);

impl Installed {
    /// The program.
    pub fn server(&self) -> &Path {
        &self.server
    }

    /// Starts a server that has loaded nothing, and waits for its first answer.
    pub fn start_empty(&self) -> Server {
        // It complains about every symbol that it does not find.
        let quiet = |command: &mut Command| command.stderr(Stdio::null()).spawn();
        let server = Server(IservProcess::builder(&self.server).spawn_hook(quiet).build());
        server.call("InitLinker", server.0.call(request::InitLinker {}));
        server.call("MallocStrings", server.0.call(request::MallocStrings { strings: vec![] }));
        server
    }

    /// Starts a server with ghc-prim.
    pub fn start(&self) -> Server {
        let server = self.start_empty();
        let path = self.ghc_prim.to_str().expect("a path in ASCII").into();
        server.call("LoadObj", server.0.call(request::LoadObj { path }));
        assert!(server.call("ResolveObjs", server.0.call(request::ResolveObjs {})), "ghc-prim links");
        server
    }
}

impl Server {
    /// A bench without its rival is worth nothing: what the server can't do ends it.
    fn call<T>(&self, what: &str, result: Result<T, IservError>) -> T {
        result.unwrap_or_else(|e| panic!("{what}: {e}"))
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.0.process_id().expect("the server runs")
    }

    /// Creates BCOs from encoded chunks.
    pub fn create_bcos(&self, chunks: &[Vec<u8>]) -> Vec<HValueRef> {
        let chunks = chunks.iter().map(|chunk| BcoChunk(Bytes::from(chunk.clone()))).collect();
        self.call("CreateBCOs", self.0.call(request::CreateBCOs { chunks }))
    }

    /// Releases references.
    pub fn free(&self, refs: Vec<HValueRef>) {
        self.call("FreeHValueRefs", self.0.call(request::FreeHValueRefs { refs }));
    }

    /// Evaluates a value.
    pub fn seq(&self, value: HValueRef) {
        match self.call("Seq", self.0.call(request::Seq { value })) {
            EvalStatus::EvalComplete { result: EvalResult::EvalSuccess(()), .. } => {}
            other => panic!("Seq: {other:?}"),
        }
    }

    /// The word in the box that a value is.
    pub fn word(&self, value: HValueRef) -> u64 {
        match self.call("GetClosure", self.0.call(request::GetClosure { value })) {
            GenClosure::ConstrClosure { data_args, .. } if data_args.len() == 1 => data_args[0],
            GenClosure::IndClosure { indirectee, .. } | GenClosure::BlackholeClosure { indirectee, .. } => {
                self.word(indirectee)
            }
            other => panic!("no box of one word: {other:?}"),
        }
    }
}

impl Target for Server {
    type Ref = HValueRef;
    type Error = IservError;

    fn lookup_symbol(&self, symbol: &str) -> Result<Option<u64>, IservError> {
        Ok(self.0.call(request::LookupSymbol { symbol: symbol.into() })?.map(|p| p.0))
    }

    fn mk_con_info_table(&self, ptrs: u32, nptrs: u32, tag: u32, ptr_tag: u32, desc: &str) -> Result<u64, IservError> {
        let message = request::MkConInfoTable {
            tables_next_to_code: true,
            ptr_words: ptrs.into(),
            nptr_words: nptrs.into(),
            con_tag: tag.into(),
            ptr_tag: ptr_tag.into(),
            description: desc.as_bytes().into(),
        };
        Ok(self.0.call(message)?.0)
    }

    fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<u64>, IservError> {
        let strings = strings.iter().map(|s| Bytes::from(s.to_vec())).collect();
        Ok(self.0.call(request::MallocStrings { strings })?.into_iter().map(|p| p.0).collect())
    }

    fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<HValueRef>, IservError> {
        Ok(Server::create_bcos(self, &[encode_chunk(bcos)]))
    }
}
