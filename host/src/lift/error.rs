//! Why an object cannot be lifted at all, and the reports on functions that will trap.

use std::fmt;

use thiserror::Error;

/// Something about the object as a whole that the lifter refuses. One instruction it does not
/// know is no such thing: see [`Unsupported`].
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// Two entries leave no room for the table index of the first.
    #[error(
        "{file}: entries {first} at {first_address:#x} and {second} at {second_address:#x} are closer than four bytes"
    )]
    Crowded {
        /// The object.
        file: String,
        /// The lower entry's name.
        first: String,
        /// The lower entry.
        first_address: u32,
        /// The higher entry's name.
        second: String,
        /// The higher entry.
        second_address: u32,
    },
    /// More table slots or functions than indices reach.
    #[error("{file}: {what}: {count} is more than can be numbered")]
    TooMany {
        /// The object.
        file: String,
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: u64,
    },
}

/// Why the lifter could not translate an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The bytes are no instruction, or run over the end of the code.
    Undecodable,
    /// A valid instruction that is not translated.
    Instruction,
    /// A known instruction with an operand that is not translated.
    Operand,
    /// A jump between code of the two conventions, which nothing generates.
    CrossesConventions,
    /// Code that runs on where its function ends.
    RunsOn,
    /// A computed jump with more targets than any compiler makes.
    TooManyTargets,
    /// A call of a function that nobody defines.
    Nowhere,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Undecodable => "undecodable bytes",
            Reason::Instruction => "unsupported instruction",
            Reason::Operand => "unsupported operand",
            Reason::CrossesConventions => "jump from Haskell code into C code or back",
            Reason::TooManyTargets => "jump to too many places",
            Reason::Nowhere => "function that neither the sandbox nor a loaded library defines",
            Reason::RunsOn => "code runs over the end of its function",
        })
    }
}

/// A place in lifted code that traps when it is reached, because it could not be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// What the code passes to the import `unsupported` before it traps.
    pub id: u32,
    /// The object.
    pub file: String,
    /// The symbol at or before the place.
    pub function: String,
    /// The guest address.
    pub address: u32,
    /// The decoded instruction's name and its bytes.
    pub instruction: String,
    /// What is unsupported about it.
    pub reason: Reason,
}

impl Unsupported {
    /// What there is to say without the object's name, which not everybody knows it by.
    pub fn in_object(&self) -> String {
        let Unsupported { function, address, instruction, reason, .. } = self;
        format!("{function} at {address:#x}: {reason}: {instruction}")
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.in_object())
    }
}
