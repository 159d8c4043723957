//! Interpreters do not see each other's objects, and what is kept of objects is used only if nobody else could have
//! written it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::Error;
use bcvm_engine::protocol::closure::GenClosure;

/// An object that defines a boxed Int, whose value is computed by an initialiser, in the sandbox.
fn object(directory: &Path, name: &str, number: u32) -> Option<PathBuf> {
    let (source, object) = (directory.join(format!("{name}.c")), directory.join(format!("{name}.o")));
    let text = format!(
        "extern char ghczmprim_GHCziTypes_Izh_con_info[];\n\
         volatile unsigned long factor = 2;\n\
         void *volatile answer_closure[2] = {{ ghczmprim_GHCziTypes_Izh_con_info, 0 }};\n\
         __attribute__((constructor)) static void compute(void) {{ answer_closure[1] = (void *)(factor * {number}); }}\n"
    );
    fs::write(&source, text).expect("written");
    let mut gcc = Command::new("gcc");
    let gcc = gcc.args(["-O1", "-c", "-fno-pic", "-o"]).arg(&object).arg(&source);
    gcc.status().ok().filter(|status| status.success()).map(|_| object)
}

fn load(engine: &Engine, path: &Path) -> Result<Interp, Error> {
    let interp = Interp::builder().build_with(engine)?;
    interp.load_obj(path)?;
    assert!(interp.resolve_objs()?);
    Ok(interp)
}

fn answer(interp: &Interp) -> u64 {
    let closure = interp.lookup_closure("answer_closure").expect("answered").expect("defined");
    match interp.get_closure(&closure).expect("looked at") {
        GenClosure::ConstrClosure { data_args, .. } => data_args[0],
        other => panic!("{other:?}"),
    }
}

/// An engine that keeps things in `directory`.
fn engine(directory: &Path) -> Engine {
    Engine::new(&Cache::Directory(directory.to_owned())).expect("an engine")
}

#[test]
fn two_threads_load_the_same_symbol_and_see_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let objects: Option<Vec<_>> =
        [("one", 21), ("two", 50)].map(|(name, number)| object(directory.path(), name, number)).into_iter().collect();
    let Some(objects) = objects else {
        eprintln!("skipped: no gcc");
        return;
    };
    let engine = engine(&directory.path().join("cache"));
    let answers = thread::scope(|scope| {
        let threads: Vec<_> = objects
            .iter()
            .map(|path| scope.spawn(|| answer(&load(&engine, path).unwrap_or_else(|e| panic!("{e}")))))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    assert_eq!(answers, [42, 100]);
}

#[test]
fn data_of_one_interpreter_is_not_the_next_ones() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(path) = object(directory.path(), "one", 21) else { return };
    let engine = engine(&directory.path().join("cache"));
    let first = load(&engine, &path).unwrap_or_else(|e| panic!("{e}"));
    let second = load(&engine, &path).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((answer(&first), answer(&second)), (42, 42));
    assert_eq!(first.lookup_symbol("factor").expect("answered"), second.lookup_symbol("factor").expect("answered"));
}

#[test]
fn what_does_not_resolve_leaves_the_rest_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(path) = object(directory.path(), "one", 21) else { return };
    let needy = directory.path().join("needy.c");
    fs::write(&needy, "extern int nobody_defines_this; int *p = &nobody_defines_this;").expect("written");
    let needy_object = directory.path().join("needy.o");
    let gcc = Command::new("gcc").args(["-c", "-fno-pic", "-o"]).arg(&needy_object).arg(&needy).status();
    assert!(gcc.expect("gcc was there before").success());
    let interp = load(&engine(&directory.path().join("cache")), &path).unwrap_or_else(|e| panic!("{e}"));
    interp.load_obj(&needy_object).expect("loaded");
    let error = interp.resolve_objs().expect_err("unresolved").to_string();
    assert!(error.contains("nobody_defines_this") && error.contains("needy.o"), "{error}");
    assert_eq!(answer(&interp), 42);
    interp.unload_obj(&needy_object).expect("unloaded");
    assert!(interp.resolve_objs().expect("nothing is pending"));
}

