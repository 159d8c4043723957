-- An evaluator of the untyped lambda calculus with de Bruijn indices, applied to Church arithmetic.
data T = V Int | L T | A T T deriving (Eq)

instance Show T where
  showsPrec _ (V n) = shows n
  showsPrec d (L t) = showParen (d > 0) (showString "\\" . shows t)
  showsPrec d (A f x) = showParen (d > 1) (showsPrec 1 f . showString " " . showsPrec 2 x)

subst :: Int -> T -> T -> T
subst n s t = case t of
  V m | m == n -> s
      | m > n -> V (m - 1)
      | otherwise -> V m
  L b -> L (subst (n + 1) (lift 0 s) b)
  A f x -> A (subst n s f) (subst n s x)

lift :: Int -> T -> T
lift k t = case t of V m -> V (if m >= k then m + 1 else m); L b -> L (lift (k + 1) b); A f x -> A (lift k f) (lift k x)

nf :: T -> T
nf (A f x) = case nf f of L b -> nf (subst 0 x b); f' -> A f' (nf x)
nf (L b) = L (nf b)
nf v = v

church :: Int -> T
church n = L (L (iterate (A (V 1)) (V 0) !! n))

unchurch :: T -> Maybe Int
unchurch (L (L b)) = go b where go (V 0) = Just 0; go (A (V 1) x) = succ <$> go x; go _ = Nothing
unchurch _ = Nothing

add, mul, power :: T
add = L (L (L (L (A (A (V 3) (V 1)) (A (A (V 2) (V 1)) (V 0))))))
mul = L (L (L (A (V 2) (A (V 1) (V 0)))))
power = L (L (A (V 0) (V 1)))

main :: IO ()
main = do
  print (nf (A (A add (church 2)) (church 3)))
  print (map (unchurch . nf) [A (A mul (church 12)) (church 11), A (A power (church 2)) (church 8)])
  print (nf (L (A (L (V 0)) (V 0))))
