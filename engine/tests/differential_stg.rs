//! The example programs give the values written beside them on every backend and on GHC's own server.

mod differential_common;

use std::path::{Path, PathBuf};

use bcvm_engine::interp::Interp;
use bcvm_engine::show::{Bounds, show};
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;
use differential_common::*;

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "stg")).collect();
    files.sort();
    files
}

fn run(interp: &Interp, file: &Path) -> String {
    let name = file.file_name().unwrap().to_string_lossy();
    let program = stg::compile(&name, &std::fs::read_to_string(file).unwrap()).unwrap_or_else(|e| panic!("{e}"));
    let entry = link::link(&program, interp).unwrap_or_else(|e| panic!("{name}: {e}")).into_entry();
    show(interp, &program, &entry, Bounds::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn examples_have_their_values_everywhere() {
    let backends = everywhere();
    for file in examples() {
        let expected = std::fs::read_to_string(file.with_extension("out")).unwrap();
        for (name, interp) in &backends {
            assert_eq!(run(interp, &file), expected.trim_end(), "{} on {name}", file.display());
        }
    }
}
