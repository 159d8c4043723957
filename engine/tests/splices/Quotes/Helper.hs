{-# LANGUAGE TemplateHaskell, DeriveLift #-}
module Helper where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax

data Shape = Circle Double | Square { side :: Int, label :: Maybe String } | Group [Shape]
  deriving (Show, Lift)

power :: Int -> Q Exp
power 0 = [| const 1 |]
power n = [| \x -> x * $(power (n - 1)) x |]

tpower :: Int -> Code Q Int -> Code Q Int
tpower 0 _ = [|| 1 ||]
tpower n x = [|| $$x * $$(tpower (n - 1) x) ||]

typedSucc :: Code Q (Int -> Int)
typedSucc = [|| \x -> x + 1 ||]
