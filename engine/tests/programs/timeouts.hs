-- Timeouts: of a wait, of a computation that allocates, of one that is quick enough, one inside another.
import Control.Concurrent
import Control.Exception
import System.Timeout

main :: IO ()
main = do
  timeout 20000 (threadDelay 5000000) >>= print
  timeout 5000000 (pure 'x') >>= print
  timeout 50000 (evaluate (length [1 :: Integer ..])) >>= print
  timeout 5000000 (timeout 10000 (threadDelay 3000000)) >>= print
  timeout 10000 (timeout 5000000 (threadDelay 3000000)) >>= print
  timeout (-1) (pure 1) >>= print
  timeout 0 (pure 2) >>= print
  m <- newEmptyMVar :: IO (MVar ())
  timeout 10000 (takeMVar m) >>= print
  r <- timeout 1000000 (evaluate (1 `div` (0 :: Int))) `catch` \e -> print (e :: ArithException) >> pure Nothing
  print r
