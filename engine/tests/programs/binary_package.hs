-- The binary package: encode, decode, lazy input, failures; and bytes written and read through files.
{-# LANGUAGE DeriveGeneric #-}
import Data.Binary
import Data.Binary.Get
import Data.Binary.Put
import qualified Data.ByteString.Lazy as L
import qualified Data.Map as M
import GHC.Generics

data Shape = Circle Double | Poly [(Int, Int)] | Named String Shape deriving (Show, Eq, Generic)
instance Binary Shape

main :: IO ()
main = do
  let s = Named "λ" (Poly [(1, 2), (-3, 4)])
  print (L.unpack (encode s))
  print (decode (encode s) == s, decode (encode (Circle 1.5)) :: Shape)
  print (decodeOrFail (L.take 5 (encode s)) & either (\(_, n, m) -> (n, m)) (\(_, _, v) -> (0, show (v :: Shape))))
  let m = M.fromList [(i, show i) | i <- [1 .. 200 :: Int]]
  encodeFile "m.bin" m
  m' <- decodeFile "m.bin"
  print (m == m', L.length (encode m))
  print (runGet ((,,) <$> getWord16be <*> getInt32le <*> getDoublebe) (runPut (putWord16be 513 >> putInt32le (-2) >> putDoublebe 0.1)))
  print (decode (encode (2 ^ (100 :: Int) :: Integer, 'x', Just [True])) :: (Integer, Char, Maybe [Bool]))
  where x & f = f x
