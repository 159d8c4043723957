//! `R_X86_64_*` numbers as [`Kind`]s, one row each.
//!
//! The list is what gcc and GHC emit into relocatable files, and what `elf::shared` leaves of dynamic relocations. Other
//! thread-local and dynamic kinds are absent on purpose: an object that has them is refused with the number in the message.

use super::kind::{Check, Kind, Value};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal = $number:literal { $value:ident, $width:literal, $check:ident })*) => {
        /// What relocation type `r_type` means.
        pub fn kind(r_type: u32) -> Option<Kind> {
            match r_type {
                $($number => Some(Kind {
                    name: concat!("R_X86_64_", $text),
                    value: Value::$value,
                    width: $width,
                    check: Check::$check,
                }),)*
                _ => None,
            }
        }

        $($(#[$doc])* pub const $name: u32 = $number;)*
    };
}

kinds! {
    /// A full address.
    R64 "64" = 1 { Absolute, 8, Either }
    /// A distance within two GiB.
    PC32 "PC32" = 2 { Relative, 4, Signed }
    /// The same for a call; there is no procedure linkage table, all calls go straight.
    PLT32 "PLT32" = 4 { Relative, 4, Signed }
    /// An entry of a shared object's table of addresses.
    GLOB_DAT "GLOB_DAT" = 6 { Absolute, 8, Either }
    /// The same for a function that is only called.
    JUMP_SLOT "JUMP_SLOT" = 7 { Absolute, 8, Either }
    /// The distance to an address held in the table.
    GOTPCREL "GOTPCREL" = 9 { TableEntryRelative, 4, Signed }
    /// An address that code zero-extends.
    R32 "32" = 10 { Absolute, 4, Unsigned }
    /// An address that code sign-extends.
    R32S "32S" = 11 { Absolute, 4, Signed }
    /// The distance of a thread's variable from the thread pointer.
    TPOFF64 "TPOFF64" = 18 { ThreadRelative, 8, Either }
    /// Two bytes of an address.
    R16 "16" = 12 { Absolute, 2, Either }
    /// A short distance.
    PC16 "PC16" = 13 { Relative, 2, Signed }
    /// One byte.
    R8 "8" = 14 { Absolute, 1, Either }
    /// A very short distance.
    PC8 "PC8" = 15 { Relative, 1, Signed }
    /// A full distance.
    PC64 "PC64" = 24 { Relative, 8, Either }
    /// A distance from the table.
    GOTOFF64 "GOTOFF64" = 25 { TableOffset, 8, Either }
    /// The distance to the table.
    GOTPC32 "GOTPC32" = 26 { TableRelative, 4, Signed }
    /// An offset in the table.
    GOT64 "GOT64" = 27 { TableEntryOffset, 8, Either }
    /// The full distance to an entry.
    GOTPCREL64 "GOTPCREL64" = 28 { TableEntryRelative, 8, Either }
    /// The full distance to the table.
    GOTPC64 "GOTPC64" = 29 { TableRelative, 8, Either }
    /// A symbol's size.
    SIZE32 "SIZE32" = 32 { Size, 4, Unsigned }
    /// A symbol's size.
    SIZE64 "SIZE64" = 33 { Size, 8, Unsigned }
    /// GOTPCREL that a linker may relax; this one does not.
    GOTPCRELX "GOTPCRELX" = 41 { TableEntryRelative, 4, Signed }
    /// The same with a REX prefix.
    REX_GOTPCRELX "REX_GOTPCRELX" = 42 { TableEntryRelative, 4, Signed }
}

/// The type that does nothing.
pub const NONE: u32 = 0;

/// Whether a field holds a whole address.
pub fn is_address(r_type: u32) -> bool {
    matches!(r_type, R64 | GLOB_DAT | JUMP_SLOT)
}
