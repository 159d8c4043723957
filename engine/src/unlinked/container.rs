//! The `.bcb` file format: a program in a versioned, checksummed container.
//!
//! `docs/bcb.md` describes it byte by byte; a test makes the document's example again. A file is input from anybody:
//! reading bounds memory, and nesting by [`MAX_NESTING`], and answers errors. What the instructions
//! do is not checked here: the machine verifies BCOs when it makes them.
//
// Note [BCOs lie flat in a file]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A BCO holds BCOs. Were the file nested the same way, a reader that follows the nesting would need as much stack
// as the file pleases. So the file is a flat list in which a BCO comes after those within it and names them by
// index. An index below one's own can't make a cycle, but it can share: thirty BCOs, each holding the one before
// twice, would unfold into a billion. Therefore each nested BCO is taken exactly once, and what is never taken is a
// top-level BCO. Depth is counted while trees are put together.

use super::bco::{BcoNPtr, BcoPtr, MAX_NESTING, Program, UnlinkedBco};
use super::constructor::Constructor;
use super::name::Name;
use bincode::{Decode, Encode};

/// What every file starts with. The first byte is no text, the last three catch damaged line ends.
pub const MAGIC: [u8; 8] = *b"\x7fbcb\r\n\x1a\n";

/// The version of the format this code writes and reads.
pub const VERSION: u16 = 1;

/// The GHC whose instruction set and symbols a file uses: 9.0.2 is 9002.
pub const GHC: u16 = 9002;

/// Bytes before the payload: magic, version, GHC version, payload length, checksum.
pub const HEADER_BYTES: usize = 8 + 2 + 2 + 8 + CHECKSUM_BYTES;

const CHECKSUM_BYTES: usize = 32;

/// The largest payload that is read or written.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// Decoding reserves memory for a list before it has seen its elements. So that a small file can't reserve much,
/// what decoding may reserve depends on whether the payload is at most this long.
const SMALL_PAYLOAD_BYTES: usize = 1 << 20;

/// The payload's encoding: little-endian, numbers of fixed size, lengths as u64. `LIMIT` bounds what decoding reads
/// and reserves; decoded values are up to ten times as large as their encoding.
const fn encoding<const LIMIT: usize>()
-> bincode::config::Configuration<bincode::config::LittleEndian, bincode::config::Fixint, bincode::config::Limit<LIMIT>>
{
    bincode::config::standard().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// Why a file is not a program.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// It starts with something else.
    #[error("not a .bcb file: it does not start with the format's magic number")]
    BadMagic,
    /// It ends too early or has bytes behind its end.
    #[error("the file has {got} bytes, but its header says {wanted}")]
    Length {
        /// What header and payload length add up to.
        wanted: u64,
        /// What there is.
        got: u64,
    },
    /// Another version of the format.
    #[error("the file has format version {found}; this program reads version {VERSION}{}", advice(*.found))]
    Version {
        /// Its version.
        found: u16,
    },
    /// Byte code for another GHC.
    #[error("the file holds byte code for GHC {found}; this program runs that for {GHC}")]
    Ghc {
        /// The GHC it is for, as [`GHC`] writes it.
        found: u16,
    },
    /// The payload is not what was written.
    #[error("the file is damaged: its checksum does not match its content")]
    Checksum,
    /// The payload is larger than is supported.
    #[error("the program takes {0} bytes; at most {MAX_PAYLOAD_BYTES} are supported")]
    TooLarge(u64),
    /// The payload does not decode.
    #[error("the content does not decode: {0}")]
    Decode(bincode::error::DecodeError),
    /// The program can't be encoded.
    #[error("the program can't be encoded: {0}")]
    Encode(bincode::error::EncodeError),
    /// The program is put together wrongly.
    #[error("BCO {index} (`{name}`) of the file {problem}")]
    Bco {
        /// Its index in the file.
        index: usize,
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The entry is not a top-level BCO.
    #[error("the entry `{0}` is not among the file's top-level BCOs")]
    NoEntry(String),
    /// The payload goes on behind the program.
    #[error("{0} bytes are left over behind the program")]
    Trailing(usize),
}

fn advice(version: u16) -> &'static str {
    if version > VERSION { " (a newer bcvm wrote it)" } else { "" }
}

#[derive(Encode, Decode)]
struct Payload {
    entry: String,
    constructors: Vec<Constructor>,
    bcos: Vec<FlatBco>,
}

/// A BCO of a file; see Note [BCOs lie flat in a file].
#[derive(Encode, Decode)]
struct FlatBco {
    name: String,
    arity: u32,
    instrs: Vec<u16>,
    bitmap: Vec<u64>,
    lits: Vec<BcoNPtr>,
    ptrs: Vec<FlatPtr>,
}

#[derive(Encode, Decode)]
enum FlatPtr {
    Name(Name),
    PrimOp(String),
    Bco(u32),
}

/// Whether these bytes claim to be a `.bcb` file.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// A program as the bytes of a file.
pub fn write(program: &Program) -> Result<Vec<u8>, ContainerError> {
    let mut bcos = Vec::new();
    for bco in &program.bcos {
        flatten(bco, &mut bcos);
    }
    let payload = Payload { entry: program.entry.clone(), constructors: program.constructors.clone(), bcos };
    let payload = bincode::encode_to_vec(&payload, encoding::<{ usize::MAX }>()).map_err(ContainerError::Encode)?;
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(ContainerError::TooLarge(payload.len() as u64));
    }
    let mut out = Vec::with_capacity(HEADER_BYTES + payload.len());
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(GHC.to_le_bytes());
    out.extend((payload.len() as u64).to_le_bytes());
    out.extend(checksum(&out, &payload));
    out.extend(payload);
    Ok(out)
}

