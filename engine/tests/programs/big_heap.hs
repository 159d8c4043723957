-- Much that lives and much that dies: collections while large structures change.
import Control.Monad
import qualified Data.IntMap.Strict as I
import Data.IORef
import Data.Array.IO
import System.Mem

main :: IO ()
main = do
  ref <- newIORef I.empty
  forM_ [1 .. 60000 :: Int] $ \i -> do
    modifyIORef' ref (I.insert (i * 31 `mod` 4096) [i, i + 1])
    when (i `mod` 20000 == 0) performGC
  m <- readIORef ref
  print (I.size m, sum (map sum (I.elems m)))
  arr <- newArray (0, 50000) [] :: IO (IOArray Int [Int])
  forM_ [0 .. 100000] $ \i -> do { let { k = i * 7 `mod` 50001 }; xs <- readArray arr k; writeArray arr k (take 3 (i : xs)) }
  total <- sum . map sum <$> getElems arr
  print total
  let strings = [show i ++ replicate (i `mod` 50) 'x' | i <- [1 .. 20000 :: Int]]
  print (length (concat strings), maximum (map length strings))
  performMajorGC
  print (length (filter ((== '9') . head) strings))
