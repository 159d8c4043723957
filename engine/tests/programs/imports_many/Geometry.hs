module Geometry (module Vec, square, total) where

import Vec

square :: Double -> [Vec]
square a = [Vec x y | x <- [0, a], y <- [0, a]]

total :: Vec
total = mconcat (square 3)
