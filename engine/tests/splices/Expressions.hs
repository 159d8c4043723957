-- Expressions: every constructor of Exp, Lit, Guard, Stmt and Range that GHC 9.0 accepts in a splice.
{-# LANGUAGE TemplateHaskell, MagicHash, UnboxedTuples, UnboxedSums, LambdaCase, MultiWayIf, TupleSections #-}
{-# LANGUAGE TypeApplications, ScopedTypeVariables, OverloadedLabels, ImplicitParams, RecursiveDo, ParallelListComp #-}
{-# LANGUAGE StaticPointers, DataKinds, FlexibleInstances, MultiParamTypeClasses #-}
module Expressions where

import Data.Char (toUpper)
import GHC.Exts (Addr#, Char#, Double#, Float#, Int#, Int (I#), Word#, unpackCString#)
import GHC.OverloadedLabels (IsLabel (..))
import GHC.StaticPtr (StaticPtr)
import Foreign (newForeignPtr_, nullPtr)
import Language.Haskell.TH

-- case: integer and rational literals
integers :: [Integer]
integers = $(listE (map (litE . integerL) [0, -1, 2 ^ (31 :: Int), -(2 ^ (31 :: Int)) - 1, 2 ^ (64 :: Int), 10 ^ (40 :: Int)]))
rationals :: [Rational]
rationals = $(listE [litE (rationalL 0.5), litE (rationalL (-1 / 3)), litE (rationalL 1e-300)])

-- case: characters and strings
characters :: String
characters = $(listE [litE (charL c) | c <- "a\n\0\1234\x1F600'\"\\"])
strings :: [String]
strings = $(listE [stringE "", stringE "tab\tquote\"", stringE "Grüße \x4e16\x754c \x1F600", stringE "\SO\&H"])

-- case: primitive literals
primInt :: Int
primInt = I# $(litE (intPrimL (-42)))
primWord :: () -> Word#
primWord () = $(litE (wordPrimL 42))
primChar :: () -> Char#
primChar () = $(litE (charPrimL 'q'))
primFloat :: () -> Float#
primFloat () = $(litE (floatPrimL 1.25))
primDouble :: () -> Double#
primDouble () = $(litE (doublePrimL (-2.5)))
primString :: () -> String
primString () = unpackCString# $(litE (stringPrimL [104, 105, 255, 0]))

-- case: bytes from memory
bytes :: () -> Addr#
bytes () = $(do { p <- runIO (newForeignPtr_ nullPtr); litE (bytesPrimL (mkBytes p 0 0)) })

-- case: variables, constructors and applications
application :: String
application = $(appE (appE (varE 'map) (varE 'toUpper)) (infixE (Just (stringE "ab")) (varE '(++)) (Just (stringE "cd"))))
constructor :: Maybe (Either Int Bool)
constructor = $(conE 'Just `appE` (conE 'Right `appE` conE 'True))

-- case: sections and parentheses
sections :: [Int -> Int]
sections = $(listE [infixE (Just [| 10 |]) [| (-) |] Nothing, infixE Nothing [| (-) |] (Just [| 10 |]), infixE Nothing [| const |] Nothing `appE` [| 3 |]])
unresolved :: Int
unresolved = $(uInfixE (uInfixE [| 1 |] (varE '(+)) [| 2 |]) (varE '(*)) (parensE (uInfixE [| 3 |] (varE '(+)) [| 4 |])))

-- case: lambdas
lambda :: Int -> (Int, Int) -> Int
lambda = $(do { x <- newName "x"; y <- newName "y"; lamE [varP x, tupP [varP y, wildP]] [| $(varE x) + $(varE y) |] })
lambdaCase :: Maybe Int -> Int
lambdaCase = $(do { x <- newName "x"; lamCaseE [match (conP 'Just [varP x]) (normalB (varE x)) [], match wildP (normalB [| 0 |]) []] })

-- case: tuples, sections of tuples, unboxed tuples and sums
tuple :: (Int, Char, ())
tuple = $(tupE [[| 1 |], [| 'x' |], tupE []])
tupleSection :: Int -> (Int, Bool)
tupleSection = $(return (TupE [Nothing, Just (ConE 'True)]))
unboxedTuple :: Int -> (# Int, Int #)
unboxedTuple n = $(unboxedTupE [[| n |], [| n + 1 |]])
unboxedSum :: Int -> (# Int | Bool | Char #)
unboxedSum _ = $(unboxedSumE [| False |] 2 3)

-- case: conditionals
conditional :: Int -> String
conditional n = $(condE [| n > 0 |] [| "positive" |] [| "not" |])
multiway :: Int -> String
multiway n = $(multiIfE [normalGE [| n < 0 |] [| "minus" |], patGE [bindS [p| Just 3 |] [| Just n |]] [| "three" |], normalGE [| otherwise |] [| "other" |]])

-- case: let, where and guards
letE' :: Int
letE' = $(letE [valD (varP (mkName "a")) (normalB [| 3 |]) [], funD (mkName "f") [clause [varP (mkName "x")] (guardedB [normalGE (dyn "even" `appE` dyn "x") (dyn "a"), normalGE [| otherwise |] (dyn "b")]) [valD (varP (mkName "b")) (normalB [| 4 |]) []]]] [| $(dyn "f") 2 + $(dyn "f") (3 :: Int) |])

-- case: case expressions
caseE' :: Either Int [Int] -> Int
caseE' e = $(caseE [| e |] [match (conP 'Left [litP (integerL 0)]) (normalB [| -1 |]) [], match [p| Left _ |] (normalB [| 0 |]) [], match (conP 'Right [varP (mkName "xs")]) (guardedB [normalGE [| null $(dyn "xs") |] [| 1 |], normalGE [| True |] [| sum $(dyn "xs") |]]) []])

-- case: do blocks and their statements
doBlock :: IO Int
doBlock = $(doE [bindS (varP (mkName "x")) [| return 3 |], letS [valD (varP (mkName "y")) (normalB [| $(dyn "x") + 1 |]) []], noBindS [| return () |], noBindS [| return ($(dyn "x") * $(dyn "y")) |]])
recursiveDo :: Maybe [Int]
recursiveDo = $(mdoE [bindS (varP (mkName "xs")) [| Just (1 : take 2 $(dyn "xs")) |], noBindS [| return $(dyn "xs") |]])
recStatement :: Maybe Int
recStatement = $(doE [recS [bindS (varP (mkName "ys")) [| Just (2 : take 1 $(dyn "ys")) |]], noBindS [| Just (sum $(dyn "ys")) |]])

-- case: comprehensions and sequences
comprehension :: [(Int, Char)]
comprehension = $(compE [bindS (varP (mkName "n")) [| [1, 2, 3] |], noBindS [| odd $(dyn "n") |], bindS (varP (mkName "c")) [| "ab" |], noBindS (tupE [dyn "n", dyn "c"])])
parallel :: [(Int, Int)]
parallel = $(compE [parS [[bindS (varP (mkName "p")) [| [1, 2] |]], [bindS (varP (mkName "q")) [| [3, 4] |]]], noBindS (tupE [dyn "p", dyn "q"])])
sequences :: [[Int]]
sequences = $(listE [arithSeqE (fromToR [| 1 |] [| 3 |]), arithSeqE (fromThenToR [| 1 |] [| 3 |] [| 9 |]), [| take 2 $(arithSeqE (fromR [| 7 |])) |], [| take 2 $(arithSeqE (fromThenR [| 7 |] [| 9 |])) |]])

-- case: signatures and type applications
signature :: Integer
signature = $(sigE [| 3 |] (conT ''Integer)) + $(appTypeE (varE 'read) (conT ''Integer)) "4"

-- case: records
data Point = Point { px :: Int, py :: Int } deriving (Show)
record :: Point
record = $(recUpdE (recConE 'Point [return ('px, LitE (IntegerL 1)), return ('py, LitE (IntegerL 2))]) [return ('py, LitE (IntegerL 5))])

-- case: static pointers, labels and implicit parameters
static' :: StaticPtr (Bool -> Bool)
static' = $(staticE (varE 'not))
newtype Label = Label String deriving (Show)
instance IsLabel "here" Label where fromLabel = Label "here"
label :: Label
label = $(labelE "here")
implicit :: Int
implicit = $(return (LetE [ImplicitParamBindD "size" (LitE (IntegerL 3))] (InfixE (Just (ImplicitParamVarE "size")) (VarE '(+)) (Just (LitE (IntegerL 1))))))

-- case: names that are looked up where they are spliced
unbound :: Int
unbound = $(return (AppE (VarE (mkName "negate")) (UnboundVarE (mkName "seven"))))
seven :: Int
seven = 7
qualified :: Int
qualified = $(return (VarE (mkName "Expressions.seven")))
