{-# LANGUAGE FlexibleInstances #-}
module Render (Render (..)) where

import Data.List (intercalate)
import Vec

class Render a where render :: a -> String
instance Render Vec where render (Vec a b) = "(" ++ show a ++ " " ++ show b ++ ")"
instance Render a => Render [a] where render = intercalate " -> " . map render
