//! What would kill GHC's own server, and the GHCi session with it: here each ends one statement, and the next one is
//! evaluated. So it is with every limit.

mod escape_common;

use escape_common::{Place, wire};

/// A fault: a statement, and what GHCi says of it.
type Fault = (&'static str, &'static str, &'static str);

const CRASHED: &str = "the sandboxed program crashed: ";

const FAULTS: &[Fault] = &[
    ("a null pointer", "peek (nullPtr :: Ptr Int)", "the program accessed a null pointer"),
    ("a null pointer written", "poke (nullPtr `plusPtr` 8) (1 :: Int)", "the program accessed a null pointer"),
    ("memory never committed", "peek (nullPtr `plusPtr` 0x7fff0000 :: Ptr Int)", CRASHED),
    ("an address of more than 32 bits", "peek (nullPtr `plusPtr` 0x7fff12345678 :: Ptr Int)", CRASHED),
    ("the top of memory", "peek (nullPtr `plusPtr` (-8) :: Ptr Int)", CRASHED),
    ("a number as a function", "(unsafeCoerce (12345 :: Int) :: Int -> Int) 3", ""),
    ("a number as a list", "length (unsafeCoerce (12345 :: Int) :: [Int])", ""),
    ("a function as a number", "(unsafeCoerce (+ (1 :: Int)) :: Int) + 1", ""),
    ("a wild function pointer", "callAt (castPtrToFunPtr (nullPtr `plusPtr` 0x12345))", CRASHED),
    ("a null function pointer", "callAt nullFunPtr", CRASHED),
    ("a division that nobody checks", "I# (quotInt# 1# 0#)", ""),
    ("an overflow that nobody checks", "I# (quotInt# -9223372036854775808# -1#)", ""),
    ("a stable pointer that is none", "deRefStablePtr (castPtrToStablePtr (nullPtr `plusPtr` 0x7777)) :: IO Int", ""),
    ("memory freed twice", "(mallocBytes 16 :: IO (Ptr Int)) >>= \\p -> free p >> free p", ""),
    ("an address freed that was never given", "free (nullPtr `plusPtr` 0x123456)", ""),
    (
        "writing before and behind a buffer",
        "allocaBytes 8 (\\p -> pokeByteOff p 100000 (1 :: Int) >> pokeByteOff p (-100) (1 :: Int))",
        "",
    ),
    ("an array index out of bounds", "print (I# (indexIntArray# (arr 1#) 100000000#))", ""),
    ("a wild function pointer in compiled code", "jump (castPtrToFunPtr (nullPtr `plusPtr` 0x12345))", CRASHED),
    ("a null function pointer in compiled code", "jump nullFunPtr", CRASHED),
    ("a function pointer that is data", "jump (castPtrToFunPtr (nullPtr `plusPtr` 0x200010))", CRASHED),
    ("a function pointer into the heap", "jump (castPtrToFunPtr (nullPtr `plusPtr` 0x80000100))", CRASHED),
    ("a division in C that nobody checks", "cdivide 1 0", CRASHED),
    ("an endless loop in C without accesses", "cspin", "its time was up"),
    ("endless recursion in C", "cdeep 1", CRASHED),
    ("a null pointer in C", "cstore nullPtr 1", CRASHED),
    ("abort", "cabort", "the program called abort"),
    ("exit in C", "cexit 3", "the program exited with status 3"),
    ("exit in Haskell", "System.Exit.exitWith (System.Exit.ExitFailure 3)", "ExitFailure 3"),
    ("division by zero", "1 `div` (0 :: Int)", "divide by zero"),
    ("overflow", "minBound `div` (-1 :: Int)", "arithmetic overflow"),
    ("endless recursion", "foldr (+) 0 [1 :: Integer ..]", "stack overflow"),
    ("endless data", "length (let xs = [1 :: Int ..] in last xs : xs)", "its time was up"),
    ("an endless loop", "let f x = x `seq` f (x + 1) :: Int in f 0", "its time was up"),
    (
        "a loop that handles every exception",
        "let g = catch (evaluate (let f x = x `seq` f (x + 1) :: Int in f 0)) (\\e -> let _ = e :: SomeException in g) in g",
        "its time was up",
    ),
    ("a loop that writes", "let h n = System.IO.putStr \"y\" >> h n in h ()", "it wrote more than it may"),
    ("waiting for ever", "newEmptyMVar >>= takeMVar :: IO ()", "thread blocked indefinitely"),
    ("sleeping for ever", "threadDelay maxBound", "its time was up"),
    ("a huge array", "newArr 0x7fffffffffff#", ""),
    ("a huge block", "(mallocBytes 0x7fffffffffff :: IO (Ptr Int)) >>= print", ""),
    ("a data structure that does not fit", "foldr seq () (let xs = [1 .. 10000000 :: Int] in xs ++ reverse xs)", ""),
];

/// Byte code.
const CALLS: &str = "\
module Calls where
import Foreign
import Foreign.C
foreign import ccall \"abort\" cabort :: IO ()
foreign import ccall \"exit\" cexit :: CInt -> IO ()
foreign import ccall \"dynamic\" callAt :: FunPtr (IO ()) -> IO ()
";

/// C, which becomes a part of an object file.
const C: &str = "\
#pragma once
static int divide(int a, int b) { return a / b; }
static void spin(void) { for (;;) ; }
static int deep(int n) { volatile int a[100]; a[n % 100] = n; return deep(n + 1) + a[0]; }
static void store(int *p, int v) { *p = v; }
";

/// Compiled code, because of its unboxed tuples.
const ARRAYS: &str = "\
{-# LANGUAGE CApiFFI, MagicHash, UnboxedTuples #-}
module Arrays where
import Foreign
import Foreign.C
import GHC.Exts
import GHC.IO (IO(..))
arr :: Int# -> ByteArray#
arr n = case runRW# (\\s -> case newByteArray# n s of (# s1, m #) -> unsafeFreezeByteArray# m s1) of (# _, a #) -> a
foreign import capi \"faults.h divide\" cdivide :: CInt -> CInt -> IO CInt
foreign import capi \"faults.h spin\" cspin :: IO ()
foreign import capi \"faults.h deep\" cdeep :: CInt -> IO CInt
foreign import capi \"faults.h store\" cstore :: Ptr CInt -> CInt -> IO ()
foreign import ccall \"dynamic\" jump :: FunPtr (IO ()) -> IO ()
newArr :: Int# -> IO ()
newArr n = IO (\\s -> case newArray# n () s of (# s1, _ #) -> (# s1, () #))
";

const PRELUDE: &str = "\
:set -XMagicHash
:load Calls.hs Arrays.hs
:module + Calls Arrays
import Foreign
import Foreign.C
import GHC.Exts
import Unsafe.Coerce
import Control.Exception
import Control.Concurrent
import qualified System.IO
import qualified System.Exit
let kept = sum [1 .. 100 :: Int]
";

#[test]
fn sessions_survive() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    std::fs::write(place.work().join("Calls.hs"), CALLS).unwrap();
    std::fs::write(place.work().join("faults.h"), C).unwrap();
    std::fs::write(place.work().join("Arrays.hs"), ARRAYS).unwrap();
    // One session for all: so it is seen as well that faults do not add up.
    let mut script = PRELUDE.to_owned();
    for (i, (_, statement, _)) in FAULTS.iter().enumerate() {
        script.push_str(&format!("{statement}\nkept + {i} + 100000\nputStrLn \"<{i}>\"\n"));
    }
    let said = place.ghci(&script, &["--timeout=1s", "--limit-memory=64M", "--limit-stack=1M", "--limit-output=16K"]);
    for (i, (name, statement, says)) in FAULTS.iter().enumerate() {
        // GHCi keeps values of a session whose machine was not lost.
        let part = said.before_mark(i);
        let next = format!("{}\n", 5050 + i + 100_000);
        assert!(part.ends_with(&next), "{name} ({statement}): the session did not go on\n{}", said.text);
        assert!(part.contains(says), "{name} ({statement})\n{part}");
    }
    place.check_untouched();
}
