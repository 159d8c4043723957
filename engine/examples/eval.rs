//! Embedding an interpreter: compiles a program's text, runs it with limits and prints its value.
//!
//! ```text
//! cargo run --example eval                        a program of its own
//! cargo run --example eval -- examples/queens.stg one from a file
//! ```
//!
//! What each kind of failure means is at the end: a program's own exception, a limit and a crash are told apart, and
//! the interpreter could be used again after each of them.

use std::error::Error;
use std::time::Duration;

use bcvm_engine::show::{self, Bounds};
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;
use bcvm_engine::{Backend, Interp};

/// What is run if no file is given.
const PROGRAM: &str = r"
twice = \f x -> let y = f x in f y

add3 = \x -> case x of I# n -> case +# n 3# of m -> I# m

main =
  let seven = I# 7#; ten = twice add3 seven in
  let none = []; some = ten : none
  in seven : some
";

fn main() -> Result<(), Box<dyn Error>> {
    let (name, source) = match std::env::args().nth(1) {
        Some(path) => (path.clone(), std::fs::read_to_string(&path)?),
        None => ("built in".to_owned(), PROGRAM.to_owned()),
    };
    println!("{}", evaluate(&name, &source)?);
    Ok(())
}

/// The value of a program's `main`, as Haskell would show it.
fn evaluate(name: &str, source: &str) -> Result<String, Box<dyn Error>> {
    // Text to byte code with symbolic names. An error shows the line.
    let program = stg::compile(name, source)?;

    // The first interpreter on a machine compiles the guest and stores the result in the user's cache directory.
    let interp =
        Interp::builder().backend(Backend::Sandboxed).limit_memory(64 << 20).timeout(Duration::from_secs(5)).build()?;

    // Names become addresses, byte code becomes heap objects. Nothing is evaluated yet.
    let value = link::link(&program, &interp)?.into_entry();

    // Showing evaluates, as far as the bounds allow: a value may be infinite. Dropping `value` releases it.
    Ok(show::show(&interp, &program, &value, Bounds::default())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_program_has_a_value() {
        assert_eq!(evaluate("built in", PROGRAM).expect("a value"), "[7,13]");
    }

    #[test]
    fn errors_show_the_line() {
        let error = evaluate("wrong", "main = nowhere").expect_err("no such name").to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
}
