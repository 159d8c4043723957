//! The shape of a policy file. Values are kept with their places, so that whoever finds fault with one can say where.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::error::{PolicyError, Source};
use super::limits::Written;

/// A whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct File {
    /// Must be there: a file that only limits something should not seem to grant nothing, or everything.
    pub(super) preset: Option<Spanned<String>>,
    pub(super) working_directory: Option<Spanned<String>>,
    pub(super) directory: Vec<Directory>,
    pub(super) environment: Environment,
    pub(super) streams: Streams,
    pub(super) clock: Option<Spanned<Clock>>,
    pub(super) randomness: Option<Spanned<Randomness>>,
    pub(super) template_haskell: TemplateHaskell,
    pub(super) native: Vec<Native>,
    pub(super) limits: Written,
    // What no version grants yet is known by name, so that the error can say more than that the key is unknown.
    pub(super) exec: Option<Spanned<toml::Value>>,
    pub(super) network: Option<Spanned<toml::Value>>,
}

/// `[[directory]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Directory {
    pub(super) path: Spanned<String>,
    #[serde(rename = "as")]
    pub(super) guest: Option<Spanned<String>>,
    pub(super) access: Option<Spanned<String>>,
}

/// `[[native]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Native {
    pub(super) library: Spanned<String>,
    pub(super) functions: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) frees: Vec<Spanned<String>>,
}

/// `[environment]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Environment {
    pub(super) pass: Vec<Spanned<String>>,
    pub(super) set: BTreeMap<Spanned<String>, String>,
}

/// `[streams]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Streams {
    pub(super) stdin: Option<Spanned<String>>,
    pub(super) stdout: Option<Spanned<String>>,
    pub(super) stderr: Option<Spanned<String>>,
    pub(super) escapes: Option<Spanned<String>>,
}

/// `clock`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Clock {
    Word(String),
    Frozen(Frozen),
}

/// `{ frozen = SECONDS }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Frozen {
    pub(super) frozen: u32,
}

/// `randomness`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Randomness {
    Word(String),
    Seeded(Seeded),
}

/// `{ seed = NUMBER }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seeded {
    pub(super) seed: u64,
}

/// `[template-haskell]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TemplateHaskell {
    pub(super) allow: Vec<Spanned<String>>,
    pub(super) deny: Vec<Spanned<String>>,
}

impl File {
    /// Reads a file's text.
    pub(super) fn parse(source: Source<'_>) -> Result<File, PolicyError> {
        toml::from_str(source.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            source.error(span, error.message())
        })
    }
}
