//! The types that occur in messages: handles, evaluation, foreign calls, exceptions.
//!
//! Constructors and fields have their names from `GHCi/Message.hs` and `GHCi/RemoteTypes.hs`.

use serde::{Deserialize, Serialize};

use super::binary::{Binary, Decoder, Encoder, Handle};
use super::declare::{wire_struct, wire_sum};
use super::error::DecodeError;
use super::text::HsString;
use super::version::GhcVersion;

/// Declares newtypes over a 64-bit handle.
macro_rules! handles {
    ($( $(#[$meta:meta])* $name:ident: $kind:ident; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl Binary for $name {
            fn put(&self, e: &mut Encoder) {
                self.0.put(e);
            }

            fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                u64::get(d).map($name)
            }

            fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
                visit(Handle::$kind(&mut self.0));
            }
        }

        #[cfg(test)]
        impl super::sample::Sample for $name {
            fn sample(g: &mut super::sample::Gen<'_>) -> Self {
                $name(u64::sample(g))
            }
        }
    )+};
}

handles! {
    /// `HValueRef`: a stable reference to any heap object of the server.
    HValueRef: Ref;
    /// `RemoteRef (ResumeContext a)`: a thread stopped at a breakpoint.
    ResumeContextRef: Ref;
    /// `RemoteRef BreakArray`: the flags of a module's breakpoints.
    BreakArrayRef: Ref;
    /// `RemoteRef (IORef QState)`: what the splices of a module share.
    QStateRef: Ref;
    /// `RemoteRef (TH.Q ())`: an action to run when the module is done.
    QActionRef: Ref;
    /// `RemotePtr`: an address in the server, never moved; 0 is null.
    RemotePtr: Ptr;
}

wire_struct! {
    /// `GHC.Fingerprint.Fingerprint`.
    Fingerprint {
        /// First half.
        high: u64,
        /// Second half.
        low: u64,
    }
}

wire_struct! {
    /// How to run a statement.
    EvalOpts {
        /// In a fresh thread, which ^C and the debugger can reach.
        use_sandbox_thread: bool,
        /// Stop at every breakpoint location.
        single_step: bool,
        /// Stop when any exception is thrown.
        break_on_exception: bool,
        /// Stop when an exception is not caught.
        break_on_error: bool,
    }
}

wire_sum! {
    /// What to evaluate.
    // Through `Binary` into serde's formats, too, because its decoder limits the depth.
    #[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
    EvalExpr {
        /// The referenced object itself.
        EvalThis = 0 (value: HValueRef),
        /// A function applied to an argument.
        EvalApp = 1 (function: Box<EvalExpr>, argument: Box<EvalExpr>),
    }
}

impl From<EvalExpr> for Vec<u8> {
    fn from(expr: EvalExpr) -> Vec<u8> {
        // Every version has both constructors.
        super::binary::encode(&expr, GhcVersion::default()).unwrap_or_default()
    }
}

impl TryFrom<Vec<u8>> for EvalExpr {
    type Error = DecodeError;

    fn try_from(bytes: Vec<u8>) -> Result<EvalExpr, DecodeError> {
        super::binary::decode_all(&bytes, GhcVersion::default())
    }
}

wire_sum! {
    /// Where an evaluation has got to. (`EvalStatus_ a b`; `b` never travels.)
    EvalStatus<A> {
        /// It is over.
        EvalComplete = 0 {
            /// Bytes the thread allocated.
            allocated: u64,
            /// How it ended.
            result: EvalResult<A>,
        },
        /// Its thread is parked.
        EvalBreak = 1 {
            /// At an exception, not at a breakpoint.
            is_exception: bool,
            /// The `AP_STACK` of the interrupted code, or the exception.
            closure: HValueRef,
            /// Which breakpoint of the module.
            index: i64,
            /// Which module.
            module_unique: i64,
            /// For `ResumeStmt`, `ResumeSeq`, `AbandonStmt`.
            resume: ResumeContextRef,
            /// Cost-centre stack; null unless profiling.
            ccs: RemotePtr,
        },
    }
}

