-- Text.Printf with its formats and its failures.
import Control.Exception
import Text.Printf

main :: IO ()
main = do
  printf "%d %5d|%-5d|%05d %x %o %c %s %%\n" (1 :: Int) (42 :: Int) (42 :: Int) (42 :: Int) (255 :: Int) (8 :: Int) 'z' "str"
  printf "%.3f %8.2f %e %g %s\n" (3.14159 :: Double) (2.5 :: Double) (12345.678 :: Double) (0.0001 :: Double) (show [1 :: Int])
  let s = printf "%s-%s" "a" "b" :: String
  putStrLn s
  printf "%10s|%-10s|%.2s\n" "right" "left" "cut"
  printf "%+d % d %#x\n" (5 :: Int) (5 :: Int) (255 :: Int)
  hundred <- pure (100 :: Integer)
  printf "%d %d\n" (hundred ^ (15 :: Int)) (-hundred)
  r <- try (printf "%d\n" "no number" :: IO ())
  putStrLn (either (\e -> takeWhile (/= '\n') (show (e :: SomeException))) show r)
