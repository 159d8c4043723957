//! Files that no grant makes trusted. A library that somebody else can write runs with the rights of the user whatever he
//! puts there.

use std::path::{Path, PathBuf};

use crate::embed::is_written_by_us_only;
use crate::os::{Access, Grant, Policy};

/// Where native libraries may not lie under a policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distrusted {
    /// Directories, and what is wrong with them.
    directories: Vec<(PathBuf, &'static str)>,
}

impl Distrusted {
    /// Where programs may write under `policy`, and where they work: what lies there may have come with them.
    pub(crate) fn of(policy: &Policy) -> Distrusted {
        let mut directories = Vec::new();
        for policy in [Some(policy), policy.splices.as_deref()].into_iter().flatten() {
            let writable = policy.grants.iter().filter(|grant| grant.access == Access::ReadWrite);
            directories.extend(writable.map(|grant| (real(&grant.host), "which programs may change")));
            let work = policy.working_directory.iter().flat_map(|here| {
                let within = |grant: &&Grant| here.starts_with(&grant.guest);
                policy
                    .grants
                    .iter()
                    .filter(within)
                    .filter_map(|grant| Some(grant.host.join(here.strip_prefix(&grant.guest).ok()?)))
            });
            directories.extend(work.map(|host| (real(&host), "where programs work and may have come from")));
        }
        Distrusted { directories }
    }

    /// Why this file, without symbolic links in its path, is not to be trusted, if it is not.
    pub(crate) fn why(&self, file: &Path) -> Option<String> {
        if let Some((directory, why)) = self.directories.iter().find(|(directory, _)| file.starts_with(directory)) {
            return Some(format!("{} lies in {}, {why}", file.display(), directory.display()));
        }
        let is_ours = is_written_by_us_only(file);
        (!is_ours).then(|| format!("{} can be changed by other users than the system's and you", file.display()))
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
