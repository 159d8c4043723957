//! Some seconds' worth of seeded cases of each target. BCVM_FUZZ_CASES asks for another number of each.

use bcvm_fuzz::driver;
use bcvm_fuzz::targets::ALL;

fn run(name: &str) {
    let target = ALL.iter().find(|target| target.name == name).expect("there is such a target");
    let cases = std::env::var("BCVM_FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(target.cases);
    driver::run(target, 1, 0..cases);
}

#[test]
fn message() {
    run("message");
}

#[test]
fn transcript() {
    run("transcript");
}

#[test]
fn decode() {
    run("decode");
}

#[test]
fn run_everything() {
    run("run");
}

#[test]
fn container() {
    run("container");
}

#[test]
fn policy() {
    run("policy");
}

#[test]
fn stg() {
    run("stg");
}

#[test]
fn object() {
    run("object");
}

/// What anybody may send, all together.
#[test]
fn a_run_has_a_million_inputs() {
    let hostile = ["message", "decode", "run", "object", "policy"];
    let cases = ALL.iter().filter(|target| hostile.contains(&target.name)).map(|target| target.cases);
    assert!(cases.sum::<u64>() >= 1_000_000);
}

/// Sound inputs are sound, or the damaged ones would test nothing but refusals.
#[test]
fn sound_inputs_are_accepted() {
    use bcvm_engine::transcript::Transcript;
    use bcvm_engine::unlinked::container;
    use bcvm_fuzz::driver::Random;
    use bcvm_fuzz::targets;
    use bcvm_host::elf::Object;
    use bcvm_host::link::Index;
    for case in 0..20 {
        let mut random = Random::new(7, case);
        let text = targets::stg::sound(&mut random);
        assert!(bcvm_engine::stg::compile("sound", std::str::from_utf8(&text).unwrap()).is_ok());
        let text = targets::policy::sound(&mut random);
        let built = bcvm_engine::policy::Built::parse("/etc/bcvm.toml".as_ref(), std::str::from_utf8(&text).unwrap());
        assert!(built.is_ok(), "{}: {built:?}", String::from_utf8_lossy(&text));
        let file = targets::container::sound(&mut random);
        assert!(file[0] == 1 || container::read(&file[1..]).is_ok());
        assert!(Transcript::parse(&targets::transcript::sound(&mut random)).is_ok());
        let object = targets::object::sound(&mut random);
        assert!(
            object[0] % 4 == 3 || Object::parse("sound", &object[1..]).is_ok_and(|object| Index::new(&object).is_ok())
        );
    }
}
