-- Annotations: ANN pragmas, and what is told of them.
{-# LANGUAGE TemplateHaskell, DeriveDataTypeable #-}
module Annotations where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import Note

{-# ANN module "about the module" #-}
{-# ANN module (Note 1 ["a", "b"]) #-}

-- case: of values, types and modules
{-# ANN value "first" #-}
{-# ANN value "second" #-}
{-# ANN value (Note (length "three") (map show [1 :: Int ..  3])) #-}
value :: Int
value = 1
{-# ANN type T (Just (3 :: Int)) #-}
data T = A | B
{-# ANN A 'x' #-}
return []

-- case: asking for them
strings :: [String]
strings = $(reifyAnnotations (AnnLookupName 'value) >>= \as -> lift (as :: [String]))
notes :: String
notes = $(reifyAnnotations (AnnLookupName 'value) >>= \as -> stringE (show (as :: [Note])))
types :: [Maybe Int]
types = $(reifyAnnotations (AnnLookupName ''T) >>= \as -> lift (as :: [Maybe Int]))
ofModule :: String
ofModule = $(do { m <- thisModule; as <- reifyAnnotations (AnnLookupModule m); stringE (show (as :: [Note])) })
none :: [Bool]
none = $(reifyAnnotations (AnnLookupName 'strings) >>= \as -> lift (as :: [Bool]))
