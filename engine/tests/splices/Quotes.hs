-- Quotes: nested quotes and splices, lifting, typed Template Haskell, names, printing.
{-# LANGUAGE TemplateHaskell, DeriveLift, ScopedTypeVariables, RankNTypes, TypeApplications #-}
module Quotes where

import Data.Char (toUpper)
import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import Helper

-- case: values of this stage in quotes
lifted :: [(Int, Maybe String, Either Bool Double)]
lifted = $(let n = 3 :: Int; text = Just "lifted" in [| [(n, text, Left True), (n + 1, Nothing, Right 2.5)] |])
liftedMore :: (Integer, Rational, Char, (), [Word])
liftedMore = $(lift (2 ^ (70 :: Int) :: Integer, 1.5 :: Rational, 'c', (), [1 :: Word, 2]))

-- case: derived Lift
shapes :: [Shape]
shapes = $(lift [Circle 1.5, Square { side = 2, label = Just "s" }, Group [Circle 0, Circle (-1)]])

-- case: splices in quotes
power5 :: Int -> Int
power5 = $(power 5)
nested :: Int
nested = $(do { e <- [| 1 + $(let go :: Int -> Q Exp; go 0 = [| 0 |]; go n = [| n * $(go (n - 1)) |] in go 3) |]; return e })

-- case: typed expressions
typedPower :: Int -> Int
typedPower x = $$(tpower 3 [|| x ||])
typedConst :: (Int, String)
typedConst = $$(liftTyped (5 :: Int, "five"))
untyped :: Int -> Int
untyped = $(unTypeCode typedSucc)
coerced :: Int
coerced = $$(unsafeCodeCoerce (litE (integerL 3)))

-- case: names in quotes
quotedNames :: [String]
quotedNames = $(listE (map (stringE . show) ['map, 'Just, ''Maybe, '(:), '[], ''[], '(), ''(,), ''(->), 'quotedNames, mkName "free", mkName "Some.where"]))
parts :: [(String, Maybe String, Maybe String)]
parts = $(lift [(nameBase n, nameModule n, namePackage n) | n <- ['map, ''Maybe, mkName "free", mkName "Some.where", 'parts]])

-- case: fresh names
fresh :: (Int, Int)
fresh = $(do { x <- newName "x"; y <- newName "x"; letE [valD (varP x) (normalB [| 1 |]) [], valD (varP y) (normalB [| 2 |]) []] (tupE [varE x, varE y]) })
distinct :: Bool
distinct = $(do { x <- newName "x"; y <- newName "x"; lift (x == y, nameBase x == nameBase y) }) == (False, True)
$(do { f <- newName "hidden"; concat <$> sequence [return <$> sigD f [t| Int |], return <$> valD (varP f) (normalB [| 3 |]) [], return <$> valD (varP (mkName "visible")) (normalB (varE f)) []] })
shadow :: Int -> Int
shadow x = $([| \y -> let z = x in z + $(dyn "x") + y |]) x

-- case: pretty printing
printed :: [String]
printed = $(do
    e <- [| \x -> case x of { Just (y : _) | y > (0 :: Int) -> [y ..]; _ -> map (\z -> z * 2) [1, 3 .. 9] } |]
    d <- [d| data P = P { f :: !Int, g :: [Bool] } deriving (Show); h :: P -> Int; h P { f = n } = if n > 0 then n else let m = 1 in m |]
    t <- [t| forall a. Show a => a -> (a, [Maybe Int]) |]
    listE (map (stringE . filter (`notElem` ['0' .. '9'])) [pprint e, pprint d, pprint t, show t]))
shown :: String
shown = $(stringE . show =<< [| (map toUpper "x", [1 ..], \_ -> ()) |])

-- case: quotes around declarations
[d| localFunction :: Int -> Int
    localFunction n = n + offset where offset = $(litE (integerL 7))
    localValue = $(lift "from a splice in a quote") |]
useThem :: (Int, String)
useThem = (localFunction 1, localValue)
