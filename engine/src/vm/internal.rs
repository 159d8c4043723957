//! The machine in an arena of this process, for tests and comparison.
//!
//! Every access is bounds-checked and a wild one ends the evaluation, but there is no second wall: only the sandbox
//! is meant for code that is not trusted. It cannot run compiled code.

use super::{Interrupt, NotInstalled, Vm, VmError};
use crate::embed::Linked;
use bcvm::abi::host::FdWait;
use bcvm::abi::request::{Reply, Request};
use bcvm::abi::stop;
use bcvm::mem::StopFlag;
use bcvm::{Config, Host, Machine, Mem};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A machine in an arena.
pub struct Internal {
    machine: Machine,
    config: Config,
    end: u32,
    interrupter: Arc<Interrupter>,
}

impl Internal {
    /// A machine set up as `config` says; its address ranges are chosen here.
    pub fn new(config: &Config) -> Internal {
        let (ranges, end) = Config::internal(config.heap_limit);
        let config = Config { statics: ranges.statics, heap: ranges.heap, ..config.clone() };
        let mem = Mem::arena(end);
        let interrupter = Arc::new(Interrupter(Mutex::new(Running { flag: mem.stop_flag(), runs: false })));
        Internal { machine: new_machine(mem, &config), config, end, interrupter }
    }

    fn set_running(&self, runs: bool) {
        self.interrupter.0.lock().unwrap_or_else(PoisonError::into_inner).runs = runs;
    }

    /// Carries out a request while another thread waits for its time to be up.
    fn with_timeout(&mut self, request: Request<'_>, timeout: Duration) -> Reply {
        let flag = self.machine.mem.stop_flag();
        thread::scope(|scope| {
            let (done, is_done) = mpsc::channel::<()>();
            scope.spawn(move || {
                if is_done.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                    flag.set(stop::DEADLINE);
                }
            });
            let reply = self.machine.serve(request);
            drop(done);
            reply
        })
    }
}

fn new_machine(mem: Mem, config: &Config) -> Machine {
    let here = Here { began: Instant::now(), flag: mem.stop_flag() };
    Machine::new(mem, Box::new(here), config.clone())
}

impl Vm for Internal {
    fn request(&mut self, request: &Request<'_>, timeout: Option<Duration>) -> Result<Reply, VmError> {
        // A request to stop that came too late for the last evaluation is not meant for this one.
        self.machine.mem.clear_stop();
        self.set_running(true);
        let reply = match timeout {
            Some(t) if matches!(request, Request::Eval(..)) => self.with_timeout(request.clone(), t),
            _ => self.machine.serve(request.clone()),
        };
        self.set_running(false);
        if self.machine.heap_is_corrupt {
            let mem = Mem::arena(self.end);
            let flag = mem.stop_flag();
            self.machine = new_machine(mem, &self.config);
            self.interrupter.0.lock().unwrap_or_else(PoisonError::into_inner).flag = flag;
            return Err(VmError::Lost("the program has overwritten the heap".into()));
        }
        Ok(reply)
    }

    fn install(&mut self, _: &[Linked], _: Option<Duration>) -> Result<(), NotInstalled> {
        let why = "packages' code is WebAssembly, which the machine in this process does not run";
        Err(NotInstalled { initialising: None, error: VmError::Failed(why.into()) })
    }

    fn bind(&mut self, _: Vec<(String, u64)>) -> Result<(), VmError> {
        Err(VmError::Failed("the machine in this process has no packages".into()))
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.interrupter.clone()
    }

    fn machine(&self) -> Option<&Machine> {
        Some(&self.machine)
    }
}

/// The flag of the machine, and whether it is at work.
struct Running {
    flag: StopFlag,
    runs: bool,
}

struct Interrupter(Mutex<Running>);

impl Interrupt for Interrupter {
    fn interrupt(&self) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.runs {
            running.flag.set(stop::USER_INTERRUPT);
        }
        running.runs
    }
}

/// The host of a machine in an arena: all of it is accessible from the start.
#[derive(Debug)]
struct Here {
    began: Instant,
    flag: StopFlag,
}

impl Host for Here {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }

    fn decommit(&mut self, _: u32, _: u32) {}

    fn now_ns(&mut self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn wait(&mut self, fds: &mut [FdWait], until: u64) {
        /// Between two looks at whether it is asked to stop.
        const STEP: Duration = Duration::from_millis(1);
        // There are no descriptors; whoever uses one is told so.
        fds.iter_mut().for_each(|fd| fd.ready = true);
        while fds.is_empty() && self.now_ns() < until && self.flag.get() == stop::NONE {
            thread::sleep(STEP.min(Duration::from_nanos(until - self.now_ns().min(until))));
        }
    }

    fn log(&mut self, line: &str) {
        tracing::debug!(target: "bcvm::guest", "{line}");
    }
}
