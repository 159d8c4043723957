-- Classes with superclasses, defaults, polymorphic recursion and dictionaries passed at run time.
{-# LANGUAGE ExistentialQuantification #-}
import Data.List (intercalate)

class Shape a where
  area :: a -> Double
  name :: a -> String
  name _ = "shape"
  describe :: a -> String
  describe x = name x ++ " of area " ++ show (area x)

data Circle = Circle Double
data Rect = Rect Double Double

instance Shape Circle where
  area (Circle r) = pi * r * r
  name _ = "circle"

instance Shape Rect where
  area (Rect a b) = a * b

data Any = forall s. Shape s => Any s

data Nested a = Flat a | Nest (Nested [a])

depth :: Show a => Nested a -> [String]
depth (Flat a) = [show a]
depth (Nest n) = "nest" : depth n

class (Show a, Ord a) => Pretty a where
  pretty :: a -> String
  pretty = ("<" ++) . (++ ">") . show

instance Pretty Int
instance Pretty a => Pretty [a] where
  pretty xs = intercalate "|" (map pretty xs)
instance (Pretty a, Pretty b) => Pretty (a, b)

main :: IO ()
main = do
  mapM_ (\(Any s) -> putStrLn (describe s)) [Any (Circle 1), Any (Rect 2 3.5)]
  print (depth (Nest (Nest (Flat [[1 :: Int, 2], [3]]))))
  putStrLn (pretty [(1 :: Int, 2 :: Int), (3, 4)])
  putStrLn (pretty (maximum [[3, 1], [2, 9 :: Int]]))
