{-# LANGUAGE TemplateHaskell #-}
-- | A quasi-quoter: text with expressions, and patterns of arithmetic.
module Sample.Quote (text, Sum (..), calc) where

import Data.Char (isAlphaNum, isDigit, isSpace)
import Language.Haskell.TH
import Language.Haskell.TH.Quote

-- | @[text|Dear #{name}|]@.
text :: QuasiQuoter
text = QuasiQuoter
  { quoteExp = pieces
  , quotePat = const (fail "text is no pattern")
  , quoteType = const (fail "text is no type")
  , quoteDec = const (fail "text is no declaration")
  }
 where
  pieces ('#' : '{' : rest) | (name, '}' : more) <- span isAlphaNum rest = [| $(varE (mkName name)) ++ $(pieces more) |]
  pieces (c : rest) = [| c : $(pieces rest) |]
  pieces [] = [| "" |]

data Sum = Number Integer | Plus Sum Sum
  deriving (Eq, Show)

-- | @[calc|1 + 2|]@ as an expression and as a pattern, in which names are variables.
calc :: QuasiQuoter
calc = QuasiQuoter
  { quoteExp = build [| Plus |] (\n -> [| Number n |]) (varE . mkName) . terms
  , quotePat = build' . terms
  , quoteType = const [t| Sum |]
  , quoteDec = const (fail "calc is no declaration")
  }
 where
  terms = words . concatMap (\c -> if c == '+' then " " else [c])
  build plus number name ts = foldl1 (\a b -> [| $plus $a $b |]) [if all isDigit t then number (read t :: Integer) else name t | t <- ts, not (all isSpace t)]
  build' ts = foldl1 (\a b -> conP 'Plus [a, b]) [if all isDigit t then conP 'Number [litP (integerL (read t))] else varP (mkName t) | t <- ts]
