//! C functions that need the outside: files, environment, clocks, processes. All they know of it comes from system
//! calls, which the host answers as its policy says.
//!
//! | file | what |
//! |---|---|
//! | [`call`] | making a system call, `errno` |
//! | [`area`] | where what C keeps between calls lies |
//! | [`fd`], [`file`], [`dir`], [`glob`] | descriptors; files by name; directories; the paths of a pattern |
//! | [`select`], [`mapping`] | `select`; `mmap` |
//! | [`net`] | the network, of which there is none |
//! | [`env`] | the environment |
//! | [`time`] | clocks, sleeping; calendar time is in [`calendar`], its texts in [`time_text`] |
//! | [`process`], [`signal`], [`user`] | what a sandbox mostly refuses |
//! | [`terminal`] | terminals, and a terminfo without entries |
//! | [`locale`], [`iconv`], [`charset`] | the locale; conversions between character encodings |

pub mod area;
pub mod calendar;
pub mod call;
pub mod charset;
pub mod dir;
pub mod env;
pub mod fd;
pub mod file;
pub mod glob;
pub mod iconv;
pub mod locale;
pub mod mapping;
pub mod net;
pub mod process;
pub mod select;
pub mod signal;
pub mod terminal;
pub mod time;
pub mod time_text;
pub mod user;

#[cfg(test)]
mod tests;
