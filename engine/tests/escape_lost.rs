//! Programs that damage the machine they run in: GHC's session goes on in a new one, with all that GHC has loaded.

mod escape_common;

use escape_common::{Place, wire};

/// Everything that GHC holds by address or reference: constructors, strings, call interfaces, top-level values, static
/// pointers.
const MODULE: &str = r#"{-# LANGUAGE StaticPointers #-}
module Loaded where
import Data.IORef
import Foreign
import Foreign.C
import GHC.StaticPtr
import System.IO.Unsafe

data Tree = Leaf | Node Tree Int Tree deriving (Show, Eq)

insert :: Int -> Tree -> Tree
insert x Leaf = Node Leaf x Leaf
insert x t@(Node l y r) = case compare x y of { LT -> Node (insert x l) y r; GT -> Node l y (insert x r); EQ -> t }

names :: [(String, Int)]
names = [("one", 1), ("two", 2)]

foreign import ccall "math.h sqrt" csqrt :: Double -> Double
foreign import ccall "memset" fill :: Ptr a -> CInt -> CSize -> IO (Ptr a)
foreign import ccall "dynamic" call :: FunPtr (Ptr a -> Ptr a -> IO ()) -> Ptr a -> Ptr a -> IO ()

pointed :: StaticPtr (Int -> Int)
pointed = static (* 3)

counter :: IORef Int
counter = unsafePerformIO (newIORef 100)
{-# NOINLINE counter #-}
"#;

/// Shows all of it.
const CHECK: &str = "\
print (insert 2 Leaf, lookup \"two\" names, csqrt 81)
print (fmap (map staticKey) [[pointed]])
unsafeLookupStaticPtr (staticKey pointed) >>= maybe (putStrLn \"gone\") (\\p -> print (deRefStaticPtr p (14 :: Int) :: Int))
modifyIORef counter (+ 1) >> readIORef counter
mapM System.IO.hGetBuffering [System.IO.stdin, System.IO.stdout]
";

/// Ways to damage a machine.
const DAMAGE: &[(&str, &str)] = &[
    ("the runtime's data", "fill (nullPtr `plusPtr` 0x200000) 255 0x80000"),
    ("the runtime's data, zeroed", "fill (nullPtr `plusPtr` 0x200000) 0 0x80000"),
    ("the heap", "fill (nullPtr `plusPtr` 0x80000000) 255 0x40000"),
    ("the heap, a little", "fill (nullPtr `plusPtr` 0x80002000) 0x41 0x2000 >> System.Mem.performGC"),
    ("closures of the runtime", "fill (nullPtr `plusPtr` 0x118000) 255 0x4000 >> print (map (+ 1) [1 .. 10])"),
    ("the stack of the machine", "fill (nullPtr `plusPtr` 0x80000) 255 0x80000"),
    ("info tables of packages", "fill (nullPtr `plusPtr` 0x20000000) 255 0x400000 >> print (words \"a b\")"),
    ("the C stack and what lies above", "smash 40000"),
    ("malloc's memory", "smash 2000000"),
    ("an info pointer that is null", "let xs = [1 .. 5 :: Int] in poke (address xs) 0 >> print (length xs)"),
    ("an info pointer to nowhere", "let xs = [1 .. 5 :: Int] in poke (address xs) 0x41414141 >> print (length xs)"),
    (
        "an info pointer to data, which the collector meets",
        "let xs = [1 .. 5 :: Int] in poke (address xs) 0x80000100 >> System.Mem.performGC >> print (length xs)",
    ),
    (
        "a closure that is larger than the heap",
        "let a = replicate 9 'x' in poke (address a) 0x118000 >> System.Mem.performGC",
    ),
    ("the flag that the runtime is at work", "fill (nullPtr `plusPtr` 0x100f00) 1 4 >> peek (nullPtr :: Ptr Int)"),
    (
        "functions of the runtime",
        "mapM_ (\\i -> call (castPtrToFunPtr (nullPtr `plusPtr` (0x1d0000 + 16 * i))) (nullPtr `plusPtr` 77) (nullPtr `plusPtr` 88)) [0 .. 400]",
    ),
];

/// Compiled code, for only that sees the address of a value.
const ADDRESSES: &str = "\
{-# LANGUAGE BangPatterns, CApiFFI, MagicHash, UnboxedTuples #-}
module Addresses where
import Foreign
import Foreign.C
import GHC.Exts
address :: a -> Ptr Word
address x = case x of !y -> Ptr (int2Addr# (word2Int# (unsafeCoerce# y :: Word#) `andI#` -8#))
foreign import capi \"smash.h smash\" smash :: CLong -> IO ()
";

/// C, which becomes a part of an object file.
const C: &str = "\
#pragma once
static void smash(long n) { volatile char a[8]; for (long i = 0; i < n; i++) a[i] = 0x41; }
";

const PRELUDE: &str = "\
:load Loaded.hs Addresses.hs
:module + Loaded Addresses
import Foreign
import Foreign.C
import Data.IORef
import GHC.StaticPtr
import qualified System.IO
import qualified System.Mem
let older = 17 + 4
";

#[test]
fn sessions_go_on_in_a_new_machine() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    std::fs::write(place.work().join("Loaded.hs"), MODULE).unwrap();
    std::fs::write(place.work().join("Addresses.hs"), ADDRESSES).unwrap();
    std::fs::write(place.work().join("smash.h"), C).unwrap();
    let mut script = format!("{PRELUDE}{CHECK}putStrLn \"<0>\"\n");
    for (i, (_, damage)) in DAMAGE.iter().enumerate() {
        // What the damaged machine makes of a few statements does not matter: in the end there is a new one, or it has
        // recovered.
        script.push_str(&format!("{damage}\nlength (show [1 .. 5000])\nSystem.Mem.performGC\n"));
        script.push_str(&format!("putStrLn \"<{}>\"\n{i} + 1000\n{CHECK}putStrLn \"<{}>\"\n", 2 * i + 1, 2 * i + 2));
    }
    script.push_str("older\nlet newer = 5\nnewer\n:reload\ninsert 9 Leaf\n");
    let said = place.ghci(&script, &["--timeout=2s", "--limit-memory=64M"]);
    let whole = said.before_mark(0).to_owned();
    assert!(whole.contains("(Node Leaf 2 Leaf,Just 2,9.0)\n") && whole.contains("\n42\n101\n"), "{}", said.text);
    let mut lost = 0;
    for (i, (name, _)) in DAMAGE.iter().enumerate() {
        let (during, after) = (said.before_mark(2 * i + 1), said.before_mark(2 * i + 2));
        lost += usize::from(during.contains("machine was begun anew"));
        assert!(after.starts_with(&format!("{}\n", i + 1000)), "{name}: no next statement\n{}", said.text);
        // But for the counter, which counts on if only the evaluation was lost.
        let of = |text: &str| text.lines().filter(|line| line.parse::<u32>().is_err()).map(str::to_owned).collect();
        let (before, after): (Vec<String>, Vec<String>) = (of(&whole), of(after));
        assert_eq!(before, after, "{name}\n{}", said.text);
    }
    assert!(lost >= 3, "{lost} cost the machine: the others trapped at constants, or at once\n{}", said.text);
    let end = said.before_mark(2 * DAMAGE.len() + 1);
    assert!(end.contains("this value is gone"), "{}", said.text);
    assert!(end.ends_with("5\nNode Leaf 9 Leaf\n"), "{}", said.text);
    place.check_untouched();
}
