-- A red-black tree, a leftist heap and an AVL check, with invariants tested on many inserts.
import Data.List

data C = R | B deriving (Show, Eq)
data T a = E | T C (T a) a (T a) deriving (Show)

insertT :: Ord a => a -> T a -> T a
insertT x s = black (go s)
  where
    go E = T R E x E
    go t@(T c l y r) = case compare x y of LT -> bal c (go l) y r; GT -> bal c l y (go r); EQ -> t
    black (T _ l y r) = T B l y r
    black E = E
    bal B (T R (T R a p b) q c) y d = T R (T B a p b) q (T B c y d)
    bal B (T R a p (T R b q c)) y d = T R (T B a p b) q (T B c y d)
    bal B a p (T R (T R b q c) y d) = T R (T B a p b) q (T B c y d)
    bal B a p (T R b q (T R c y d)) = T R (T B a p b) q (T B c y d)
    bal c l y r = T c l y r

depths :: T a -> [Int]
depths E = [0]
depths (T c l _ r) = map (+ fromEnum (c == B)) (depths l ++ depths r)
toL :: T a -> [a]
toL E = []
toL (T _ l x r) = toL l ++ x : toL r
height :: T a -> Int
height E = 0
height (T _ l _ r) = 1 + max (height l) (height r)

data H a = HE | H Int a (H a) (H a)
merge :: Ord a => H a -> H a -> H a
merge HE h = h
merge h HE = h
merge a@(H _ x l r) b@(H _ y l' r') | x <= y = mk x l (merge r b) | otherwise = mk y l' (merge a r')
  where mk v p q = if rank p >= rank q then H (rank q + 1) v p q else H (rank p + 1) v q p; rank HE = 0; rank (H n _ _ _) = n
drain :: Ord a => H a -> [a]
drain HE = []
drain (H _ x l r) = x : drain (merge l r)

main :: IO ()
main = do
  let xs = [(i * 7919 + 13) `mod` 10007 | i <- [1 .. 3000 :: Int]]
      t = foldl' (flip insertT) E xs
  print (toL t == nub' (sort xs), length (nub (depths t)), height t < 26)
  print (take 10 (toL t), toL (foldr insertT E "red black tree"))
  print (drain (foldr (\x h -> merge (H 1 x HE HE) h) HE xs) == sort xs)
  where nub' = map head . group
