-- An exception nobody catches ends the program with code 1 and its text on stderr.
import qualified Data.Map as M

main :: IO ()
main = do
  putStrLn "before"
  print (M.findWithDefault (error "no such key\nsecond line") 3 (M.fromList [(1 :: Int, 'x')]))
  putStrLn "never"
