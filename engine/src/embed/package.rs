//! A linked object in the form that sandboxes take: an image to lie in guest memory, and compiled code.
//!
//! How it came to be is the linker's business (`crate::link`); what it does is nobody's.

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use bcvm_host::link::{Need, Place};

use super::store::CodeModule;

/// The bytes of a linked object.
pub enum Image {
    /// To be copied.
    Bytes(Vec<u8>),
    /// To be mapped, copy on write. Its length is a multiple of 64 KiB, and nobody changes it.
    File {
        /// The file.
        file: File,
        /// Its length.
        len: u32,
    },
}

/// A linked object, as one session knows it.
#[derive(Clone)]
pub struct Linked {
    /// What messages call it: the path by which this session loaded it, or `archive(member)`.
    pub name: String,
    /// What it shares with everybody who has loaded the same content.
    pub object: Arc<LinkedObject>,
}

impl Deref for Linked {
    type Target = LinkedObject;

    fn deref(&self) -> &LinkedObject {
        &self.object
    }
}

/// A linked object that any sandbox of the engine can have installed.
pub struct LinkedObject {
    /// Where it goes.
    pub place: Place,
    /// What it takes up there.
    pub need: Need,
    /// Its bytes; what follows them begins as zeros.
    pub image: Image,
    /// How many of them, from the first on, nobody changes.
    pub constant: u32,
    /// Its code.
    pub code: CodeModule,
    /// Functions to call before anything else of it is used.
    pub init: Vec<u32>,
    /// Places in its code that trap, by number from the base address on: which they are, and why.
    pub unsupported: Vec<String>,
}
