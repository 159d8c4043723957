//! The machine in a wasm guest.

use super::{Interrupt, NotInstalled, Reached, Vm, VmError};
use crate::embed::{
    Aftermath, Deadline, EmbedError, Engine, Limits, Linked, Sandbox, StopReason, Stopper, Trap, TrapKind,
};
use crate::os::{Os, Policy};
use bcvm::abi::request::{Reply, Request};
use bincode::error::EncodeError;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes for the guest beside the Haskell heap: its code's data, its allocator, statics.
const OVERHEAD_BYTES: u64 = 64 << 20;

/// A sandbox, and what it takes to make another.
pub struct Sandboxed {
    engine: Engine,
    limits: Limits,
    config: Vec<u8>,
    /// Whether threads take turns by the clock, too.
    has_slices: bool,
    policy: Policy,
    sandbox: Sandbox,
    interrupter: Arc<Interrupter>,
    /// What is installed, in that order.
    packages: Vec<Linked>,
    /// What was bound.
    bound: Vec<(String, u64)>,
}

impl Sandboxed {
    /// A machine in a new sandbox, which reaches what the policy grants.
    pub fn new(engine: &Engine, config: &bcvm::Config, policy: &Policy) -> Result<Sandboxed, EmbedError> {
        let limits = Limits { memory_bytes: config.heap_limit as u64 + OVERHEAD_BYTES, ..Limits::default() };
        let (has_slices, config) = (config.fuel == 0, config.to_bytes());
        let policy = engine.cache_path().into_iter().fold(policy.clone(), Policy::protect);
        let sandbox = Sandbox::with_os(engine, limits, Os::new(&policy)?, &config)?;
        let interrupter = Arc::new(Interrupter(Mutex::new(sandbox.stopper())));
        Ok(Sandboxed {
            engine: engine.clone(),
            limits,
            config,
            has_slices,
            policy,
            sandbox,
            interrupter,
            packages: Vec::new(),
            bound: Vec::new(),
        })
    }

    /// A sandbox like the present one before anything ran in it, but for its working directory.
    fn new_sandbox(&self) -> Result<Sandbox, String> {
        let mut os = Os::new(&self.policy).map_err(|e| e.to_string())?;
        os.go_on_from(self.sandbox.os());
        let mut sandbox = Sandbox::with_os(&self.engine, self.limits, os, &self.config).map_err(|e| e.to_string())?;
        install(&mut sandbox, &self.packages, INITIALISING).map_err(|(_, why)| why)?;
        bind(&mut sandbox, &self.bound)?;
        Ok(sandbox)
    }

    /// Replaces a sandbox that can't be trusted any more.
    fn begin_anew(&mut self, why: String) -> VmError {
        match self.new_sandbox() {
            Ok(sandbox) => {
                *self.interrupter.0.lock().unwrap_or_else(PoisonError::into_inner) = sandbox.stopper();
                self.sandbox = sandbox;
                VmError::Lost(why)
            }
            Err(e) => VmError::Failed(format!("{why}; and then: {e}")),
        }
    }

    fn trapped(&mut self, trap: Trap) -> VmError {
        match (trap.aftermath, trap.kind) {
            (Aftermath::HeapUntrusted, kind) => self.begin_anew(kind.to_string()),
            (Aftermath::Recovered, TrapKind::Stopped(StopReason::Deadline)) => VmError::Deadline,
            (Aftermath::Recovered, kind) => VmError::Crashed(kind.to_string()),
        }
    }
}

impl Vm for Sandboxed {
    fn request(&mut self, request: &Request<'_>, timeout: Option<Duration>) -> Result<Reply, VmError> {
        let standard = bincode::config::standard();
        let pieces = encode(request).map_err(|e| VmError::Failed(e.to_string()))?;
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| &**piece).collect();
        match request {
            Request::Eval(..) => self.sandbox.begin_evaluation(self.has_slices),
            Request::RunThreads => self.sandbox.begin_idling(self.has_slices),
            _ => {}
        }
        let answer = self.sandbox.request_in_pieces(&pieces, timeout.and_then(Deadline::politely_after));
        let reply = answer.map_err(|trap| self.trapped(trap))?;
        // The reply comes from guest memory: no length in it may make us allocate much more than it has bytes for.
        let decoded = match reply.len() {
            0..0x1000 => bincode::decode_from_slice(&reply, standard.with_limit::<{ 1 << 16 }>()),
            0x1000..0x10_0000 => bincode::decode_from_slice(&reply, standard.with_limit::<{ 1 << 24 }>()),
            _ => bincode::decode_from_slice(&reply, standard.with_limit::<{ 1 << 30 }>()),
        };
        match decoded {
            Ok((Reply::Ruined, _)) => Err(self.begin_anew("the program has overwritten the heap".into())),
            Ok((reply, _)) => Ok(reply),
            Err(e) => Err(self.begin_anew(format!("the guest's reply makes no sense: {e}"))),
        }
    }

    fn read(&self, address: u64, len: u64) -> Option<Vec<u8>> {
        if len == 0 {
            return Some(Vec::new());
        }
        self.sandbox.memory().read(u32::try_from(address).ok()?, u32::try_from(len).ok()?).ok()
    }

    fn reached_limit(&self) -> Option<Reached> {
        if self.sandbox.is_overdue() {
            return Some(Reached::Deadline);
        }
        self.sandbox.reached_limit().map(Reached::Policy)
    }

    fn give_up(&mut self, why: String) -> VmError {
        self.begin_anew(why)
    }

    fn was_quiet(&self) -> bool {
        self.sandbox.was_quiet()
    }

    fn install(&mut self, packages: &[Linked], timeout: Option<Duration>) -> Result<(), NotInstalled> {
        // Initialisers are programs, and may have done damage before they failed.
        install(&mut self.sandbox, packages, timeout.unwrap_or(INITIALISING))
            .map_err(|(initialising, why)| NotInstalled { initialising, error: self.begin_anew(why) })?;
        self.packages.extend_from_slice(packages);
        Ok(())
    }

    fn is_native(&self, library: &Path) -> bool {
        self.sandbox.os().is_native(library)
    }

    fn open_native(&mut self, library: &Path, needed: &[PathBuf]) -> Result<Vec<(String, usize)>, String> {
        self.sandbox.os_mut().open_native(library, needed)
    }

    fn native_with(&self, name: &str) -> Option<&Path> {
        self.sandbox.os().native_with(name)
    }

    fn bind(&mut self, symbols: Vec<(String, u64)>) -> Result<(), VmError> {
        bind(&mut self.sandbox, &symbols).map_err(|why| self.begin_anew(why))?;
        self.bound.extend(symbols);
        Ok(())
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.interrupter.clone()
    }
}

