//! Places do not overlap, whoever asks; files are known by their times; damage is forgotten.

use super::{Facts, Registry};
use bcvm_host::link::{Content, Need, Space, Stamp};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread;

fn content(n: u8) -> Content {
    Content([n; 32])
}

fn need(n: u32) -> Need {
    Need { bytes: 70_000 * n, stg: 10 * n, c: n }
}

fn stamp(inode: u64, modified: i128) -> Stamp {
    Stamp { device: 1, inode, size: 3, modified, changed: modified }
}

#[test]
fn concurrent_writers_get_places_that_do_not_overlap() {
    let directory = tempfile::tempdir().expect("a directory");
    thread::scope(|scope| {
        for thread in 0..4 {
            let directory = directory.path();
            scope.spawn(move || {
                let mut registry = Registry::read(directory);
                for n in 0..8 {
                    let n = (n + thread * 2) % 8 + 1;
                    let given = registry.assign(content(n), need(n.into()), &Space::default(), |_| true);
                    assert!(given.is_some());
                }
            });
        }
    });
    let registry = Registry::read(directory.path());
    assert_eq!(registry.facts().places.len(), 8);
    assert!(registry.facts().is_sound());
}

#[test]
fn a_place_is_given_once_and_taken_back_when_nothing_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut first = Registry::read(directory.path());
    let mut second = Registry::read(directory.path());
    let taken = Space::default();
    let one = first.assign(content(1), need(1), &taken, |_| true).expect("a place");
    assert_eq!(second.assign(content(1), need(1), &taken, |_| true), Some(one));
    let two = second.assign(content(2), need(2), &taken, |_| true).expect("a place");
    assert!(two.base > one.base && two.stg > one.stg && two.c > one.c);
    let three = first.assign(content(3), need(1), &taken, |other| other != content(1)).expect("a place");
    assert_eq!(three, one);
}

#[test]
fn a_place_avoids_what_the_session_has_there() {
    let mut session = Space::default();
    let own = session.find(need(3)).expect("empty");
    assert!(session.take(own, need(3)));
    let given = Facts::default().assign(content(1), need(1), &session).expect("a place");
    assert!(session.take(given, need(1)));
}

#[test]
fn a_file_is_known_while_it_does_not_change() {
    let mut facts = Facts::default();
    facts.remember(stamp(1, 10), 0, content(1));
    facts.remember(stamp(1, 10), 80, content(2));
    facts.remember(stamp(2, 10), 0, content(3));
    assert_eq!(facts.content(stamp(1, 10), 80), Some(content(2)));
    facts.remember(stamp(1, 11), 0, content(4));
    assert_eq!(facts.content(stamp(1, 10), 0), None);
    assert_eq!(facts.content(stamp(1, 11), 0), Some(content(4)));
    assert_eq!(facts.content(stamp(1, 11), 80), None);
    assert_eq!(facts.content(stamp(2, 10), 0), Some(content(3)));
}

#[test]
fn a_registry_that_makes_no_sense_or_that_others_can_write_is_not_used() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("registry");
    let mut registry = Registry::read(directory.path());
    registry.remember(stamp(1, 10), 0, content(1));
    let sound = fs::read(&path).expect("written");
    let write = |bytes: &[u8]| {
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).expect("written");
    };
    write(&sound[..sound.len() - 1]);
    assert_eq!(*Registry::read(directory.path()).facts(), Facts::default());
    let place = Space::default().find(need(1)).expect("empty");
    let mut overlapping = Facts::default();
    overlapping.places.insert(content(1), (place, need(1)));
    overlapping.places.insert(content(2), (place, need(1)));
    write(&bincode::encode_to_vec(&overlapping, bincode::config::standard()).expect("encoded"));
    assert_eq!(*Registry::read(directory.path()).facts(), Facts::default());
    write(&sound);
    assert_ne!(*Registry::read(directory.path()).facts(), Facts::default());
    fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("changed");
    assert_eq!(*Registry::read(directory.path()).facts(), Facts::default());
}
