//! What of the outside is within reach while a splice of Template Haskell runs: less than otherwise, and the temporary
//! files that GHC has named for splices in this session.
//!
//! Who serves splices says when one runs and what GHC has named ([`Splicing`]); [`Os`] follows at the next call.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::object::{Description, Object};
use super::policy::{Access, Clock, Grant, Policy, Randomness, Stream};
use super::resolve::Mount;
use super::state::{Os, OsError, seeded};
use crate::native::NativeLibrary;

/// Whether a splice runs, and which files GHC has named for splices. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Splicing(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    runs: bool,
    /// Those that [`Os`] has not heard of.
    temporary_files: Vec<PathBuf>,
}

impl Splicing {
    fn lock(&self) -> MutexGuard<'_, State> {
        // What is guarded is changed in single steps.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A splice begins or ends.
    pub(crate) fn set_runs(&self, runs: bool) {
        self.lock().runs = runs;
    }

    /// GHC has named a file for splices to write to.
    pub(crate) fn add_temporary_file(&self, path: PathBuf) {
        self.lock().temporary_files.push(path);
    }
}

/// What can be reached in one way when a splice runs and in another when none does.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) mounts: Vec<Mount>,
    pub(super) clock: Clock,
    /// Random numbers, if they are not the system's.
    pub(super) seeded: Option<Box<blake3::OutputReader>>,
    pub(super) natives: Vec<NativeLibrary>,
}

impl Reach {
    /// Opens what the policy grants; what is `protected` stays out of reach.
    pub(super) fn new(policy: &Policy, protected: &[PathBuf]) -> Result<Reach, OsError> {
        Ok(Reach {
            mounts: policy.grants.iter().map(|grant| Mount::new(grant, protected)).collect::<Result<_, _>>()?,
            clock: policy.clock,
            seeded: match policy.randomness {
                Randomness::Real => None,
                Randomness::Seeded(seed) => Some(Box::new(seeded(seed))),
            },
            natives: policy.natives.clone(),
        })
    }
}

/// The other way, whichever is in force.
#[derive(Debug)]
pub(super) struct Other {
    reach: Reach,
    /// Standard input, if splices have none.
    stdin: Option<Description>,
    /// A splice runs, and this is what applies otherwise.
    is_outside: bool,
}

impl Other {
    pub(super) fn new(policy: &Policy, protected: &[PathBuf]) -> Result<Other, OsError> {
        let has_stdin = !matches!(policy.streams[0], Stream::Null);
        let reach = Reach::new(policy, protected)?;
        Ok(Other { reach, stdin: (!has_stdin).then(|| Description::new(Object::Null, 0)), is_outside: false })
    }
}

impl Os {
    /// Has what is in force follow what is served.
    pub(super) fn follow_splices(&mut self) {
        let (runs, files) = {
            let mut state = self.splicing.lock();
            (state.runs, std::mem::take(&mut state.temporary_files))
        };
        for file in files {
            self.grant_file(file);
        }
        if let Some(other) = &mut self.other
            && other.is_outside != runs
        {
            std::mem::swap(&mut self.reach, &mut other.reach);
            if let (Some(stdin), Ok(own)) = (&mut other.stdin, self.fds.get_mut(0)) {
                std::mem::swap(stdin, own);
            }
            other.is_outside = runs;
        }
    }

    /// Grants a file, there or not, and nothing beside it.
    fn grant_file(&mut self, file: PathBuf) {
        let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else { return };
        let grant = Grant { host: directory.into(), guest: directory.into(), access: Access::ReadWrite };
        for reach in [Some(&mut self.reach), self.other.as_mut().map(|other| &mut other.reach)].into_iter().flatten() {
            match Mount::new(&grant, &self.protected) {
                Ok(mount) => reach.mounts.push(mount.only(name.into())),
                Err(error) => tracing::warn!("{} is not granted: {error}", file.display()),
            }
        }
    }
}
