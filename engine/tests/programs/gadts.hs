-- GADTs and existential types: a typed evaluator, vectors with their length in the type.
{-# LANGUAGE GADTs, KindSignatures, DataKinds, RankNTypes, StandaloneDeriving #-}
data Expr a where
  I :: Int -> Expr Int
  B :: Bool -> Expr Bool
  Add :: Expr Int -> Expr Int -> Expr Int
  If :: Expr Bool -> Expr a -> Expr a -> Expr a
  Eq :: (Eq a, Show a) => Expr a -> Expr a -> Expr Bool
  Pair :: Expr a -> Expr b -> Expr (a, b)
  Fst :: Expr (a, b) -> Expr a

eval :: Expr a -> a
eval (I n) = n
eval (B b) = b
eval (Add a b) = eval a + eval b
eval (If c t e) = if eval c then eval t else eval e
eval (Eq a b) = eval a == eval b
eval (Pair a b) = (eval a, eval b)
eval (Fst p) = fst (eval p)

data Nat = Z | S Nat
data Vec (n :: Nat) a where
  Nil :: Vec 'Z a
  (:>) :: a -> Vec n a -> Vec ('S n) a
infixr 5 :>
deriving instance Show a => Show (Vec n a)

vhead :: Vec ('S n) a -> a
vhead (x :> _) = x

vzip :: Vec n a -> Vec n b -> Vec n (a, b)
vzip Nil Nil = Nil
vzip (a :> as) (b :> bs) = (a, b) :> vzip as bs

data Showable where MkS :: Show a => a -> Showable
instance Show Showable where show (MkS a) = show a

apply :: (forall a. [a] -> Int) -> (String, [Bool]) -> Int
apply f (a, b) = f a + f b

main :: IO ()
main = do
  print (eval (If (Eq (Add (I 1) (I 2)) (I 3)) (Fst (Pair (I 10) (B False))) (I 0)))
  print (vzip (1 :> 2 :> Nil) ('a' :> 'b' :> Nil) , vhead ('z' :> Nil))
  print [MkS 1, MkS "two", MkS (Just 3.5)]
  print (apply length ("abc", [True]))
