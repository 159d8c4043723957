//! Programs from files, and the commands that need no interpreter.

use super::Output;
use super::args::{CompileOptions, DisOptions};
use super::exit::{Exit, Failure};
use crate::stg;
use crate::unlinked::{Program, container, listing};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 80 << 20;

/// Reads a program: byte code if the file says so, else STG text.
pub fn load(path: &Path) -> Result<Program, Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| Failure::new(Exit::Input, format!("can't read {shown}: {error}"));
    let mut bytes = Vec::new();
    // A file may grow, or be a device without end.
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::new(Exit::Input, format!("{shown} has more than {MAX_FILE_BYTES} bytes")));
    }
    if container::is_container(&bytes) || path.extension().is_some_and(|ext| ext == "bcb") {
        return container::read(&bytes).map_err(|error| Failure::new(Exit::Input, format!("{shown}: {error}")));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::new(Exit::Input, format!("{shown} is neither byte code nor UTF-8 text: {error}")))?;
    stg::compile(&shown.to_string(), &text)
        .map_err(|errors| Failure::new(Exit::Input, format!("{shown} is not a program\n{errors}")))
}

/// `bcvm compile`
pub fn compile(options: &CompileOptions) -> Result<(), Failure> {
    let program = load(&options.file)?;
    let bytes = container::write(&program)
        .map_err(|error| Failure::new(Exit::Input, format!("{}: {error}", options.file.display())))?;
    std::fs::write(&options.output, bytes)
        .map_err(|error| Failure::new(Exit::Input, format!("can't write {}: {error}", options.output.display())))
}

/// `bcvm dis`
pub fn disassemble(options: &DisOptions, output: &mut Output) -> Result<(), Failure> {
    print(output, &listing::program(&load(&options.file)?))
}

/// Writes to standard output. That nobody reads on is no failure.
pub fn print(output: &mut Output, text: &str) -> Result<(), Failure> {
    match output.out.write_all(text.as_bytes()).and_then(|()| output.out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Internal, format!("can't write the output: {error}")))
        }
        _ => Ok(()),
    }
}
