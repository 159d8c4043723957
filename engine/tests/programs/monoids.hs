-- Monoids, semigroups, folds, Traversable tricks, Applicative instances, Arrow and Category.
import Control.Applicative
import Control.Arrow
import Control.Monad
import Data.Functor.Compose
import Data.Functor.Identity
import Data.Functor.Const
import Data.List.NonEmpty (NonEmpty (..))
import qualified Data.List.NonEmpty as N
import Data.Monoid
import Data.Semigroup (Max (..), Min (..), sconcat, stimes)
import Data.Ord
import Data.List

main :: IO ()
main = do
  print (getSum (foldMap Sum [1 .. 10]), getProduct (foldMap Product [1 .. 5]), getAll (foldMap (All . even) [2, 4]), getFirst (First (Just 1) <> First Nothing))
  print (sconcat (Max 3 :| [Max 5, Max (1 :: Int)]), stimes 3 "ab", getMin (Min 2 <> Min (1 :: Int)))
  print (getZipList ((+) <$> ZipList [1, 2, 3] <*> ZipList [10, 20 :: Int]), liftA2 (,) "ab" [1, 2 :: Int])
  print (getCompose (Compose [Just 1, Nothing] <* pure ()), runIdentity (traverse (Identity . succ) "HAL"), getConst (Const "x" <*> Const "y"))
  print ((first (+ 1) >>> second (* 2)) (1, 2 :: Int), (fst &&& snd) ('a', 'b'), (show ||| id) (Left 5 :: Either Int String))
  print (sortBy (comparing snd <> comparing (Down . fst)) (zip [1 :: Int ..] "banana"))
  print (N.group "aabccc", N.head (5 :| []), fmap negate (1 :| [2, 3 :: Int]))
  print (foldM (\a x -> if x > 0 then Just (a + x) else Nothing) 0 [1, 2, 3 :: Int], zipWithM (\a b -> [a, b]) [1, 2] [3, 4 :: Int])
  print (join [[1], [2, 3 :: Int]], void (Just 3), forever Nothing :: Maybe (), filterM (const [True, False]) [1, 2, 3 :: Int])
  print (appEndo (foldMap (Endo . (+)) [1, 2, 3]) (0 :: Int), getAlt (foldMap Alt [Nothing, Just 2, Just (3 :: Int)]), (mempty, ()) <> ("a", ()))
  print (asum [Nothing, Just 1, Just (2 :: Int)], optional (Nothing :: Maybe Int), sequenceA [Just 1, Just (2 :: Int)], (<|>) [] [1 :: Int])
  where asum = foldr (<|>) empty
