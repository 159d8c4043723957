-- Large: deep, wide and long results, questions and answers.
{-# LANGUAGE TemplateHaskell #-}
module Large where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax

-- case: deep
deep :: Int
deep = $(iterate (\e -> [| negate $e |]) [| 1 |] !! 200)

-- case: wide
wide :: [Int]
wide = $(listE [litE (integerL n) | n <- [1 .. 2000]])

-- case: long
text :: String
text = $(stringE (take 20000 (cycle ['\0' .. '\x2000'])))

-- case: many declarations
$(concat <$> mapM (\n -> sequence [sigD (mkName ('v' : show n)) [t| Int |], valD (varP (mkName ('v' : show n))) (normalB (lift n)) []]) [1 .. 300 :: Int])

-- case: questions of a megabyte
name :: Int
name = $(do { n <- newName (replicate 1000000 'n'); lift (length (nameBase n)) })
message :: Int
message = $(recover [| 1 |] (reportError (replicate 1000000 'm') >> [| 0 |]))

-- case: a thousand questions
names :: Int
names = $(do { ns <- mapM (newName . show) [1 .. 1000 :: Int]; lift (length ns) })
