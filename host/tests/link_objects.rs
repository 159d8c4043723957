//! The linker on objects and archives that gcc makes: who defines what, what fails, and that failing changes nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use bcvm_host::link::{Error, Forgetful, Linker, Lookup, Package, Resolved};

/// Compiles C to an object; `None` where there is no compiler.
fn compile(directory: &Path, name: &str, text: &str) -> Option<PathBuf> {
    let (source, object) = (directory.join(format!("{name}.c")), directory.join(format!("{name}.o")));
    std::fs::write(&source, text).expect("written");
    let mut gcc = Command::new("gcc");
    let gcc = gcc.args(["-O1", "-c", "-fno-pic", "-mcmodel=small", "-fcommon", "-o"]).arg(&object).arg(&source);
    gcc.status().ok().filter(|status| status.success()).map(|_| object)
}

/// Compiles all, or ends the test.
macro_rules! objects {
    ($directory:ident: $($name:ident = $text:expr;)*) => {
        let $directory = tempfile::tempdir().expect("a directory");
        $(let Some($name) = compile($directory.path(), stringify!($name), $text) else {
            eprintln!("skipped: no gcc");
            return;
        };)*
    };
}

/// Resolves, and answers what was linked.
fn resolve(linker: &mut Linker) -> Result<Vec<Package>, Error> {
    let mut packages = Vec::new();
    let keep = |resolved: Vec<Resolved<Package>>| {
        packages.extend(resolved.into_iter().map(|resolved| resolved.code));
        Ok::<(), Error>(())
    };
    linker.resolve(&Forgetful, keep)?;
    Ok(packages)
}

/// The address of a symbol that is defined.
fn address(linker: &Linker, name: &str) -> u64 {
    match linker.lookup(name) {
        Some(Lookup::Defined(definition)) => definition.address,
        other => panic!("{name}: {other:?}"),
    }
}

/// The word that a package's image has at an address.
fn word_at(package: &Package, address: u64) -> u64 {
    let at = (address - u64::from(package.place.base)) as usize;
    u64::from_le_bytes(package.image[at..at + 8].try_into().expect("eight bytes"))
}

#[test]
fn objects_that_refer_to_each_other_are_resolved_together() {
    objects!(directory:
        first = "extern long second(void); long first(void) { return second(); } void *p = (void *)second;";
        second = "extern long first(void); long second(void) { return 2; } void *q = (void *)first;";
    );
    let mut linker = Linker::default();
    linker.load_obj(&first, &Forgetful).expect("loaded");
    assert_eq!(linker.lookup("first"), Some(Lookup::Pending));
    linker.load_obj(&second, &Forgetful).expect("loaded");
    linker.load_obj(&second, &Forgetful).expect("loading again does nothing");
    let packages = resolve(&mut linker).expect("resolved");
    assert_eq!(packages.len(), 2);
    assert_eq!(word_at(&packages[0], address(&linker, "p")), address(&linker, "second"));
    assert_eq!(word_at(&packages[1], address(&linker, "q")), address(&linker, "first"));
    assert!(resolve(&mut linker).expect("nothing to do").is_empty());
}

#[test]
fn all_that_is_missing_is_listed_and_nothing_has_changed() {
    objects!(directory:
        needy = "extern int nowhere, elsewhere; extern int gone(void) __attribute__((weak)); \
                 int needy(void) { return nowhere + elsewhere + (gone ? gone() : 0); }";
        helper = "int nowhere = 1, elsewhere = 2;";
    );
    let mut linker = Linker::default();
    linker.load_obj(&needy, &Forgetful).expect("loaded");
    let Err(Error::Unresolved(missing)) = resolve(&mut linker) else { panic!("resolved") };
    let names: Vec<&str> = missing.iter().map(|missing| missing.symbol.as_str()).collect();
    assert_eq!(names, ["elsewhere", "nowhere"]);
    assert!(missing[0].wanted_by[0].0.ends_with("needy.o"), "{missing:?}");
    assert_eq!(linker.lookup("needy"), Some(Lookup::Pending));
    linker.load_obj(&helper, &Forgetful).expect("loaded");
    assert_eq!(resolve(&mut linker).expect("resolved").len(), 2);
}

