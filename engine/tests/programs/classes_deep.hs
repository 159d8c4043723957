-- Class machinery: polymorphic recursion, higher-kinded defaults, overlapping instances, implicit dictionaries in data.
{-# LANGUAGE FlexibleInstances, FlexibleContexts, MultiParamTypeClasses, DefaultSignatures, ConstraintKinds, GADTs, KindSignatures, RankNTypes, UndecidableInstances, QuantifiedConstraints #-}
import Data.Kind
import qualified Data.Map as M

class Container f where
  emptyC :: f a
  insertC :: a -> f a -> f a
  toListC :: f a -> [a]
  fromListC :: [a] -> f a
  fromListC = foldr insertC emptyC
instance Container [] where { emptyC = []; insertC = (:); toListC = id }
newtype Rev a = Rev [a]
instance Container Rev where { emptyC = Rev []; insertC x (Rev xs) = Rev (xs ++ [x]); toListC (Rev xs) = xs }

class Describe a where describe :: a -> String
instance {-# OVERLAPPABLE #-} Show a => Describe a where describe x = "shown " ++ show x
instance {-# OVERLAPPING #-} Describe String where describe s = "string " ++ s
instance Describe a => Describe (Maybe a) where describe = maybe "none" (("some " ++) . describe)

data Dict (c :: Type -> Constraint) where Dict :: c a => a -> Dict c
shows' :: [Dict Show] -> [String]
shows' ds = [show x | Dict x <- ds]

data Perfect a = Zero a | Succ (Perfect (a, a))
size :: Perfect a -> Int
size (Zero _) = 1
size (Succ p) = 2 * size p
build :: Int -> a -> Perfect a
build 0 x = Zero x
build n x = Succ (build (n - 1) (x, x))
instance Show a => Show (Perfect a) where { show (Zero a) = show a; show (Succ p) = show p }

infixr 5 <+>
class Monoid' a where { unit :: a; (<+>) :: a -> a -> a }
instance Monoid' Int where { unit = 0; (<+>) = (+) }
instance Monoid' b => Monoid' (a -> b) where { unit = const unit; f <+> g = \x -> f x <+> g x }
instance (Monoid' a, Monoid' b) => Monoid' (a, b) where { unit = (unit, unit); (a, b) <+> (c, d) = (a <+> c, b <+> d) }
instance (Ord k, Monoid' v) => Monoid' (M.Map k v) where { unit = M.empty; (<+>) = M.unionWith (<+>) }

main :: IO ()
main = do
  print (toListC (fromListC [1, 2, 3] :: Rev Int), toListC (fromListC "abc" :: [Char]))
  mapM_ putStrLn [describe (3 :: Int), describe "s", describe (Just "x"), describe (Nothing :: Maybe Int), describe [True]]
  print (shows' [Dict 'a', Dict (1 :: Int), Dict [Just ()]])
  print (size (build 12 'x'), build 2 'y')
  print (((length :: String -> Int) <+> const 10 <+> (fromEnum . head)) "abc")
  print ((1 :: Int, M.fromList [('a', 2 :: Int)]) <+> (3, M.fromList [('a', 5), ('b', 1)]))
