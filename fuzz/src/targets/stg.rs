//! Any bytes as the text of an STG program: errors or byte code, and that byte code the machine accepts and can run.

use bcvm_engine::cli::run::evaluate;
use bcvm_engine::show::Bounds;
use bcvm_engine::unlinked::{container, link};
use bcvm_engine::{Backend, Interp, stg};
use std::time::Duration;

use crate::driver::Random;

/// The smaller examples.
pub(super) const EXAMPLES: &[&str] = &[
    include_str!("../../../examples/exceptions.stg"),
    include_str!("../../../examples/mutable.stg"),
    include_str!("../../../examples/numbers.stg"),
    include_str!("../../../examples/streams.stg"),
    include_str!("../../../examples/strings.stg"),
    include_str!("../../../examples/tree.stg"),
];

/// See the top of the file.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let program = match stg::compile("fuzz.stg", &text) {
        Ok(program) => program,
        Err(errors) => return assert!(errors.to_string().contains("fuzz.stg"), "{errors}"),
    };
    let written = container::write(&program).expect("what was compiled can be written");
    assert_eq!(container::read(&written).expect("what was written can be read"), program);
    let builder = Interp::builder().backend(Backend::Internal).limit_memory(1 << 20).timeout(Duration::from_millis(20));
    let interp = builder.build().expect("an interpreter");
    match link::link(&program, &interp) {
        Ok(_) => drop(evaluate(&interp, &program, Bounds { depth: 20, nodes: 100 })),
        // The program may name what there is not; it may be too large for this heap. It may not be refused otherwise.
        Err(link::LinkError::Target { source, .. }) => assert!(source.to_string().contains("heap is full"), "{source}"),
        Err(_) => {}
    }
}

/// An example.
pub fn sound(random: &mut Random) -> Vec<u8> {
    EXAMPLES[random.below(EXAMPLES.len())].as_bytes().to_vec()
}
