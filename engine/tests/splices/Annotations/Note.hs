{-# LANGUAGE DeriveDataTypeable #-}
module Note where

import Data.Data (Data)

data Note = Note Int [String] deriving (Show, Eq, Data)
