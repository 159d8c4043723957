-- Deep non-tail recursion: the stack grows over many chunks, and shrinks again.
import qualified Data.Map as M

main :: IO ()
main = do
  print (foldr (+) 0 [1 .. 500000 :: Int])
  print (length (show (foldr (\x acc -> x : acc) [] [1 .. 100000 :: Int])))
  let count :: Int -> Integer
      count 0 = 0
      count n = 1 + count (n - 1)
  print (count 300000)
  print (sum (map fromIntegral (let go 0 = []; go n = n : go (n - 1 :: Int) in go 200000)) :: Integer)
  xs <- mapM (\x -> pure (x * 2)) [1 .. 100000 :: Int]
  print (last xs)
  print (M.foldr (+) 0 (M.fromList [(i, i) | i <- [1 .. 30000 :: Int]]))
  print (foldl (flip const) 0 [1 .. 300000 :: Int])
