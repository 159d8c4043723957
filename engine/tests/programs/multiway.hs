-- Syntax that expands: view patterns, multiway if, lambda case, pattern synonyms, comprehensions, arrows, overloaded lists.
{-# LANGUAGE ViewPatterns, MultiWayIf, LambdaCase, PatternSynonyms, ParallelListComp, TransformListComp, MonadComprehensions, TupleSections, NumericUnderscores, BinaryLiterals, PatternGuards, Arrows, NegativeLiterals, BlockArguments, TypeApplications, ApplicativeDo, ImplicitParams, OverloadedStrings #-}
import Control.Arrow
import qualified Data.Map as M
import qualified Data.Set as S
import Data.String

pattern Pair :: a -> b -> (a, b)
pattern Pair a b = (a, b)
pattern Even :: Int
pattern Even <- (even -> True)

newtype Name = Name String deriving (Show, Eq)
instance IsString Name where fromString = Name . map succ

size :: Int -> String
size n = if | n < 10 -> "small" | n < 100, even n -> "even" | otherwise -> "large"

shift :: (?by :: Int) => Int -> Int
shift x = x + ?by

main :: IO ()
main = do
  mapM_ (putStrLn . size) ([3, 20, 21, 500] :: [Int])
  print (map (\case Even -> 'e'; _ -> 'o') ([1, 2, 3] :: [Int]))
  let Pair p q = Pair 'p' True
  print (p, q, [(x, y) | x <- "abc" | y <- [1 :: Int ..]] :: [(Char, Int)])
  print ([x + y | x <- Just 1, y <- Just 2] :: Maybe Int)
  print (M.lookup 2 (M.fromList [(1 :: Int, "one"), (2, "two")]) :: Maybe String, S.member 3 (S.fromList [1, 2, 3 :: Int]))
  print (1_000_000 + 0b101 + 0x_ff :: Int, abs -3 :: Int, read @Int "7")
  print (Name "x" == "w", "HAL" :: Name)
  print (runKleisli (proc x -> do { y <- Kleisli (\v -> [v, v * 10]) -< x; returnA -< (x, y) }) (5 :: Int))
  let ?by = 10 in print (shift 1)
  when' True do
    putStrLn "block argument"
  where when' c a = if c then a else pure ()
