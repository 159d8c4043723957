//! Many interpreters in one process, on threads, some of them running programs that misbehave.
//!
//! The guest is compiled once and shared; heaps, limits and references are each interpreter's own. A program that loops,
//! exhausts its memory or follows a null pointer ends its own evaluation and nothing else: the interpreter it ran in
//! answers the next question, and its neighbours notice nothing.

use std::error::Error;
use std::thread;
use std::time::Duration;

use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::{EvalResult, ForeignRef};
use bcvm_engine::protocol::closure::GenClosure;
use bcvm_engine::stg;
use bcvm_engine::unlinked::link;

/// How many interpreters there are.
const TENANTS: usize = 12;

const GOOD: &str = r"
sum = \(n :: Int#) (acc :: Int#) ->
  case n of { 0# -> acc; _ -> case +# acc n of a -> case -# n 1# of m -> sum m a }
main = case sum 1000# 0# of n -> I# n
";

/// What every third tenant runs first.
const BAD: [(&str, &str); 3] = [
    ("loops", "spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\nmain = spin 0#"),
    ("allocates", "grow = \\xs -> let unit = (); more = unit : xs in grow more\nmain = let none = [] in grow none"),
    ("follows null", "main = case int2Addr# 0# of p -> case indexIntOffAddr# p 0# of n -> I# n"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(&Cache::User)?;
    for line in serve_all(&engine) {
        println!("{line}");
    }
    Ok(())
}

/// Runs all tenants at once; a line about each, in order.
fn serve_all(engine: &Engine) -> Vec<String> {
    thread::scope(|scope| {
        let tenants: Vec<_> = (0..TENANTS).map(|n| scope.spawn(move || serve(engine, n))).collect();
        let lines = tenants.into_iter().enumerate().map(|(n, tenant)| match tenant.join() {
            Ok(Ok(line)) => format!("tenant {n}: {line}"),
            Ok(Err(error)) => format!("tenant {n}: no interpreter: {error}"),
            Err(_) => format!("tenant {n}: its thread panicked"),
        });
        lines.collect()
    })
}

/// What one tenant does: perhaps something bad, then something good, in the same interpreter.
fn serve(engine: &Engine, n: usize) -> Result<String, Box<dyn Error + Send + Sync>> {
    let builder = Interp::builder().limit_memory(16 << 20).timeout(Duration::from_millis(300));
    let interp = builder.build_with(engine)?;
    let mut line = String::new();
    if n.is_multiple_of(3) {
        let (what, source) = BAD[n / 3 % BAD.len()];
        let end = match run(&interp, source)? {
            Ok(_) => "and comes to an end".to_owned(),
            Err(exception) => exception.to_string(),
        };
        line = format!("{what}: {end}; then ");
    }
    match run(&interp, GOOD)? {
        Ok(value) => {
            let mut closure = interp.get_closure(&value)?;
            // A thunk that was evaluated has become an indirection to its value.
            while let GenClosure::BlackholeClosure { indirectee, .. } = closure {
                closure = interp.get_closure(&indirectee)?;
            }
            match closure {
                GenClosure::ConstrClosure { data_args, .. } => Ok(format!("{line}{data_args:?}")),
                other => Ok(format!("{line}{other:?}")),
            }
        }
        Err(exception) => Ok(format!("{line}{exception}")),
    }
}

/// Evaluates a program's `main` to weak head normal form.
fn run(interp: &Interp, source: &str) -> Result<EvalResult<ForeignRef>, Box<dyn Error + Send + Sync>> {
    let program = stg::compile("tenant", source).map_err(|error| error.to_string())?;
    let value = link::link(&program, interp)?.into_entry();
    Ok(interp.seq_hvalue(&value)?.map(|()| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misbehaviour_stays_where_it_is() {
        let lines = serve_all(&Engine::new(&Cache::User).expect("the guest compiles"));
        assert_eq!(lines.len(), TENANTS);
        for (n, line) in lines.iter().enumerate() {
            assert!(line.ends_with("[500500]"), "{line}");
            assert_eq!(line.contains("; then "), n.is_multiple_of(3), "{line}");
        }
        for end in ["its time was up", "heap overflow", "null pointer"] {
            assert!(lines.iter().any(|line| line.contains(end)), "{end}: {lines:#?}");
        }
    }
}
