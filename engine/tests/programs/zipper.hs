-- Zippers, difference lists, a trie of words, a banker's queue: persistent structures.
import qualified Data.Map as M
import Data.List

data Zip a = Zip [a] a [a] deriving (Show)
right, left :: Zip a -> Zip a
right (Zip l x (r : rs)) = Zip (x : l) r rs
right z = z
left (Zip (l : ls) x r) = Zip ls l (x : r)
left z = z

newtype DL a = DL ([a] -> [a])
instance Semigroup (DL a) where DL f <> DL g = DL (f . g)
instance Monoid (DL a) where mempty = DL id
toL :: DL a -> [a]
toL (DL f) = f []

data Trie = Trie Bool (M.Map Char Trie) deriving (Eq, Show)
ins :: String -> Trie -> Trie
ins [] (Trie _ m) = Trie True m
ins (c : cs) (Trie e m) = Trie e (M.alter (Just . ins cs . maybe (Trie False M.empty) id) c m)
members :: Trie -> [String]
members (Trie e m) = ["" | e] ++ [c : s | (c, t) <- M.toList m, s <- members t]
complete :: String -> Trie -> [String]
complete p t = map (p ++) (go p t) where
  go [] t' = members t'
  go (c : cs) (Trie _ m) = maybe [] (go cs) (M.lookup c m)

main :: IO ()
main = do
  print (right (right (left (right (Zip [] 1 [2, 3 :: Int])))))
  print (sum (toL (mconcat [DL ([n] ++) | n <- [1 .. 1000 :: Int]])))
  let t = foldl' (flip ins) (Trie False M.empty) (words "tea ten team inn in i to")
  print (members t, complete "te" t, complete "x" t)
