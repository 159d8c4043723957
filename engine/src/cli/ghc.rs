//! `bcvm run FILE.hs` and `bcvm ghci`: the installed GHC with `bcvm-iserv` as its interpreter.
//!
//! Nothing is evaluated here: this process becomes GHC, so that exit codes, signals and the terminal are GHC's own
//! business. What the program sees of the outside is `bcvm-iserv`'s.

use super::args::{Backend, GhcOptions, GhciOptions, RunOptions};
use super::exit::{Exit, Failure};
use super::session::own_server;
use std::convert::Infallible;
use std::env;
use std::ffi::OsStr;
use std::fmt::Write;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version whose messages and byte code are understood.
const VERSION: &str = "9.0.2";
/// What to do about a GHC that is missing.
const REMEDY: &str = "`sudo apt-get install ghc` installs it on Debian and Ubuntu, `--ghc PROGRAM` names another one";

/// Whether a file is a Haskell module by its name.
pub fn is_haskell(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "hs" || extension == "lhs")
}

/// `bcvm run FILE.hs`: evaluates the module's `main`, as `runghc` does.
pub fn run(options: &RunOptions) -> Result<Infallible, Failure> {
    for (is_given, option) in [(options.backend != Backend::Sandboxed, "--backend"), (options.trace, "--trace")] {
        if is_given {
            return Err(Failure::new(Exit::Input, format!("{option} is for STG and byte code files")));
        }
    }
    // GHC itself would start first and then report a missing module.
    if let Err(error) = options.file.metadata() {
        return Err(Failure::new(Exit::Input, format!("can't read {}: {error}", options.file.display())));
    }
    let mut server = options.limits.to_options();
    if options.stats {
        server.push("--stats".into());
    }
    let mut command = ghc(&options.ghc, &server)?;
    let arguments = options.arguments.iter().map(|argument| literal(argument)).collect::<Result<Vec<_>, _>>()?;
    command.arg("-ignore-dot-ghci");
    command.args(["-e", &format!(":set prog {}", literal(options.file.as_os_str())?)]);
    command.args(["-e", &format!(":main [{}]", arguments.join(","))]);
    command.arg(not_an_option(&options.file));
    Err(replaced_by(command))
}

/// `bcvm ghci`: an interactive session with any of GHC's own arguments.
pub fn interactive(options: &GhciOptions) -> Result<Infallible, Failure> {
    let mut command = ghc(&options.ghc, &[])?;
    command.arg("--interactive").args(&options.arguments);
    Err(replaced_by(command))
}

/// GHC, if it is there and has the right version, with the flags that make it use `bcvm-iserv`.
fn ghc(options: &GhcOptions, server_options: &[String]) -> Result<Command, Failure> {
    let program = &options.ghc;
    let asked = Command::new(program).arg("--numeric-version").stdin(Stdio::null()).output();
    let version = match asked {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(
                Exit::Input,
                format!("{} --numeric-version failed with {}: {}", program.display(), output.status, why.trim()),
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = format!("GHC is not installed: there is no program {}; {REMEDY}", program.display());
            return Err(Failure::new(Exit::Input, message));
        }
        Err(error) => return Err(Failure::new(Exit::Input, format!("can't start {}: {error}", program.display()))),
    };
    if version != VERSION {
        let message = format!("{} is GHC {version}, and only {VERSION} is supported; {REMEDY}", program.display());
        return Err(Failure::new(Exit::Input, message));
    }
    let mut command = Command::new(program);
    command.arg("-fexternal-interpreter").arg("-pgmi").arg(absolute(&own_server())?);
    command.args(server_options.iter().map(|option| format!("-opti{option}")));
    command.args(options.ghc_option.iter());
    Ok(command)
}

/// The server's whole path: GHC may change its directory before it starts it.
fn absolute(server: &Path) -> Result<PathBuf, Failure> {
    if server.is_absolute() {
        return Ok(server.to_owned());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|directory| directory.join(server)).find(|file| file.is_file());
    found.ok_or_else(|| {
        let message = format!("there is no {} beside this program or in PATH", server.display());
        Failure::new(Exit::Internal, message)
    })
}

/// A Haskell string literal.
fn literal(string: &OsStr) -> Result<String, Failure> {
    let text = string.to_str().ok_or_else(|| {
        Failure::new(Exit::Input, format!("the argument {} is not UTF-8", Path::new(string).display()))
    })?;
    let mut quoted = String::from('"');
    for c in text.chars() {
        // Writing to a string can't fail.
        let _ = match c {
            '"' | '\\' => write!(quoted, "\\{c}"),
            // The empty escape ends the number.
            c if c.is_control() => write!(quoted, "\\{}\\&", u32::from(c)),
            c => write!(quoted, "{c}"),
        };
    }
    Ok(quoted + "\"")
}

/// The path in a form that GHC does not take for an option.
fn not_an_option(file: &Path) -> PathBuf {
    if file.as_os_str().as_encoded_bytes().starts_with(b"-") { Path::new(".").join(file) } else { file.to_owned() }
}

/// Becomes the command; if that returns it has failed.
fn replaced_by(mut command: Command) -> Failure {
    let error = command.exec();
    Failure::new(Exit::Internal, format!("can't start {}: {error}", Path::new(command.get_program()).display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn arguments_become_haskell_literals() {
        let quoted = |text: &str| literal(OsStr::new(text)).unwrap();
        assert_eq!(quoted(""), r#""""#);
        assert_eq!(quoted("a b λ"), r#""a b λ""#);
        assert_eq!(quoted("\"\\ \n9"), r#""\"\\ \10\&9""#);
        assert_eq!(literal(OsStr::from_bytes(&[b'a', 0xff])).unwrap_err().exit, Exit::Input);
    }

    #[test]
    fn files_named_like_options_are_files() {
        assert_eq!(not_an_option(Path::new("-e.hs")), Path::new("./-e.hs"));
        assert_eq!(not_an_option(Path::new("dir/-e.hs")), Path::new("dir/-e.hs"));
        assert!(is_haskell(Path::new("a/Main.lhs")) && !is_haskell(Path::new("hs")) && !is_haskell(Path::new("x.stg")));
    }
}
