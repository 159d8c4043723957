//! Every example on both backends: the output written beside it, and the same number of words allocated, also when it
//! has been through a `.bcb` file.
//!
//! With the feature `sanity` they run once more with a collection, and a check of the whole heap, at every allocation.
//! Those that would take minutes then run with smaller numbers, and must come to what they come to undisturbed.

use bcvm::abi::request::Stats;
use bcvm_engine::cli::run::evaluate;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::show::Bounds;
use bcvm_engine::unlinked::{Program, container};
use bcvm_engine::{Backend, Interp, stg};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("the guest compiles"))
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let files = std::fs::read_dir(folder).expect("the examples are there").map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "stg")).collect();
    files.sort();
    assert!(files.len() >= 10, "the examples are there");
    files
}

fn name(file: &Path) -> String {
    file.file_name().expect("a file").to_string_lossy().into_owned()
}

fn compile(file: &Path, source: &str) -> Program {
    stg::compile(&name(file), source).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What a program prints, and how many words it allocates.
fn run(program: &Program, backend: Backend, collect_every: u32) -> (String, u64) {
    let (shown, stats) = run_counting(program, backend, collect_every);
    (shown, stats.allocated_words)
}

fn run_counting(program: &Program, backend: Backend, collect_every: u32) -> (String, Stats) {
    let builder = Interp::builder().backend(backend).collect_every(collect_every);
    let interp = builder.build_with(engine()).expect("an interpreter");
    let shown = evaluate(&interp, program, Bounds::default()).unwrap_or_else(|failure| panic!("{failure:?}"));
    (shown, interp.stats().expect("statistics"))
}

#[test]
fn examples_print_and_allocate_the_same_everywhere() {
    for file in examples() {
        let program = compile(&file, &std::fs::read_to_string(&file).expect("an example"));
        let expected = std::fs::read_to_string(file.with_extension("out")).expect("its output");
        let sandboxed = run(&program, Backend::Sandboxed, 0);
        assert_eq!(sandboxed.0, expected.trim_end(), "{}", name(&file));
        assert!(sandboxed.1 > 0, "{} allocates", name(&file));
        assert_eq!(run(&program, Backend::Internal, 0), sandboxed, "{}", name(&file));
        let again = container::read(&container::write(&program).expect("it is written")).expect("it is read");
        for backend in [Backend::Sandboxed, Backend::Internal] {
            assert_eq!(run(&again, backend.clone(), 0), sandboxed, "{} from a file, {backend:?}", name(&file));
        }
    }
}

#[cfg(feature = "sanity")]
mod sanity {
    //! See the top of the file.

    use super::*;

    /// What to replace in a program's text to make it small.
    const SMALLER: &[(&str, &str, &str)] = &[
        ("deep.stg", "lazySum 100000#", "lazySum 100#"),
        ("deep.stg", "stackSum 100000#", "stackSum 300#"),
        ("mandelbrot.stg", "main = rows -1.2##", "main = rows 0.9##"),
        ("nfib.stg", "main = nfib' 17#", "main = nfib' 12#"),
    ];

    #[test]
    fn examples_pass_with_a_collection_at_every_allocation() {
        let mut all = 0;
        for file in examples() {
            let mut source = std::fs::read_to_string(&file).expect("an example");
            for (_, from, to) in SMALLER.iter().filter(|(of, ..)| name(&file) == *of) {
                assert_eq!(source.matches(from).count(), 1, "{from} in {}", name(&file));
                source = source.replace(from, to);
            }
            let program = compile(&file, &source);
            for backend in [Backend::Internal, Backend::Sandboxed] {
                let start = std::time::Instant::now();
                let undisturbed = run(&program, backend.clone(), 0);
                let (shown, stats) = run_counting(&program, backend.clone(), 1);
                let collections = stats.minor_collections + stats.major_collections;
                println!("{} {backend:?}: {collections} collections, {:?}", name(&file), start.elapsed());
                // Some allocate next to nothing.
                assert!(collections > 0, "{} was not disturbed", name(&file));
                all += collections;
                assert_eq!(shown, undisturbed.0, "{}, {backend:?}", name(&file));
                // Threads that take turns at every collection wait for each other more often, and queues take heap.
                if name(&file) != "threads.stg" {
                    assert_eq!(stats.allocated_words, undisturbed.1, "{}, {backend:?}", name(&file));
                }
            }
        }
        assert!(all > 5_000, "{all} collections in all");
    }
}
