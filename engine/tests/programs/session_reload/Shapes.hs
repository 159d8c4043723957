module Shapes (area, Shape (..), describe) where

data Shape = Circle Double | Square Double deriving (Show)

area :: Shape -> Double
area (Circle r) = 3 * r * r
area (Square s) = s * s

describe :: Shape -> String
describe s = show s ++ " has area " ++ show (area s)
