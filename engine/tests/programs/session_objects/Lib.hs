module Lib where

greet :: String -> String
greet s = "hello " ++ s
