//! Every example compiles, and where GHC is installed its own server computes the expected value from our byte code.

mod ghc_iserv;

use bcvm_engine::show::{Bounds, show};
use bcvm_engine::stg;
use bcvm_engine::unlinked::{container, link};
use ghc_iserv::GhcIserv;
use std::path::{Path, PathBuf};

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "stg"))
        .collect();
    files.sort();
    files
}

/// Runs a program on GHC's server, or answers nothing where there is none.
fn run(name: &str, source: &str) -> Option<String> {
    let program = stg::compile(name, source).unwrap_or_else(|error| panic!("{error}"));
    let again = container::read(&container::write(&program).unwrap()).unwrap();
    assert_eq!(again, program);
    let server = GhcIserv::start()?;
    let entry = link::link(&again, &server).unwrap_or_else(|error| panic!("{name}: {error}")).into_entry();
    Some(show(&server, &again, &entry, Bounds::default()).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn examples_compute_what_is_written_beside_them() {
    let files = examples();
    assert!(files.len() >= 10, "the examples are there");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(file.with_extension("out")).unwrap_or_default();
        if let Some(got) = run(&name, &std::fs::read_to_string(&file).unwrap()) {
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(file.with_extension("out"), format!("{got}\n")).unwrap();
            } else {
                assert_eq!(got, expected.trim_end(), "{name}");
            }
        }
    }
}
