-- Typeable and Dynamic: representations, casts, a heterogeneous list.
{-# LANGUAGE ScopedTypeVariables, DeriveDataTypeable, TypeOperators #-}
import Data.Data
import Data.Dynamic
import qualified Data.Map as M

data T a = T a | U { f :: Int } deriving (Show, Typeable, Data)

main :: IO ()
main = do
  print (typeOf (1 :: Int), typeOf "x", typeOf (Just [True]), typeOf (M.empty :: M.Map Int String), typeOf (Left 1 :: Either Int ()))
  print (typeRep (Proxy :: Proxy Maybe), typeOf (T 'x'), typeOf (id :: Int -> Int), typeOf (T [T ()]))
  print (cast (3 :: Int) :: Maybe Int, cast 'c' :: Maybe Int, gcast (Just 'c') :: Maybe (Maybe Char))
  let ds = [toDyn (1 :: Int), toDyn "two", toDyn (3.0 :: Double), toDyn not, toDyn (T 'x')]
  print ds
  print (sum [n | Just (n :: Int) <- map fromDynamic ds], [s | Just (s :: String) <- map fromDynamic ds])
  print (fmap (\d -> fromDyn d False) (dynApply (ds !! 3) (toDyn True)))
  print (toConstr (T 'x'), dataTypeOf (U 1 :: T Int), constrFields (toConstr (U 3 :: T Int)), gmapQ (const ()) (T 'a'))
  print (eqT :: Maybe (Int :~: Int))