wire_sum! {
    /// How an evaluation ended.
    EvalResult<A> {
        /// By an exception.
        EvalException = 0 (exception: SerializableException),
        /// With a value.
        EvalSuccess = 1 (value: A),
    }
}

wire_sum! {
    /// An exception, as far as it can travel.
    SerializableException {
        /// `UserInterrupt`.
        EUserInterrupt = 0,
        /// `ExitCode`.
        EExitCode = 1 (code: ExitCode),
        /// Any other, shown.
        EOtherException = 2 (text: HsString),
    }
}

wire_sum! {
    /// `System.Exit.ExitCode`.
    ExitCode {
        /// Zero.
        ExitSuccess = 0,
        /// Something else.
        ExitFailure = 1 (code: i64),
    }
}

wire_sum! {
    /// Calling convention of a foreign call.
    FFIConv {
        /// `ccall`.
        FFICCall = 0,
        /// `stdcall`.
        FFIStdCall = 1,
    }
}

wire_sum! {
    /// Type of an argument or result of a foreign call.
    FFIType {
        /// No result.
        FFIVoid = 0,
        /// An address.
        FFIPointer = 1,
        /// C `float`.
        FFIFloat = 2,
        /// C `double`.
        FFIDouble = 3,
        /// `int8_t`.
        FFISInt8 = 4,
        /// `int16_t`.
        FFISInt16 = 5,
        /// `int32_t`.
        FFISInt32 = 6,
        /// `int64_t`.
        FFISInt64 = 7,
        /// `uint8_t`.
        FFIUInt8 = 8,
        /// `uint16_t`.
        FFIUInt16 = 9,
        /// `uint32_t`.
        FFIUInt32 = 10,
        /// `uint64_t`.
        FFIUInt64 = 11,
    }
}

wire_sum! {
    /// How a Template Haskell action ended.
    QResult<A> {
        /// With a value.
        QDone = 0 (value: A),
        /// By an exception that is no failure of `Q`.
        QException = 1 (text: HsString),
        /// By a failure of `Q`.
        QFail = 2 (text: HsString),
    }
}

wire_sum! {
    /// GHC's answer to a [`ThMessage`](super::ThMessage).
    THResult<A> {
        /// It refused; the action fails with this text.
        THException = 0 (text: HsString),
        /// It did it.
        THComplete = 1 (value: A),
    }
}

wire_sum! {
    /// What a splice makes.
    THResultType {
        /// An expression.
        THExp = 0,
        /// A pattern.
        THPat = 1,
        /// A type.
        THType = 2,
        /// A list of declarations.
        THDec = 3,
        /// The value of an annotation.
        THAnnWrapper = 4,
    }
}

wire_struct! {
    /// `Language.Haskell.TH.Loc`: where a splice stands.
    Loc {
        /// File name.
        file: HsString,
        /// Package.
        package: HsString,
        /// Module.
        module: HsString,
        /// Line and column of the beginning.
        start: (i64, i64),
        /// Line and column of the end.
        end: (i64, i64),
    }
}

wire_sum! {
    /// Language of a foreign file that a splice adds.
    ForeignSrcLang {
        /// C.
        LangC = 0,
        /// C++.
        LangCxx = 1,
        /// Objective C.
        LangObjc = 2,
        /// Objective C++.
        LangObjcxx = 3,
        /// Assembly.
        LangAsm = 4,
        /// An object file.
        RawObject = 5,
    }
}

/// A language extension, by its number in the version's `GHC.LanguageExtensions.Type.Extension`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Extension(u8);

impl Extension {
    /// How many there are: one number per version.
    const COUNTS: [u8; GhcVersion::COUNT] = [122];

    /// The extension's number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Binary for Extension {
    fn put(&self, e: &mut Encoder) {
        e.raw(&[self.0]);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let offset = d.offset();
        match d.byte()? {
            n if n < Self::COUNTS[d.version().column()] => Ok(Extension(n)),
            n => Err(d.invalid(offset, "Extension", super::error::Problem::Tag(n))),
        }
    }
}

#[cfg(test)]
impl super::sample::Sample for Extension {
    fn sample(g: &mut super::sample::Gen<'_>) -> Self {
        Extension(u8::sample(g) % Self::COUNTS[0])
    }
}
