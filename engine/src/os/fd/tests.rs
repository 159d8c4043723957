//! The table against a model: a map from numbers to names of descriptions.

use super::{FdTable, MAX_FDS};
use proptest::prelude::*;
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Debug, Clone)]
enum Step {
    Open,
    Close(i32),
    Dup(i32, i32),
    Dup2(i32, i32),
    CloseOnExec(i32, bool),
}

fn step() -> impl Strategy<Value = Step> {
    // Few numbers, so that they meet; some that are out of range.
    let fd = prop_oneof![6 => 0..8i32, 1 => Just(-1), 1 => Just(MAX_FDS), 1 => Just(i32::MAX), 1 => Just(i32::MIN)];
    prop_oneof![
        3 => Just(Step::Open),
        2 => fd.clone().prop_map(Step::Close),
        2 => (fd.clone(), fd.clone()).prop_map(|(a, b)| Step::Dup(a, b)),
        2 => (fd.clone(), fd.clone()).prop_map(|(a, b)| Step::Dup2(a, b)),
        1 => (fd, any::<bool>()).prop_map(|(a, b)| Step::CloseOnExec(a, b)),
    ]
}

proptest! {
    #[test]
    fn behaves_as_the_model(steps in prop::collection::vec(step(), 0..60)) {
        let mut table = FdTable::new();
        let mut model: BTreeMap<i32, (usize, bool)> = BTreeMap::new();
        let mut opened: Vec<Rc<usize>> = Vec::new();
        let lowest = |model: &BTreeMap<i32, (usize, bool)>, least: i32| (least..MAX_FDS).find(|fd| !model.contains_key(fd));
        for step in steps {
            match step {
                Step::Open => {
                    let description = Rc::new(opened.len());
                    let fd = table.insert(Rc::clone(&description), false);
                    prop_assert_eq!(fd.ok(), lowest(&model, 0));
                    model.insert(fd.unwrap(), (opened.len(), false));
                    opened.push(description);
                }
                Step::Close(fd) => prop_assert_eq!(table.close(fd).is_ok(), model.remove(&fd).is_some()),
                Step::Dup(fd, least) => {
                    let expected = match (model.get(&fd).copied(), (0..MAX_FDS).contains(&least)) {
                        (None, _) => Err(Errno::BADF),
                        (_, false) => Err(Errno::INVAL),
                        (Some((id, _)), true) => lowest(&model, least).map(|new| (new, id)).ok_or(Errno::MFILE),
                    };
                    prop_assert_eq!(table.duplicate(fd, least, true), expected.map(|(new, _)| new));
                    if let Ok((new, id)) = expected {
                        model.insert(new, (id, true));
                    }
                }
                Step::Dup2(fd, new) => {
                    let known = model.get(&fd).copied().filter(|_| (0..MAX_FDS).contains(&new));
                    prop_assert_eq!(table.duplicate_to(fd, new), known.map(|_| new).ok_or(Errno::BADF));
                    if let Some((id, _)) = known && fd != new {
                        model.insert(new, (id, false));
                    }
                }
                Step::CloseOnExec(fd, set) => {
                    prop_assert_eq!(table.set_close_on_exec(fd, set).is_ok(), model.contains_key(&fd));
                    model.entry(fd).and_modify(|slot| slot.1 = set);
                }
            }
            for fd in -1..12 {
                let there = table.get(fd).map(|d| **d).ok().zip(table.close_on_exec(fd).ok());
                prop_assert_eq!(there, model.get(&fd).copied());
            }
            // Kept exactly as long as some descriptor refers to it.
            let alive: BTreeSet<usize> = model.values().map(|(id, _)| *id).collect();
            for description in &opened {
                prop_assert_eq!(Rc::strong_count(description), 1 + usize::from(alive.contains(description)));
            }
        }
    }
}

#[test]
fn it_gets_full() {
    let mut table = FdTable::new();
    for n in 0..MAX_FDS {
        assert_eq!(table.insert((), false), Ok(n));
    }
    assert_eq!(table.insert((), false), Err(Errno::MFILE));
    assert_eq!(table.has_room(1), Err(Errno::MFILE));
    assert_eq!(table.duplicate(0, 0, false), Err(Errno::MFILE));
    assert_eq!(table.duplicate_to(0, 7), Ok(7));
}

#[test]
fn what_is_fixed_stays() {
    let mut table = FdTable::new();
    assert_eq!(table.insert("other", false), Ok(0));
    assert_eq!(table.insert_fixed(5, "fixed"), Ok(()));
    assert_eq!(table.insert_fixed(5, "again"), Err(Errno::BUSY));
    assert_eq!(table.close(5), Err(Errno::BUSY));
    assert_eq!(table.duplicate_to(0, 5), Err(Errno::BUSY));
    // Another number for the same is like any other.
    assert_eq!(table.duplicate(5, 0, false), Ok(1));
    assert_eq!((table.close(1), table.get(5)), (Ok(()), Ok(&"fixed")));
}
