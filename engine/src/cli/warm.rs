//! `bcvm warm`: what the first sessions would otherwise do, linking and compiling GHC's packages, done beforehand.

use super::Output;
use super::exit::{Exit, Failure};
use super::file::print;
use super::objinfo::installed_packages;
use crate::embed::{Cache, Engine};
use crate::interp::Interp;
use std::time::Instant;

/// `bcvm warm`
pub fn warm(output: &mut Output) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Internal, error.to_string());
    let cache = Cache::User;
    let Some(directory) = cache.path() else {
        return Err(Failure::new(
            Exit::Input,
            "there is no cache directory: neither XDG_CACHE_HOME nor HOME says where",
        ));
    };
    let packages = installed_packages()?;
    let begin = Instant::now();
    let engine = Engine::new(&cache).map_err(|error| failed(&error))?;
    let interp = Interp::builder().build_with(&engine).map_err(|error| failed(&error))?;
    for package in &packages {
        interp.load_obj(package).map_err(|error| failed(&error))?;
    }
    if !interp.resolve_objs().map_err(|error| failed(&error))? {
        return Err(Failure::new(Exit::Input, "the packages cannot be resolved"));
    }
    let (number, seconds) = (packages.len(), begin.elapsed().as_secs_f64());
    print(output, &format!("{number} packages are ready in {} ({seconds:.1} s)\n", directory.display()))
}
