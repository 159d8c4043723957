-- Modules compiled to object code by -fobject-code, linked by the server, with strictness, CAFs and exceptions.
-- flags: -fobject-code
import Control.Exception
import qualified Data.Map.Strict as M
import Queue

main :: IO ()
main = do
  let q = foldl (flip push) empty [1 .. 1000 :: Int]
  print (sum (drain q))
  print table
  print (M.size (M.fromList (zip (map hash ["a", "b", "c"]) [1 :: Int ..])))
  r <- try (evaluate (pop (empty :: Queue Int)))
  putStrLn (either (\(ErrorCall m) -> m) (const "popped") r)
  print (mean [1, 2, 3.5])
