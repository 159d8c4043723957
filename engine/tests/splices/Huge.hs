-- Huge: a tree of ten megabytes, and one that is a hundred thousand levels deep.
-- too long to print
{-# LANGUAGE TemplateHaskell #-}
module Huge where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax (addTopDecls)

-- case: ten megabytes
text :: Int
text = length $(stringE (take 10000000 (cycle "abcdefghij\n")))

-- case: a hundred thousand levels
deep :: Int
deep = $(return (iterate ParensE (LitE (IntegerL 1)) !! 100000))

-- case: a deep question
$(newName "x" >>= \x -> addTopDecls [ValD (VarP x) (NormalB (iterate ParensE (LitE (IntegerL 1)) !! 100000)) []] >> return [])
