-- Unboxed tuples and sums, which GHC compiles to object code by itself, called from and calling byte code.
import Pairs

main :: IO ()
main = do
  print (both 17 5)
  print (map classify [-1, 0, 1])
  print (average [1, 2, 3, 4])
  print (twice (\x -> x * 2 + 1) 10)
  putStrLn (chars "unboxed")
