-- | Calls of a function on Int: each step compares, adds and subtracts through the classes' methods.
module Calls (run) where

nfib :: Int -> Int
nfib n = if n < 2 then 1 else nfib (n - 1) + nfib (n - 2) + 1

run :: Int -> IO ()
run n = print (nfib n)
