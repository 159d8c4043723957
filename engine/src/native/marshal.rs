//! Arguments and results: from the words that a program passes to what a native function is given, and back. See Note
//! [Native libraries].

use super::handle::Handles;
use super::prototype::{Count, Place, Pointee, Pointer, Prototype, Type, VECTOR_REGISTERS, WORD_REGISTERS};
use super::raw::Raw;

/// Guest memory that stays accessible for as long as this lives.
pub(crate) trait Lent {
    /// Where `len` bytes at the guest's address `addr` lie, if all of them are there, and can be written if that is wanted.
    fn host_address(&self, addr: u32, len: u64, to_write: bool) -> Option<usize>;

    /// The guest's address of what lies there; `None` if it is not in guest memory.
    fn guest_address(&self, host: usize) -> Option<u32>;

    /// A copy of bytes; none if they are not there.
    fn read(&self, addr: u32, len: u32) -> Option<Vec<u8>>;
}

/// The words of a call as the program passes them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// rdi, rsi, rdx, rcx, r8, r9.
    pub(crate) words: [u64; WORD_REGISTERS],
    /// The low halves of xmm0 to xmm7.
    pub(crate) vectors: [u64; VECTOR_REGISTERS],
    /// Where the words on the stack are: the return address's slot.
    pub(crate) stack: u64,
}

/// What a call has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Returned {
    /// In rax.
    Word(u64),
    /// In xmm0.
    Vector(u64),
    /// Text outside guest memory, without the zero byte behind it. The program gets the address of a copy.
    Text(Vec<u8>),
}

/// A piece of text is looked at in units of so many bytes, none of which is partly accessible.
const PIECE: u32 = 1 << 10;

/// What a call of a library's function works with.
pub(super) struct Marshal<'a> {
    pub(super) prototype: &'a Prototype,
    pub(super) library: usize,
    pub(super) memory: &'a dyn Lent,
    pub(super) handles: &'a mut Handles,
}

