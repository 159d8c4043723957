//! From a file to a policy: words are given their meaning, and grants that contradict each other are found.

use std::collections::BTreeMap;
use std::env;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::error::{PolicyError, Source};
use super::file::{self, File};
use super::limits::Limits;
use super::narrow::narrowed;
use super::th::{SIDES, ThGrants};
use crate::native::{Distrusted, MAX_FUNCTIONS, NativeError, NativeLibrary};
use crate::os::{Access, Clock, Grant, Policy, Randomness, Stream};

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where a policy begins before its file adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Nothing.
    Strict,
    /// What Template Haskell needs as a rule.
    Th,
    /// What somebody who evaluates expressions expects.
    Repl,
}

impl Preset {
    /// All of them with their names.
    pub const ALL: [(&str, Preset); 3] = [("strict", Preset::Strict), ("th", Preset::Th), ("repl", Preset::Repl)];

    /// What it grants.
    pub fn policy(self) -> Policy {
        match self {
            Preset::Strict => Policy::strict(),
            Preset::Th => Policy::th(),
            Preset::Repl => Policy::repl(),
        }
    }
}

/// What a file comes to.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it grants.
    pub policy: Policy,
    /// What it limits.
    pub limits: Limits,
    /// Where it was read.
    pub path: PathBuf,
    /// What it grants of its own, beyond its preset, with the line.
    pub(super) spelled: Vec<(usize, Spelled)>,
}

/// Something that a file grants in so many words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spelled {
    Directory(Grant),
    Variable(String),
    Stream(usize),
    Escapes,
    Clock,
    Randomness,
    Th(&'static str),
    /// A native library, with one function.
    Native(NativeLibrary),
}

impl Built {
    /// Reads a file. Nothing is opened or granted yet.
    pub fn read(path: &Path) -> Result<Built, PolicyError> {
        let failed = |what| PolicyError { path: path.to_owned(), line: 0, what };
        let metadata = std::fs::metadata(path).map_err(|e| failed(e.to_string()))?;
        // Not a FIFO, either, which would make us wait.
        if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
            return Err(failed("this is no policy: it is not a file, or is larger than 1 MiB".into()));
        }
        let text = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
        Built::parse(path, &text)
    }

    /// Reads text; `path` is for errors, and relative paths in it begin where that file is.
    pub fn parse(path: &Path, text: &str) -> Result<Built, PolicyError> {
        let source = Source { path, text };
        let file = File::parse(source)?;
        let builder = Builder { source, spelled: Vec::new() };
        builder.build(&file)
    }

    /// What is left of `base` where a file found in a project says this: never more. What the file spells out and `base`
    /// does not grant is an error.
    pub fn narrow(&self, base: &Policy) -> Result<Policy, PolicyError> {
        narrowed(base, self)
    }
}

struct Builder<'a> {
    source: Source<'a>,
    spelled: Vec<(usize, Spelled)>,
}

/// The meaning of a word that must be one of some.
fn word<T: Copy>(found: &str, words: &[(&str, T)]) -> Result<T, String> {
    let known: Vec<String> = words.iter().map(|(name, _)| format!("{name:?}")).collect();
    let meant = words.iter().find(|(name, _)| *name == found).map(|(_, meaning)| *meaning);
    meant.ok_or_else(|| format!("{found:?} is none of {}", known.join(", ")))
}