#[test]
fn what_fails_to_be_installed_is_still_pending() {
    objects!(directory: one = "int one = 1;";);
    let mut linker = Linker::default();
    linker.load_obj(&one, &Forgetful).expect("loaded");
    let refuse = |_: Vec<Resolved<Package>>| Err(Error::NotLoaded { path: "memory".into() });
    assert!(linker.resolve(&Forgetful, refuse).is_err());
    assert_eq!(linker.lookup("one"), Some(Lookup::Pending));
    let first = resolve(&mut linker).expect("resolved").remove(0);
    assert_eq!(first.place.base, bcvm::abi::PACKAGES_START);
}

#[test]
fn two_strong_definitions_are_an_error_that_names_both() {
    objects!(directory:
        first = "int same = 1; int own = 1;";
        second = "int same = 2; int other = 2;";
        weak = "__attribute__((weak)) int same = 3; int *seen = &same;";
        common = "int same; int *shared = &same;";
    );
    let mut linker = Linker::default();
    linker.load_obj(&first, &Forgetful).expect("loaded");
    let Err(Error::Duplicates(duplicates)) = linker.load_obj(&second, &Forgetful) else { panic!("loaded") };
    assert_eq!(duplicates.len(), 1);
    assert!(duplicates[0].object.ends_with("second.o") && duplicates[0].defined_by.ends_with("first.o"));
    assert_eq!(linker.lookup("other"), None);
    // The same content by another name is the same object.
    let copy = directory.path().join("copy.o");
    std::fs::copy(&first, &copy).expect("copied");
    linker.load_obj(&copy, &Forgetful).expect("loaded");
    linker.load_obj(&weak, &Forgetful).expect("weak definitions give way");
    linker.load_obj(&common, &Forgetful).expect("common ones too");
    let packages = resolve(&mut linker).expect("resolved");
    assert_eq!(packages.len(), 3);
    let same = address(&linker, "same");
    assert_eq!(word_at(&packages[1], address(&linker, "seen")), same);
    assert_eq!(word_at(&packages[2], address(&linker, "shared")), same);
}

#[test]
fn members_of_archives_are_loaded_when_they_are_needed() {
    objects!(directory:
        used = "extern int deeper(void); int used(void) { return deeper(); }";
        deeper = "int deeper(void) { return 1; }";
        a_member_with_quite_a_long_name = "int unused(void) { return 2; }";
        user = "extern int used(void); int user(void) { return used(); }";
    );
    let archive = directory.path().join("libparts.a");
    let mut ar = Command::new("ar");
    ar.arg("rcs").arg(&archive).args([&used, &deeper, &a_member_with_quite_a_long_name]);
    if !ar.status().is_ok_and(|status| status.success()) {
        return;
    }
    let mut linker = Linker::default();
    linker.load_archive(&archive).expect("loaded");
    linker.load_obj(&user, &Forgetful).expect("loaded");
    assert_eq!(resolve(&mut linker).expect("resolved").len(), 3);
    assert_eq!(linker.lookup("unused"), Some(Lookup::Pending));
    linker.demand("unused", &Forgetful).expect("loaded");
    assert!(resolve(&mut linker).expect("resolved")[0].name.ends_with("libparts.a(a_member_with_quite_a_long_name.o)"));
}

#[test]
fn what_was_unloaded_makes_room_for_a_new_definition_and_may_come_back() {
    objects!(directory:
        first = "int answer = 41;";
        second = "int answer = 42;";
    );
    let mut linker = Linker::default();
    linker.load_obj(&first, &Forgetful).expect("loaded");
    resolve(&mut linker).expect("resolved");
    let before = address(&linker, "answer");
    linker.unload_obj(&first).expect("unloaded");
    assert_eq!(linker.lookup("answer"), None);
    linker.load_obj(&second, &Forgetful).expect("loaded");
    resolve(&mut linker).expect("resolved");
    assert_ne!(address(&linker, "answer"), before);
    linker.unload_obj(&second).expect("unloaded");
    linker.load_obj(&first, &Forgetful).expect("loaded");
    assert_eq!(address(&linker, "answer"), before);
    assert!(matches!(linker.unload_obj(&second), Err(Error::NotLoaded { .. })));
}

