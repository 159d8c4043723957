//! The static pointer table as C sees it (`rts/StaticPtrTable.c`): keys are pairs of words in memory.

use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// The key at `at`.
fn key(m: &Machine, at: Word) -> (u64, u64) {
    let at = Addr::from_word(at);
    (m.mem.word(at), m.mem.word(at.offset_w(1)))
}

/// `hs_spt_keys`: writes addresses of at most `room` keys, and answers how many.
fn keys(m: &mut Machine, out: Word, room: Word) -> Word {
    let keys: alloc::vec::Vec<_> = m.static_pointers.keys().copied().take(room as u32 as usize).collect();
    for (i, key) in keys.iter().enumerate() {
        let at = match m.c.static_keys.get(key) {
            Some(at) => *at,
            None => {
                let Some(at) = m.c_allocate(16) else { return i as Word };
                m.mem.set_word(at, key.0);
                m.mem.set_word(at.offset_w(1), key.1);
                m.c.static_keys.insert(*key, at);
                at
            }
        };
        m.mem.set_word(Addr::from_word(out).offset_w(i as u32), at.word());
    }
    keys.len() as Word
}

functions! {
    "hs_spt_lookup" "n" b'n' = |m, [at, ..]| {
        let entry = m.static_pointers.get(&key(m, at)).and_then(|p| m.stable.find(*p));
        entry.unwrap_or_default().word()
    };
    "hs_spt_key_count" "" b'n' = |m, _| m.static_pointers.len() as Word;
    "hs_spt_keys" "nn" b'n' = |m, [out, room, ..]| keys(m, out, room);
    "hs_spt_insert_stableptr" "nn" b'v' = |m, [at, entry, ..]| {
        let value = m.mem.word(Addr::from_word(entry));
        if let Some(old) = m.static_pointers.insert(key(m, at), value) {
            m.stable.free(old);
        }
        0
    };
}
