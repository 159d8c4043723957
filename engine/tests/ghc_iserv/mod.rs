//! GHC's own interpreter server as a machine for programs: the oracle for lowering and linking.
//!
//! Speaks just enough of GHC 9.0.2's wire protocol; the real implementation of that is elsewhere and not used, so
//! that a mistake there can't hide one here. Only ghc-prim is loaded, so an exception that is not caught ends the
//! server. Where GHC is not installed there is no oracle.

use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use bcvm_engine::show::{Inspect, Object, Outcome};
use bcvm_engine::unlinked::link::Target;
use std::cell::RefCell;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// Where GHC 9.0.2 keeps its libraries and its server, if it is installed.
fn libdir() -> Option<&'static Path> {
    static LIBDIR: OnceLock<Option<PathBuf>> = OnceLock::new();
    let ask = |option| {
        let output = Command::new("ghc").arg(option).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
    };
    let find = || match ask("--numeric-version")?.as_str() {
        "9.0.2" => Some(PathBuf::from(ask("--print-libdir")?)),
        _ => None,
    };
    LIBDIR.get_or_init(find).as_deref()
}

/// A running server.
pub struct GhcIserv {
    child: Child,
    pipes: RefCell<Pipes>,
}

struct Pipes {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl GhcIserv {
    /// Starts a server and loads ghc-prim; none where GHC 9.0.2 is not installed.
    pub fn start() -> Option<GhcIserv> {
        let (server, ghc_prim) = (libdir()?.join("bin/ghc-iserv"), libdir()?.join("ghc-prim-0.7.0/HSghc-prim-0.7.0.o"));
        if !server.exists() || !ghc_prim.exists() {
            return None;
        }
        // The server is told the descriptors to write to and to read from.
        let mut child =
            Command::new(server).args(["1", "0"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let pipes = Pipes { to: child.stdin.take().unwrap(), from: BufReader::new(child.stdout.take().unwrap()) };
        let server = GhcIserv { child, pipes: RefCell::new(pipes) };
        let mut pipes = server.pipes.borrow_mut();
        pipes.send(1, &[]).unwrap();
        pipes.send(6, &string(ghc_prim.to_str()?)).unwrap();
        pipes.send(10, &[]).unwrap();
        assert_eq!(pipes.byte().unwrap(), 1, "ghc-prim links");
        drop(pipes);
        Some(server)
    }
}

impl Drop for GhcIserv {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn int(n: u64) -> [u8; 8] {
    n.to_be_bytes()
}

fn bytes(b: &[u8]) -> Vec<u8> {
    [&int(b.len() as u64)[..], b].concat()
}

/// An ASCII string.
fn string(s: &str) -> Vec<u8> {
    bytes(s.as_bytes())
}

impl Pipes {
    fn send(&mut self, tag: u8, body: &[u8]) -> io::Result<()> {
        self.to.write_all(&[tag])?;
        self.to.write_all(body)?;
        self.to.flush()
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut b = [0];
        self.from.read_exact(&mut b)?;
        Ok(b[0])
    }

    fn u32(&mut self) -> io::Result<u32> {
        let mut b = [0; 4];
        self.from.read_exact(&mut b)?;
        Ok(u32::from_be_bytes(b))
    }

    fn int(&mut self) -> io::Result<u64> {
        let mut b = [0; 8];
        self.from.read_exact(&mut b)?;
        Ok(u64::from_be_bytes(b))
    }

    fn ints(&mut self) -> io::Result<Vec<u64>> {
        (0..self.int()?).map(|_| self.int()).collect()
    }

    fn string(&mut self) -> io::Result<String> {
        let mut s = vec![0; self.int()? as usize];
        self.from.read_exact(&mut s)?;
        Ok(String::from_utf8(s).expect("ASCII"))
    }

    fn info_table(&mut self) -> io::Result<()> {
        assert_eq!(self.byte()?, 0, "no entry pointer");
        self.u32()?;
        self.u32()?;
        self.byte()?;
        self.u32()?;
        assert_eq!(self.byte()?, 0, "no code");
        Ok(())
    }
}

impl Target for GhcIserv {
    type Ref = u64;
    type Error = io::Error;

    fn lookup_symbol(&self, symbol: &str) -> io::Result<Option<u64>> {
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(2, &string(symbol))?;
        Ok(if pipes.byte()? == 1 { Some(pipes.int()?) } else { None })
    }

    fn mk_con_info_table(&self, ptrs: u32, nptrs: u32, tag: u32, ptr_tag: u32, desc: &str) -> io::Result<u64> {
        let numbers = [ptrs, nptrs, tag, ptr_tag].map(|n| int(n as u64)).concat();
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(18, &[&[1], &numbers[..], &string(desc)].concat())?;
        pipes.int()
    }

    fn malloc_strings(&self, strings: &[&[u8]]) -> io::Result<Vec<u64>> {
        let mut body = int(strings.len() as u64).to_vec();
        body.extend(strings.iter().flat_map(|s| bytes(s)));
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(15, &body)?;
        pipes.ints()
    }

    fn create_bcos(&self, bcos: &[ResolvedBco]) -> io::Result<Vec<u64>> {
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(12, &[&int(1)[..], &bytes(&encode_chunk(bcos))].concat())?;
        pipes.ints()
    }
}

impl Inspect for GhcIserv {
    type Ref = u64;
    type Error = io::Error;

    fn seq(&self, value: &u64) -> io::Result<Outcome> {
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(36, &int(*value))?;
        assert_eq!(pipes.byte()?, 0, "EvalComplete");
        pipes.int()?;
        if pipes.byte()? == 1 {
            return Ok(Outcome::Value);
        }
        Ok(Outcome::Exception(match pipes.byte()? {
            2 => pipes.string()?,
            other => format!("serialized exception {other}"),
        }))
    }

    fn get_closure(&self, value: &u64) -> io::Result<Object<u64>> {
        let mut pipes = self.pipes.borrow_mut();
        pipes.send(35, &int(*value))?;
        let tag = pipes.byte()?;
        pipes.info_table()?;
        Ok(match tag {
            0 => {
                let (ptrs, words) = (pipes.ints()?, pipes.ints()?);
                let (package, module, name) = (pipes.string()?, pipes.string()?, pipes.string()?);
                Object::Con { description: format!("{package}:{module}.{name}"), ptrs, words }
            }
            1 => {
                pipes.ints()?;
                pipes.ints()?;
                Object::Function
            }
            4 => {
                pipes.u32()?;
                pipes.u32()?;
                pipes.int()?;
                pipes.ints()?;
                Object::Function
            }
            7 | 9 => Object::Indirection(pipes.int()?),
            8 => {
                for _ in 0..3 {
                    pipes.int()?;
                }
                pipes.u32()?;
                pipes.u32()?;
                pipes.ints()?;
                Object::Function
            }
            10 => {
                pipes.int()?;
                pipes.ints()?;
                Object::Other("ByteArray#".into())
            }
            11 => {
                pipes.int()?;
                pipes.int()?;
                pipes.ints()?;
                Object::Other("Array#".into())
            }
            15 => {
                pipes.int()?;
                Object::Other("MutVar#".into())
            }
            other => return Err(io::Error::other(format!("GenClosure {other}"))),
        })
    }
}
