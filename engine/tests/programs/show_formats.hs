-- How values print: precedence, negative numbers, infix constructors, records, strings with escapes, nested data.
import qualified Data.Map as M
import Data.Complex
import Data.Ratio

data Op = Int :*: Int | Op :+: Op | Neg { unNeg :: Op } | (:%) deriving (Show, Eq, Ord)
infixl 7 :*:
infixr 5 :+:
newtype N a = N { getN :: a } deriving (Show)
data Q = Maybe Int `Also` Q | E deriving (Show)
data L = L { (<+>) :: Int, f' :: Double } deriving (Show)

main :: IO ()
main = do
  print (1 :*: (-2) :+: Neg (3 :*: 4) :+: (:%))
  print (Just (Neg { unNeg = (-1) :*: 2 }))
  print (N (N (Just (-1.5))))
  print [L { (<+>) = -1, f' = 1e-3 }]
  print (M.fromList [(Just 1, "a\tb\"c\\"), (Nothing, "\200\&1\SO\&H")])
  print ('\'', '"', "'", '\t', '\1234', "\1234\&5")
  print (Left (3 % 4) :: Either Rational (), (-1) :+ 2 :: Complex Double)
  print (showsPrec 11 (-1 :: Int) "", shows 3 "x", showString "s" "t", showParen True (shows 'c') "")
  print ((), (1, 2, 3, 4, 5, 6, 7), [[], [[1 :: Int]]] , ([] :: [()]), "")
  print (Just 1 `Also` (Nothing `Also` E))
  print (minBound :: Int, maxBound :: Char, LT, [LT ..], Just (Just Nothing :: Maybe (Maybe ())))
