//! Constructors of data types and how their fields lie in a closure's payload.
//!
//! Owns GHC's field order (`mkVirtHeapOffsetsWithPadding` of `compiler/GHC/StgToCmm/Layout.hs`): pointers first,
//! then the others in their order, each aligned to its own size. Lowering, linking and printing all ask here.

use bincode::{Decode, Encode};

/// Bytes of a word.
const WORD: u32 = 8;

/// The highest pointer tag, shared by all later constructors of a large family.
const MAX_PTR_TAG: u32 = 7;

/// What a field of a constructor holds. More is told apart than the layout needs, for printing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Field {
    /// A lifted value.
    Lifted,
    /// A pointer to an unlifted object, such as a MutVar#.
    Unlifted,
    /// An Int#.
    Int,
    /// A Word#.
    Word,
    /// A Char#.
    Char,
    /// An Addr#.
    Addr,
    /// A Float#: half a word.
    Float,
    /// A Double#.
    Double,
}

impl Field {
    /// Whether the collector follows it.
    pub const fn is_pointer(self) -> bool {
        matches!(self, Field::Lifted | Field::Unlifted)
    }

    /// Bytes it takes in a payload.
    pub const fn bytes(self) -> u32 {
        match self {
            Field::Float => 4,
            _ => WORD,
        }
    }
}

/// A constructor that a program declares.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Constructor {
    /// Its name within the program.
    pub name: String,
    /// Zero-based number within its data type.
    pub tag: u32,
    /// Its fields, in declared order.
    pub fields: Vec<Field>,
}

/// Where a constructor's fields lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Byte offset in the payload of every field, in declared order.
    pub offsets: Vec<u32>,
    /// Words of pointers.
    pub ptrs: u32,
    /// Words of everything else, partly filled ones counted.
    pub nptrs: u32,
}

impl Layout {
    /// The layout of these fields.
    pub fn of(fields: &[Field]) -> Layout {
        let mut offsets = vec![0; fields.len()];
        let mut at = 0;
        for (slot, _) in offsets.iter_mut().zip(fields).filter(|(_, field)| field.is_pointer()) {
            *slot = at;
            at += WORD;
        }
        let ptrs = at / WORD;
        for (slot, field) in offsets.iter_mut().zip(fields).filter(|(_, field)| !field.is_pointer()) {
            at = at.next_multiple_of(field.bytes());
            *slot = at;
            at += field.bytes();
        }
        Layout { offsets, ptrs, nptrs: at.div_ceil(WORD) - ptrs }
    }

    /// Words of the payload.
    pub const fn words(&self) -> u32 {
        self.ptrs + self.nptrs
    }
}

impl Constructor {
    /// Where its fields lie.
    pub fn layout(&self) -> Layout {
        Layout::of(&self.fields)
    }

    /// Pointer and other words as its info table counts them: a payload has at least one word.
    pub fn table_words(&self) -> (u32, u32) {
        let layout = self.layout();
        (layout.ptrs, if layout.words() == 0 { 1 } else { layout.nptrs })
    }

    /// The tag on pointers to evaluated values of it (`tagForCon`).
    pub fn ptr_tag(&self) -> u32 {
        self.tag.saturating_add(1).min(MAX_PTR_TAG)
    }

    /// How its info table describes it: `package:Module.Name`.
    pub fn description(&self) -> String {
        format!("main:Main.{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_come_first_and_floats_share_a_word() {
        use Field::*;
        let layout = Layout::of(&[Int, Lifted, Float, Double, Float, Float, Unlifted]);
        assert_eq!(layout, Layout { offsets: vec![16, 0, 24, 32, 40, 44, 8], ptrs: 2, nptrs: 4 });
        assert_eq!(Layout::of(&[]), Layout { offsets: vec![], ptrs: 0, nptrs: 0 });
    }

    #[test]
    fn tables_of_nullary_constructors_count_the_padding() {
        let con = |tag, fields: &[Field]| Constructor { name: "K".into(), tag, fields: fields.to_vec() };
        assert_eq!(con(0, &[]).table_words(), (0, 1));
        assert_eq!(con(0, &[Field::Lifted]).table_words(), (1, 0));
        assert_eq!((con(5, &[]).ptr_tag(), con(6, &[]).ptr_tag(), con(90, &[]).ptr_tag()), (6, 7, 7));
        assert_eq!(con(0, &[]).description(), "main:Main.K");
    }
}