/// The files of that kind in a cache.
fn kept(cache: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache).expect("there").map(|entry| entry.expect("readable").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == kind)).collect()
}

#[test]
fn a_forged_image_is_used_only_where_nobody_else_can_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(path) = object(directory.path(), "one", 21) else { return };
    let cache = directory.path().join("cache");
    assert_eq!(answer(&load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}"))), 42);
    let [image] = &kept(&cache, "image")[..] else { panic!("one image") };
    // A forgery that nothing but its permissions gives away: another factor.
    let mut bytes = fs::read(image).expect("there");
    let at = bytes.chunks_exact(8).position(|word| word == 2u64.to_le_bytes()).expect("the factor") * 8;
    bytes[at] = 3;
    let forge = |mode: u32| {
        fs::remove_file(image).expect("removed");
        fs::write(image, &bytes).expect("written");
        fs::set_permissions(image, Permissions::from_mode(mode)).expect("changed");
    };
    forge(0o400);
    let own = answer(&load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(own, 63, "the user's own file is what is mapped, or this test shows nothing");
    for mode in [0o620, 0o602, 0o666] {
        forge(mode);
        assert_eq!(answer(&load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}"))), 42, "{mode:o}");
    }
    forge(0o400);
    fs::set_permissions(&cache, Permissions::from_mode(0o777)).expect("changed");
    assert_eq!(answer(&load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}"))), 42);
}

#[test]
fn truncated_files_are_made_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(path) = object(directory.path(), "one", 21) else { return };
    let cache = directory.path().join("cache");
    load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}"));
    for kind in ["image", "package", "index"] {
        for file in kept(&cache, kind) {
            let bytes = fs::read(&file).expect("there");
            fs::remove_file(&file).expect("removed");
            fs::write(&file, &bytes[..bytes.len() / 2]).expect("written");
        }
        assert_eq!(answer(&load(&engine(&cache), &path).unwrap_or_else(|e| panic!("{e}"))), 42, "{kind}");
    }
}

/// The object that `text` compiles to.
fn compiled(directory: &Path, name: &str, text: &str) -> Option<PathBuf> {
    let (source, object) = (directory.join("source.c"), directory.join(format!("{name}.o")));
    fs::write(&source, text).expect("written");
    let mut gcc = Command::new("gcc");
    let gcc = gcc.args(["-O1", "-c", "-fno-pic", "-o"]).arg(&object).arg(&source);
    gcc.status().ok().filter(|status| status.success()).map(|_| object)
}

#[test]
fn initialisers_that_fail_are_called_once_and_named_as_this_session_knows_them() {
    let directory = tempfile::tempdir().expect("a directory");
    // An instruction that is not translated, so that what is kept of the object has a text about it.
    let text = "int used = 1; __attribute__((constructor)) static void f(void) { __asm__ volatile(\"rdrand %eax\"); }";
    let Some(first) = compiled(directory.path(), "first", text) else { return };
    let fine = compiled(directory.path(), "fine", "int fine = 1;").expect("compiled");
    let engine = engine(&directory.path().join("cache"));
    let second = directory.path().join("second.o");
    fs::copy(&first, &second).expect("copied");
    for path in [&first, &second] {
        let interp = Interp::builder().build_with(&engine).expect("an interpreter");
        interp.load_obj(path).expect("loaded");
        let name = path.display().to_string();
        let error = interp.resolve_objs().expect_err("its initialiser fails").to_string();
        assert_eq!(error.matches(&name).count(), 2, "{error}");
        interp.load_obj(&fine).expect("loaded");
        assert!(interp.resolve_objs().expect("the other one is resolved"));
        assert!(interp.lookup_symbol("fine").expect("answered").is_some());
        let error = interp.lookup_symbol("used").expect_err("it failed").to_string();
        assert!(error.contains(&name) && error.contains("initialisers have failed"), "{error}");
    }
}
