//! Any bytes as a `.bcb` file: no panic, bounded memory; what is read can be listed and written, and is then the same.
//!
//! The first byte says whether the rest is a whole file or what one contains: behind a checksum that is right, since
//! otherwise nothing would get past it.

use bcvm_engine::stg;
use bcvm_engine::unlinked::{container, listing};

use crate::driver::Random;

/// Bytes of the header that the checksum covers, and of all of it.
const COVERED: usize = 8 + 2 + 2 + 8;
const HEADER: usize = COVERED + 32;

/// See the top of the file.
pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let file = if kind % 2 == 0 { rest.to_vec() } else { sealed(rest) };
    let Ok(program) = container::read(&file) else { return };
    drop(listing::program(&program));
    let written = container::write(&program).expect("what was read can be written");
    assert_eq!(container::read(&written).expect("what was written can be read"), program);
}

/// A file with this payload.
fn sealed(payload: &[u8]) -> Vec<u8> {
    let mut file = container::MAGIC.to_vec();
    file.extend(container::VERSION.to_le_bytes());
    file.extend(container::GHC.to_le_bytes());
    file.extend((payload.len() as u64).to_le_bytes());
    let checksum = blake3::Hasher::new().update(&file).update(payload).finalize();
    file.extend(checksum.as_bytes());
    file.extend(payload);
    file
}

/// An example, as a file or as its payload.
pub fn sound(random: &mut Random) -> Vec<u8> {
    let examples = super::stg::EXAMPLES;
    let program = stg::compile("example", examples[random.below(examples.len())]).expect("examples compile");
    let file = container::write(&program).expect("examples can be written");
    match random.below(4) {
        0 => [&[0], &file[..]].concat(),
        _ => [&[1], &file[HEADER..]].concat(),
    }
}
