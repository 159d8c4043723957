-- | Strings: numbers shown, put together, taken apart and counted.
module Strings (run) where

import Data.Char (isDigit, toUpper)

line :: Int -> String
line n = "line " ++ show n ++ ": " ++ replicate (n `mod` 7) 'x' ++ concatMap word [1 .. n `mod` 5]
  where
    word k = ' ' : show (k * n)

run :: Int -> IO ()
run n = do
  let text = unlines (map line [1 .. n])
  print (length (filter isDigit text))
  print (length (words (map toUpper text)))