#[test]
fn what_failed_is_named_to_who_wants_it() {
    objects!(directory:
        bad = "int broken = 1;";
        good = "int fine = 2;";
        user = "extern int broken; int *use = &broken;";
    );
    let mut linker = Linker::default();
    linker.load_obj(&bad, &Forgetful).expect("loaded");
    let mut content = None;
    let refuse = |resolved: Vec<Resolved<Package>>| {
        content = Some(resolved[0].content);
        Err(Error::NotLoaded { path: "refused".to_owned() })
    };
    linker.resolve(&Forgetful, refuse).expect_err("refused");
    linker.fail(content.expect("asked"), "it crashed".to_owned());
    // It is not tried again, and does not keep others from being linked.
    linker.load_obj(&good, &Forgetful).expect("loaded");
    assert_eq!(resolve(&mut linker).expect("resolved").len(), 1);
    assert!(linker.check_failed("fine").is_ok() && linker.check_failed("nothing").is_ok());
    let check = |error: Error| {
        let text = error.to_string();
        assert!(text.contains("bad.o") && text.contains("it crashed"), "{text}");
    };
    check(linker.check_failed("broken").expect_err("failed"));
    linker.load_obj(&user, &Forgetful).expect("loaded");
    check(resolve(&mut linker).expect_err("failed"));
    linker.unload_obj(&bad).expect("unloaded");
    check(linker.load_obj(&bad, &Forgetful).expect_err("failed"));
}

/// Puts objects into an archive.
fn archive(directory: &Path, members: &[&PathBuf]) -> PathBuf {
    let path = directory.join("lib.a");
    let status = Command::new("ar").arg("rcs").arg(&path).args(members).status().expect("ar runs");
    assert!(status.success());
    path
}

#[test]
fn a_strong_definition_in_an_archive_takes_the_place_of_a_weak_one() {
    objects!(directory:
        weak = "__attribute__((weak)) long choice = 1; long *chosen = &choice;";
        also_weak = "__attribute__((weak)) long choice = 2; long *never = &choice;";
        strong = "long choice = 3; long beside = 3;";
        needless = "long needless = 4;";
    );
    let mut linker = Linker::default();
    linker.load_archive(&archive(directory.path(), &[&weak, &also_weak, &strong, &needless])).expect("loaded");
    linker.demand("chosen", &Forgetful).expect("found");
    let packages = resolve(&mut linker).expect("resolved");
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with("(weak.o)") && names[1].ends_with("(strong.o)"), "{names:?}");
    assert_eq!(word_at(&packages[0], address(&linker, "chosen")), address(&linker, "choice"));
    assert_eq!(word_at(&packages[1], address(&linker, "choice")), 3);
}

#[test]
fn code_that_cannot_be_placed_fails_when_it_is_resolved() {
    let directory = tempfile::tempdir().expect("a directory");
    let source = directory.path().join("narrow.s");
    std::fs::write(&source, ".data\n.globl narrow\nnarrow: .byte narrow\n.section .note.GNU-stack\n").expect("written");
    let object = directory.path().join("narrow.o");
    let Ok(status) = Command::new("gcc").arg("-c").arg("-o").arg(&object).arg(&source).status() else {
        eprintln!("skipped: no gcc");
        return;
    };
    assert!(status.success());
    let mut linker = Linker::default();
    linker.load_obj(&object, &Forgetful).expect("loaded");
    assert_eq!(linker.lookup("narrow"), Some(Lookup::Pending));
    let error = resolve(&mut linker).expect_err("a byte is too narrow for an address").to_string();
    assert!(error.contains("narrow.o") && error.contains("does not fit"), "{error}");
}