impl Marshal<'_> {
    /// The arguments for the function. Fails with what is wrong with one.
    pub(super) fn arguments(&mut self, frame: &Frame) -> Result<Raw, String> {
        let prototype = self.prototype;
        let words = prototype.places.iter().map(|place| self.passed(frame, *place)).collect::<Result<Vec<u64>, _>>()?;
        let mut raw = Raw::default();
        for (n, (param, place)) in prototype.params.iter().zip(&prototype.places).enumerate() {
            let word = match param {
                Type::Void => 0,
                Type::Scalar(scalar) => scalar.extend(words[n]),
                Type::Pointer(pointer) => {
                    let address = self.pointer(pointer, words[n], &words);
                    address.map_err(|what| format!("its argument {}, {:#x}, {what}", n + 1, words[n]))? as u64
                }
            };
            match *place {
                Place::Word(n) => raw.words[n] = word,
                Place::Vector(n) => raw.vectors[n] = f64::from_bits(word),
                Place::Stack(n) => raw.stack[n] = word,
            }
        }
        // All arguments are in order: it will be called.
        if prototype.frees {
            let pointers = prototype.params.iter().zip(&words).filter(|(param, _)| matches!(param, Type::Pointer(_)));
            pointers.for_each(|(_, word)| self.handles.free(*word));
        }
        Ok(raw)
    }

    /// The word that the program has passed there.
    fn passed(&self, frame: &Frame, place: Place) -> Result<u64, String> {
        match place {
            Place::Word(n) => Ok(frame.words[n]),
            Place::Vector(n) => Ok(frame.vectors[n]),
            Place::Stack(n) => {
                // Above the return address.
                let at = u32::try_from(frame.stack).ok().and_then(|stack| stack.checked_add(8 * (1 + n as u32)));
                let word = at.and_then(|at| self.memory.read(at, 8)).and_then(|word| word.try_into().ok());
                word.map(u64::from_le_bytes).ok_or_else(|| "its arguments on the stack are not there".into())
            }
        }
    }

    /// The host's address that an argument stands for; `words` are all of them.
    fn pointer(&self, pointer: &Pointer, word: u64, words: &[u64]) -> Result<usize, String> {
        let Pointer { to, is_const, count } = pointer;
        if word == 0 {
            return Ok(0);
        }
        if let Some(address) = self.handles.find(self.library, to, word) {
            return match count {
                Count::Unsaid | Count::Number(_) => Ok(address),
                Count::Value(_) | Count::Pointed(_) => Err(format!("is a handle, and an array of {to} is wanted")),
            };
        }
        if matches!(to, Pointee::Named(_)) {
            return Err(format!("is no handle of a {to} that this library has given and not freed"));
        }
        let addr =
            u32::try_from(word).map_err(|_| format!("is neither in the program's memory nor a handle of {to}"))?;
        let len = if pointer.is_text() {
            self.text_length(addr)?
        } else {
            let n = self.count(*count, words)?;
            n.checked_mul(to.size()).ok_or_else(|| format!("has {n} elements, which no memory has"))?
        };
        let address = self.memory.host_address(addr, len, !is_const);
        let access = if *is_const { "can read" } else { "can change" };
        let address =
            address.ok_or_else(|| format!("does not point to {len} bytes of memory that the program {access}"))?;
        // The function may read the number again after it has written to the array.
        if let Count::Pointed(other) = count
            && let Type::Pointer(number) = &self.prototype.params[*other]
            && word < words[*other].saturating_add(number.to.size())
            && words[*other] < word.saturating_add(len)
        {
            return Err(format!("is an array that overlaps its length, argument {}", other + 1));
        }
        Ok(address)
    }

    fn count(&self, count: Count, words: &[u64]) -> Result<u64, String> {
        match count {
            Count::Unsaid => Ok(1),
            Count::Number(n) => Ok(n),
            Count::Value(other) => match self.prototype.params[other] {
                Type::Scalar(scalar) => Ok(scalar.extend(words[other])),
                _ => Ok(u64::MAX),
            },
            Count::Pointed(other) => {
                let Type::Pointer(Pointer { to: Pointee::Scalar(scalar), .. }) = &self.prototype.params[other] else {
                    return Ok(u64::MAX);
                };
                let bytes = u32::try_from(words[other]).ok().and_then(|at| self.memory.read(at, scalar.size() as u32));
                let bytes = bytes.ok_or_else(|| {
                    format!("has as many elements as argument {} points to, which is nowhere", other + 1)
                })?;
                let mut word = [0; 8];
                word[..bytes.len()].copy_from_slice(&bytes);
                Ok(scalar.extend(u64::from_le_bytes(word)))
            }
        }
    }

    /// The length of the text at `addr`, the zero byte behind it included.
    fn text_length(&self, addr: u32) -> Result<u64, String> {
        let mut at = addr;
        loop {
            // Up to the next multiple.
            let len = PIECE - at % PIECE;
            let piece =
                self.memory.read(at, len).ok_or("is no text: there is no zero byte before the end of memory")?;
            if let Some(end) = piece.iter().position(|byte| *byte == 0) {
                return Ok(u64::from(at - addr) + end as u64 + 1);
            }
            at = at.checked_add(len).ok_or("is no text: there is no zero byte before the end of memory")?;
        }
    }

    /// What the program gets of what the function has answered: its rax, or the low half of xmm0.
    pub(super) fn result(
        &mut self,
        bits: u64,
        text: impl FnOnce(usize) -> Option<Vec<u8>>,
    ) -> Result<Returned, String> {
        let pointer = match &self.prototype.result {
            Type::Void => return Ok(Returned::Word(0)),
            Type::Scalar(scalar) if scalar.is_float() => return Ok(Returned::Vector(scalar.extend(bits))),
            Type::Scalar(scalar) => return Ok(Returned::Word(scalar.extend(bits))),
            Type::Pointer(pointer) => pointer,
        };
        let address = bits as usize;
        if address == 0 {
            return Ok(Returned::Word(0));
        }
        if let Some(addr) = self.memory.guest_address(address) {
            return Ok(Returned::Word(addr.into()));
        }
        if pointer.is_text() {
            return text(address).map(Returned::Text).ok_or_else(|| "it answered a text that is too long".into());
        }
        let handle = self.handles.give(self.library, &pointer.to, address);
        handle
            .map(Returned::Word)
            .ok_or_else(|| "there are too many handles of what native libraries have answered".into())
    }
}
