//! Which policy applies. The first of these is where it begins:
//!
//! 1. the file that `--policy` names,
//! 2. the file that the variable `BCVM_POLICY` names,
//! 3. `policy.toml` in the directory `bcvm` of the user's configuration,
//! 4. the preset `repl`, and while a splice runs the preset `th`.
//!
//! The first two are the user's word for this very run, and are obeyed as they are. Otherwise the file [`PROJECT_FILE`] in
//! the working directory, or the nearest directory above it, narrows the policy.

use std::env;
use std::path::{Path, PathBuf};

use super::build::{Built, Preset};
use super::error::PolicyError;
use super::limits::Limits;
use crate::os::Policy;

/// The name of a policy file in a project.
pub const PROJECT_FILE: &str = "bcvm.toml";

/// What GHCi obeys when it starts in the same directory.
const GHCI_FILE: &str = ".ghci";

/// Where policies are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// What the command line or the environment names.
    pub named: Option<PathBuf>,
    /// The user's own file, which need not exist.
    pub user: Option<PathBuf>,
    /// The directory that the search for a project's file begins in.
    pub project: Option<PathBuf>,
}

/// What applies.
#[derive(Debug, Clone)]
pub struct Effective {
    /// What is granted.
    pub policy: Policy,
    /// What is limited.
    pub limits: Limits,
    /// The files that say so; none if it is a preset.
    pub files: Vec<PathBuf>,
}

impl Sources {
    /// The usual ones: `named` comes from the command line or `BCVM_POLICY`, the rest from this process's surroundings.
    pub fn usual(named: Option<PathBuf>) -> Sources {
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
        Sources {
            named,
            user: config.map(|config| config.join("bcvm").join("policy.toml")),
            project: env::current_dir().ok(),
        }
    }

    /// What applies by these.
    pub fn effective(&self) -> Result<Effective, PolicyError> {
        if let Some(named) = &self.named {
            let Built { policy, limits, path, .. } = Built::read(named)?;
            return Ok(Effective { policy: self.protected(policy), limits, files: vec![path] });
        }
        let user = self.user.as_deref().filter(|path| path.exists());
        let mut effective = match user {
            Some(user) => {
                let Built { policy, limits, path, .. } = Built::read(user)?;
                Effective { policy, limits, files: vec![path] }
            }
            None => Effective {
                policy: Preset::Repl.policy().splices(Preset::Th.policy()),
                limits: Limits::default(),
                files: Vec::new(),
            },
        };
        if let Some(project) = self.project.as_deref().and_then(project_file) {
            let project = Built::read(&project)?;
            effective.policy = project.narrow(&effective.policy)?;
            effective.limits = effective.limits.narrowed(project.limits);
            effective.files.push(project.path);
        }
        effective.policy = self.protected(effective.policy);
        Ok(effective)
    }

    /// Protects the places where a later run would look for a policy: whoever can write there grants himself what he
    /// wants, or takes it from others. GHCi's own file there can start processes, and GHCi reads it when it next starts.
    fn protected(&self, mut policy: Policy) -> Policy {
        if let Some(user) = &self.user {
            policy = policy.protect(user);
        }
        match &self.project {
            Some(here) => policy.protect(here.join(PROJECT_FILE)).protect(here.join(GHCI_FILE)),
            None => policy,
        }
    }
}

/// The nearest project file.
fn project_file(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|directory| directory.join(PROJECT_FILE)).find(|file| file.exists())
}
