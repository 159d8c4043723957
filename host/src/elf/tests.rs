//! Parsing of damaged files; what the real tools make is tested in `tests/elf_files.rs`.

use proptest::prelude::*;

use super::{Archive, Object};

proptest! {
    /// Any bytes behind a plausible header give an error or an object, without panicking.
    #[test]
    fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 64..512)) {
        let header = [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 62, 0, 1, 0, 0, 0];
        bytes[..header.len()].copy_from_slice(&header);
        // Section headers inside the file: offset, size of one, count, names.
        bytes[40..48].copy_from_slice(&64u64.to_le_bytes());
        bytes[58..60].copy_from_slice(&64u16.to_le_bytes());
        let count = (bytes.len() as u16 - 64) / 64;
        bytes[60..62].copy_from_slice(&count.to_le_bytes());
        if let Ok(object) = Object::parse("any.o", &bytes) {
            for section in &object.sections {
                prop_assert!(section.data.len() <= bytes.len());
                prop_assert!(section.align.is_power_of_two());
            }
        }
    }

    #[test]
    fn any_archive_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let data = [b"!<arch>\n".as_slice(), &bytes].concat();
        let _ = Archive::parse("any.a", &data);
    }
}

#[test]
fn thin_archives_are_refused() {
    let data = b"!<thin>\n";
    let message = Archive::parse("thin.a", data).expect_err("thin").to_string();
    assert!(message.contains("thin.a") && message.contains("other files"), "{message}");
}
