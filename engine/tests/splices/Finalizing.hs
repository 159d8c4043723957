-- Finalizing: module finalizers, in order, with state, from expressions and declarations.
{-# LANGUAGE TemplateHaskell #-}
module Finalizing where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax

count :: Int
count = 3

-- case: they run at the end, the last first
one :: Int
one = $(addModFinalizer (reportWarning "first added") >> addModFinalizer (reportWarning "second added") >> [| 1 |])

-- case: they see later declarations
two :: Int
two = $(do { addModFinalizer (do { VarI _ t _ <- reify (mkName "later"); reportWarning (pprint t) }); [| 2 |] })
later :: [Maybe Int]
later = []

-- case: they share the state
$(putQ (0 :: Int) >> return [])
three :: Int
three = $(do { addModFinalizer (getQ >>= \n -> reportWarning ("state " ++ show (n :: Maybe Int))); putQ (5 :: Int); [| 3 |] })

-- case: they see local variables
local :: Int -> Int
local secret = $(do { addModFinalizer (do { VarI _ t _ <- reify 'secret; reportWarning (pprint t) }); [| secret |] })

-- case: in splices of types, patterns and declarations
five :: $(addModFinalizer (reportWarning "of a type") >> [t| Int |])
five = 5
six :: Maybe Int -> Int
six $(addModFinalizer (reportWarning "of a pattern") >> [p| Nothing |]) = 6
six _ = 0
$(addModFinalizer (reportWarning "of declarations") >> [d| seven :: Int; seven = 7 |])
