-- QuasiQuotes: quoters of another module for expressions, patterns, types and declarations.
{-# LANGUAGE QuasiQuotes, TemplateHaskell #-}
module QuasiQuotes where

import Quoters

-- case: expressions
expression :: Int -> Int
expression x = [calc| 1 + x * (2 + 3) |]
text :: String
text = [str|two lines,
  "quoted" \n and ünïcode|]

-- case: patterns



isSeven :: Int -> Bool
isSeven [num|7|] = True
isSeven _ = False

-- case: types
typed :: [tuple| Int Bool Char |]
typed = (1, True, 'c')

-- case: declarations
[lenses| Person name:String age:Int |]
anna :: Person
anna = setAge 40 (Person "Anna" 39)

-- case: nested in each other's results
both :: (String, Int)
both = ([str|[calc | 1 + 2]|], [calc|2|])