/// The checksum covers the header fields before it, too.
fn checksum(header: &[u8], payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    *blake3::Hasher::new().update(header).update(payload).finalize().as_bytes()
}

/// The program in the bytes of a file.
pub fn read(bytes: &[u8]) -> Result<Program, ContainerError> {
    if !is_container(bytes) {
        return Err(ContainerError::BadMagic);
    }
    let cut = |wanted: u64| ContainerError::Length { wanted, got: bytes.len() as u64 };
    let field = |at: usize, len: usize| bytes.get(at..at + len).ok_or_else(|| cut(HEADER_BYTES as u64));
    let number = |at, len| Ok(field(at, len)?.iter().rev().fold(0u64, |n, b| n << 8 | *b as u64));
    // The version comes first: a later one may have changed everything behind it.
    match number(8, 2)? as u16 {
        VERSION => {}
        found => return Err(ContainerError::Version { found }),
    }
    let ghc = number(10, 2)? as u16;
    let payload_len = number(12, 8)?;
    let stored = field(20, CHECKSUM_BYTES)?;
    if payload_len > MAX_PAYLOAD_BYTES as u64 {
        return Err(ContainerError::TooLarge(payload_len));
    }
    let payload = &bytes[HEADER_BYTES..];
    if payload.len() as u64 != payload_len {
        return Err(cut(HEADER_BYTES as u64 + payload_len));
    }
    if checksum(&bytes[..20], payload) != stored {
        return Err(ContainerError::Checksum);
    }
    if ghc != GHC {
        return Err(ContainerError::Ghc { found: ghc });
    }
    decode_payload(payload)
}

fn decode_payload(bytes: &[u8]) -> Result<Program, ContainerError> {
    let decoded = if bytes.len() <= SMALL_PAYLOAD_BYTES {
        bincode::decode_from_slice(bytes, encoding::<{ 16 * SMALL_PAYLOAD_BYTES }>())
    } else {
        bincode::decode_from_slice(bytes, encoding::<{ 16 * MAX_PAYLOAD_BYTES }>())
    };
    let (payload, used): (Payload, usize) = decoded.map_err(ContainerError::Decode)?;
    if used != bytes.len() {
        return Err(ContainerError::Trailing(bytes.len() - used));
    }
    let program = Program { entry: payload.entry, constructors: payload.constructors, bcos: unflatten(payload.bcos)? };
    match program.find_entry() {
        Some(_) => Ok(program),
        None => Err(ContainerError::NoEntry(program.entry)),
    }
}

/// Appends a BCO behind those within it.
fn flatten(bco: &UnlinkedBco, out: &mut Vec<FlatBco>) {
    let mut ptrs = Vec::with_capacity(bco.ptrs.len());
    for ptr in &bco.ptrs {
        ptrs.push(match ptr {
            BcoPtr::Name(name) => FlatPtr::Name(name.clone()),
            BcoPtr::PrimOp(primop) => FlatPtr::PrimOp(primop.clone()),
            BcoPtr::Bco(nested) => {
                flatten(nested, out);
                FlatPtr::Bco(out.len() as u32 - 1)
            }
        });
    }
    out.push(FlatBco {
        name: bco.name.clone(),
        arity: bco.arity,
        instrs: bco.instrs.clone(),
        bitmap: bco.bitmap.clone(),
        lits: bco.lits.clone(),
        ptrs,
    });
}

/// Puts trees together; see Note [BCOs lie flat in a file].
fn unflatten(flat: Vec<FlatBco>) -> Result<Vec<UnlinkedBco>, ContainerError> {
    let mut built: Vec<Option<(UnlinkedBco, usize)>> = Vec::with_capacity(flat.len());
    for (index, bco) in flat.into_iter().enumerate() {
        let wrong = |problem: String| ContainerError::Bco { index, name: bco.name.clone(), problem };
        let mut depth = 1;
        let mut ptrs = Vec::with_capacity(bco.ptrs.len());
        for ptr in bco.ptrs {
            ptrs.push(match ptr {
                FlatPtr::Name(name) => BcoPtr::Name(name),
                FlatPtr::PrimOp(primop) => BcoPtr::PrimOp(primop),
                FlatPtr::Bco(i) => {
                    let slot = built.get_mut(i as usize);
                    let slot = slot.ok_or_else(|| wrong(format!("holds BCO {i}, which does not come before it")))?;
                    let (nested, nested_depth) =
                        slot.take().ok_or_else(|| wrong(format!("holds BCO {i}, which is taken already")))?;
                    depth = depth.max(nested_depth + 1);
                    BcoPtr::Bco(Box::new(nested))
                }
            });
        }
        if depth > MAX_NESTING {
            return Err(wrong(format!("nests BCOs more than {MAX_NESTING} deep")));
        }
        let FlatBco { name, arity, instrs, bitmap, lits, .. } = bco;
        built.push(Some((UnlinkedBco { name, arity, instrs, bitmap, lits, ptrs }, depth)));
    }
    Ok(built.into_iter().flatten().map(|(bco, _)| bco).collect())
}

#[cfg(test)]
mod tests;