/// How long the initialisers of one package may take, if evaluations may take any time.
const INITIALISING: Duration = Duration::from_secs(10);

/// Puts packages into a sandbox and has their initialisers called, once all are there. Fails with the number of the package
/// that was being initialised, if any was, and the reason.
fn install(sandbox: &mut Sandbox, packages: &[Linked], timeout: Duration) -> Result<(), (Option<usize>, String)> {
    sandbox.make_room(packages).map_err(|e| (None, e.to_string()))?;
    for package in packages {
        sandbox.install(package).map_err(|e| (None, e.to_string()))?;
    }
    for (number, package) in packages.iter().enumerate().filter(|(_, package)| !package.init.is_empty()) {
        let functions = package.init.iter().map(|&function| u64::from(function)).collect();
        let done = tell(sandbox, &Request::CallC(functions), Deadline::after(timeout));
        done.map_err(|why| (Some(number), format!("{}: its initialisers: {why}", package.name)))?;
    }
    Ok(())
}

fn bind(sandbox: &mut Sandbox, symbols: &[(String, u64)]) -> Result<(), String> {
    if symbols.is_empty() {
        return Ok(());
    }
    let symbols = symbols.iter().map(|(name, address)| (name.as_str(), *address)).collect();
    tell(sandbox, &Request::Bind(symbols), None)
}

/// Has a machine carry out a request that answers nothing.
fn tell(sandbox: &mut Sandbox, request: &Request<'_>, deadline: Option<Deadline>) -> Result<(), String> {
    let standard = bincode::config::standard();
    let request = bincode::encode_to_vec(request, standard).map_err(|e| e.to_string())?;
    let reply = sandbox.request(&request, deadline).map_err(|trap| trap.kind.to_string())?;
    match bincode::decode_from_slice(&reply, standard.with_limit::<{ 1 << 20 }>()) {
        Ok((Reply::Unit, _)) => Ok(()),
        Ok((Reply::Refused(why), _)) => Err(why),
        _ => Err("the guest's reply makes no sense".into()),
    }
}

/// A request encoded, with the large blocks of one that has any left where they are: they are copied once, into the
/// guest.
fn encode<'a>(request: &Request<'a>) -> Result<Vec<Cow<'a, [u8]>>, EncodeError> {
    let standard = bincode::config::standard();
    let Request::CreateBcos(chunks) = request else {
        return Ok(vec![bincode::encode_to_vec(request, standard)?.into()]);
    };
    // A list is its length and its elements, and the length of an empty one is a single byte.
    let mut head = bincode::encode_to_vec(Request::CreateBcos(Vec::new()), standard)?;
    head.pop();
    head.extend(bincode::encode_to_vec(chunks.len(), standard)?);
    let mut pieces = vec![head.into()];
    for &chunk in chunks {
        pieces.push(bincode::encode_to_vec(chunk.len(), standard)?.into());
        pieces.push(chunk.into());
    }
    Ok(pieces)
}

/// Follows the sandbox when it is replaced.
struct Interrupter(Mutex<Stopper>);

impl Interrupt for Interrupter {
    fn interrupt(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stop(StopReason::UserInterrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_encoding() {
        let long = [7; 300];
        let chunks: [Vec<&[u8]>; 4] = [vec![], vec![&[]], vec![&[1, 2], &long], vec![&[]; 300]];
        for chunks in chunks {
            let request = Request::CreateBcos(chunks);
            let whole = bincode::encode_to_vec(&request, bincode::config::standard()).unwrap();
            assert_eq!(encode(&request).unwrap().concat(), whole);
        }
    }
}
