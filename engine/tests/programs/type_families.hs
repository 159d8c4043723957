-- Type families, functional dependencies, associated data, closed families at run time.
{-# LANGUAGE TypeFamilies, FunctionalDependencies, TypeOperators, FlexibleInstances, FlexibleContexts, DataKinds, UndecidableInstances, ScopedTypeVariables, TypeApplications, AllowAmbiguousTypes #-}
import qualified Data.IntMap as I
import qualified Data.Map as M
import Data.Kind (Type)
import GHC.TypeLits
import Data.Proxy

class Key k where
  data Trie k :: Type -> Type
  empty :: Trie k v
  insert :: k -> v -> Trie k v -> Trie k v
  find :: k -> Trie k v -> Maybe v

instance Key Int where
  newtype Trie Int v = TI (I.IntMap v)
  empty = TI I.empty
  insert k v (TI m) = TI (I.insert k v m)
  find k (TI m) = I.lookup k m

instance (Key a, Key b) => Key (a, b) where
  newtype Trie (a, b) v = TP (Trie a (Trie b v))
  empty = TP empty
  insert (a, b) v (TP t) = TP (insert a (insert b v (maybe empty id (find a t))) t)
  find (a, b) (TP t) = find a t >>= find b

type family Elem c where
  Elem [a] = a
  Elem (M.Map k v) = v

class Collection c where toL :: c -> [Elem c]
instance Collection [a] where toL = id
instance Collection (M.Map k v) where toL = M.elems

class Convert a b | a -> b where convert :: a -> b
instance Convert Int String where convert = show
instance Convert Bool Int where convert = fromEnum

size :: forall n. KnownNat n => Integer
size = natVal (Proxy @n) * 2

main :: IO ()
main = do
  let t = insert (1, 2) "x" (insert (1, 3) "y" empty) :: Trie (Int, Int) String
  print (find (1, 2) t, find (1, 3) t, find (2, 2) t)
  print (sum (toL [1, 2, 3 :: Int]), concat (toL (M.fromList [(1 :: Int, "a"), (2, "b")])))
  putStrLn (convert (3 :: Int))
  print (convert True + 1)
  print (size @21, symbolVal (Proxy :: Proxy "sym"), natVal (Proxy :: Proxy (2 + 3)))
