//! Which interpreter `bcvm run` uses.

use super::args::{Backend, RunOptions};
use super::exit::{Exit, Failure};
use super::run::Session;
use crate::show::{Inspect, Object, Outcome};
use crate::unlinked::link::Target;
use bcvm::bco::resolved::ResolvedBco;
use std::convert::Infallible;

/// The interpreter, which this build does not have: no value of this type exists.
#[derive(Debug)]
pub enum Absent {}

/// Makes the interpreter that the options ask for.
pub fn open(options: &RunOptions) -> Result<Absent, Failure> {
    let backend = match options.backend {
        Backend::Sandboxed => "sandboxed",
        Backend::Internal => "internal",
    };
    Err(Failure::new(Exit::Internal, format!("this build has no {backend} interpreter")))
}

impl Target for Absent {
    type Ref = Infallible;
    type Error = std::io::Error;

    fn lookup_symbol(&self, _: &str) -> Result<Option<u64>, Self::Error> {
        match *self {}
    }

    fn mk_con_info_table(&self, _: u32, _: u32, _: u32, _: u32, _: &str) -> Result<u64, Self::Error> {
        match *self {}
    }

    fn malloc_strings(&self, _: &[&[u8]]) -> Result<Vec<u64>, Self::Error> {
        match *self {}
    }

    fn create_bcos(&self, _: &[ResolvedBco]) -> Result<Vec<Infallible>, Self::Error> {
        match *self {}
    }
}

impl Inspect for Absent {
    type Ref = Infallible;
    type Error = std::io::Error;

    fn seq(&self, _: &Infallible) -> Result<Outcome, Self::Error> {
        match *self {}
    }

    fn get_closure(&self, _: &Infallible) -> Result<Object<Infallible>, Self::Error> {
        match *self {}
    }
}

impl Session for Absent {
    fn statistics(&self) -> String {
        match *self {}
    }

    fn exit_of(&self, _: &std::io::Error) -> Exit {
        match *self {}
    }
}