impl Builder<'_> {
    fn error(&self, span: Range<usize>, what: impl Into<String>) -> PolicyError {
        self.source.error(span, what)
    }

    fn word<T: Copy>(&self, found: &Spanned<String>, words: &[(&str, T)]) -> Result<T, PolicyError> {
        word(found.get_ref(), words).map_err(|what| self.error(found.span(), what))
    }

    fn spell(&mut self, span: Range<usize>, what: Spelled) {
        self.spelled.push((self.error(span, "").line, what));
    }

    fn build(mut self, file: &File) -> Result<Built, PolicyError> {
        for (name, found) in [("exec", &file.exec), ("network", &file.network)] {
            if let Some(found) = found {
                let what = format!(
                    "{name}: no program in the sandbox starts processes or uses the network, in this version; nothing can \
                     grant that"
                );
                return Err(self.error(found.span(), what));
            }
        }
        let preset = match &file.preset {
            Some(preset) => self.word(preset, &Preset::ALL)?,
            None => {
                let what = "preset is missing: say where to begin, with preset = \"strict\", \"th\" or \"repl\"";
                return Err(self.error(0..0, what));
            }
        };
        let mut policy = preset.policy().protect(self.source.path);
        policy = self.directories(file, policy)?;
        policy = self.environment(&file.environment, policy)?;
        policy = self.streams(&file.streams, policy)?;
        if let Some(clock) = &file.clock {
            self.spell(clock.span(), Spelled::Clock);
            policy = policy.clock(match clock.get_ref() {
                file::Clock::Frozen(at) => Clock::Frozen(at.frozen),
                file::Clock::Word(found) => {
                    let words = [("real", Clock::Real), ("coarse", Clock::Coarse), ("frozen", Clock::Frozen(0))];
                    word(found, &words).map_err(|what| self.error(clock.span(), what))?
                }
            });
        }
        if let Some(randomness) = &file.randomness {
            self.spell(randomness.span(), Spelled::Randomness);
            policy = policy.randomness(match randomness.get_ref() {
                file::Randomness::Seeded(by) => Randomness::Seeded(by.seed),
                file::Randomness::Word(found) => {
                    let words = [("real", Randomness::Real), ("seeded", Randomness::Seeded(0))];
                    word(found, &words).map_err(|what| self.error(randomness.span(), what))?
                }
            });
        }
        let th = self.template_haskell(&file.template_haskell)?;
        let limits = file.limits.read().map_err(|(span, what)| self.error(span, what))?;
        policy = policy.template_haskell(th);
        policy = self.native(&file.native, policy)?;
        Ok(Built { policy, limits, path: self.source.path.to_owned(), spelled: self.spelled })
    }

    /// A file's directory is where its relative paths begin, whoever reads it from where.
    fn base(&self) -> PathBuf {
        let base = self.source.path.parent().unwrap_or(Path::new(""));
        std::path::absolute(base).unwrap_or_else(|_| base.to_owned())
    }

    fn directories(&mut self, file: &File, mut policy: Policy) -> Result<Policy, PolicyError> {
        let base = self.base();
        let mut lines = BTreeMap::new();
        for directory in &file.directory {
            let access = match &directory.access {
                Some(access) => self.word(access, &[("read", Access::Read), ("read-write", Access::ReadWrite)])?,
                None => Access::Read,
            };
            let host = base.join(directory.path.get_ref());
            let host = host
                .canonicalize()
                .map_err(|e| self.error(directory.path.span(), format!("the directory {}: {e}", host.display())))?;
            let (guest, span) = match &directory.guest {
                Some(guest) => (PathBuf::from(guest.get_ref()), guest.span()),
                None => (host.clone(), directory.path.span()),
            };
            let is_plain = guest.components().all(|part| part.as_os_str() != "..");
            if !guest.is_absolute() || !is_plain {
                let what = format!("{} is no absolute path, as programs must see the directory", guest.display());
                return Err(self.error(span, what));
            }
            let line = self.error(span.clone(), "").line;
            if let Some(first) = lines.insert(guest.clone(), line) {
                let what = format!("{} is granted twice, first in line {first}", guest.display());
                return Err(self.error(span, what));
            }
            // What the preset grants there is replaced.
            policy.grants.retain(|grant| grant.guest != guest);
            let contradicts = |grant: &&Grant| grant.host == host && grant.access != access;
            if let Some(other) = policy.grants.iter().find(contradicts) {
                let what = format!(
                    "{} is granted for reading and for writing: here as {} and elsewhere as {}",
                    host.display(),
                    guest.display(),
                    other.guest.display()
                );
                return Err(self.error(span, what));
            }
            let grant = Grant { host, guest, access };
            self.spell(directory.path.span(), Spelled::Directory(grant.clone()));
            policy = policy.grant(grant);
        }
        if let Some(here) = &file.working_directory {
            let guest = PathBuf::from(here.get_ref());
            if !policy.grants.iter().any(|grant| guest.starts_with(&grant.guest)) {
                let what = format!("the working directory {} is in no directory that is granted", guest.display());
                return Err(self.error(here.span(), what));
            }
            policy = policy.working_directory(guest);
        }
        Ok(policy)
    }

    fn environment(&mut self, found: &file::Environment, mut policy: Policy) -> Result<Policy, PolicyError> {
        let is_name = |name: &str| !name.is_empty() && !name.contains(['=', '\0']);
        let mut seen: Vec<&str> = Vec::new();
        for name in found.pass.iter().chain(found.set.keys()) {
            let text = name.get_ref().as_str();
            if !is_name(text) {
                return Err(self.error(name.span(), format!("{text:?} is no name of a variable")));
            }
            if seen.contains(&text) {
                return Err(self.error(name.span(), format!("the variable {text} is mentioned twice")));
            }
            seen.push(text);
            policy.environment.retain(|(other, _)| other != text);
        }
        for name in &found.pass {
            self.spell(name.span(), Spelled::Variable(name.get_ref().clone()));
            if let Some(value) = env::var_os(name.get_ref()) {
                policy = policy.environment(name.get_ref(), value);
            }
        }
        for (name, value) in &found.set {
            if value.contains('\0') {
                return Err(self.error(name.span(), format!("the value of {} contains a zero byte", name.get_ref())));
            }
            policy = policy.environment(name.get_ref(), value);
        }
        Ok(policy)
    }

    fn streams(&mut self, found: &file::Streams, mut policy: Policy) -> Result<Policy, PolicyError> {
        for (i, stream) in [&found.stdin, &found.stdout, &found.stderr].into_iter().enumerate() {
            let Some(stream) = stream else { continue };
            let is_inherited = self.word(stream, &[("inherit", true), ("null", false)])?;
            if is_inherited {
                self.spell(stream.span(), Spelled::Stream(i));
            }
            policy.streams[i] = if is_inherited { Stream::Inherit } else { Stream::Null };
        }
        if let Some(escapes) = &found.escapes {
            let allowed = self.word(escapes, &[("filter", false), ("allow", true)])?;
            if allowed {
                self.spell(escapes.span(), Spelled::Escapes);
            }
            policy = policy.escapes(allowed);
        }
        Ok(policy)
    }

    fn native(&mut self, found: &[file::Native], mut policy: Policy) -> Result<Policy, PolicyError> {
        let (base, distrusted) = (self.base(), Distrusted::of(&policy));
        // Where each library and each function is granted.
        let mut lines = BTreeMap::new();
        let mut count = 0;
        for found in found {
            let span = found.library.span();
            let wrong = |span: &Range<usize>, error: NativeError| self.error(span.clone(), error.to_string());
            let file = NativeLibrary::new(base.join(found.library.get_ref())).map_err(|e| wrong(&span, e))?;
            if let Some(why) = distrusted.why(file.path()) {
                return Err(self.error(span, format!("a native library runs outside the sandbox, and {why}")));
            }
            let mut library = file.clone();
            let mut spelled = Vec::new();
            let mut names = vec![(file.path().display().to_string(), span.clone())];
            for function in &found.functions {
                library = library.function(function.get_ref()).map_err(|e| wrong(&function.span(), e))?;
            }
            for name in &found.frees {
                library = library.frees(name.get_ref()).map_err(|e| wrong(&name.span(), e))?;
            }
            for (prototype, written) in library.functions().iter().zip(&found.functions) {
                names.push((prototype.name().to_owned(), written.span()));
                let one = NativeLibrary { path: file.path.clone(), functions: vec![prototype.clone()] };
                spelled.push((written.span(), one));
            }
            for (name, span) in names {
                let line = self.error(span.clone(), "").line;
                if let Some(first) = lines.insert(name.clone(), line) {
                    return Err(self.error(span, format!("{name} is granted twice, first in line {first}")));
                }
            }
            count += library.functions().len();
            if count > MAX_FUNCTIONS {
                return Err(self.error(span, format!("more than {MAX_FUNCTIONS} native functions are granted")));
            }
            spelled.into_iter().for_each(|(span, one)| self.spell(span, Spelled::Native(one)));
            policy = policy.native(library);
        }
        Ok(policy)
    }

    fn template_haskell(&mut self, found: &file::TemplateHaskell) -> Result<ThGrants, PolicyError> {
        let words: Vec<_> = SIDES.iter().map(|side| (side.name, *side)).collect();
        let mut grants = ThGrants::default();
        for name in &found.allow {
            let side = self.word(name, &words)?;
            self.spell(name.span(), Spelled::Th(side.name));
            grants = grants.allow(side.kind);
        }
        for name in &found.deny {
            let side = self.word(name, &words)?;
            if grants.allows(side.kind) {
                return Err(self.error(name.span(), format!("{} is allowed and denied", side.name)));
            }
        }
        Ok(grants)
    }
}
