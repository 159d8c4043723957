//! From a call's number and words to the method of [`Os`] that its row of the table names.

use bcvm::abi::system::{ARGS, System};

use super::memory::{Answer, Args, Memory};
use super::state::Os;

impl Os {
    /// Carries out a call: what it answers, or `-errno`. A number that is no call's is ENOSYS.
    pub fn system(&mut self, memory: &dyn Memory, call: u32, args: [u64; ARGS]) -> i64 {
        self.is_quiet = false;
        self.follow_splices();
        let answer = match System::from_number(call) {
            Some(call) => {
                if matches!(call, System::Read | System::Write | System::Poll | System::Nanosleep | System::Readdir) {
                    self.before_waiting(memory);
                }
                let mut args = Args::new(args, memory);
                self.record.begin_call();
                let answer = self.dispatch(call, &mut args);
                let (args, noted) = args.into_parts();
                self.record.call(call, &noted, args[0], &answer);
                tracing::trace!(target: "bcvm::system", "{}{args:x?} = {answer:?}", call.name());
                answer
            }
            None => Err(rustix::io::Errno::NOSYS),
        };
        answer.unwrap_or_else(|error| -i64::from(error.raw_os_error()))
    }
}

/// Makes `dispatch` from the rows: a row without its method, or with other arguments, does not compile.
macro_rules! define {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:ident($($arg:ident: $kind:ident),*);)*) => {
        impl Os {
            fn dispatch(&mut self, call: System, args: &mut Args<'_>) -> Answer {
                match call {
                    $(System::$variant => {
                        $(let $arg = args.$kind()?;)*
                        self.$name($($arg),*)
                    })*
                }
            }
        }
    };
}
bcvm::for_each_system!(define);
