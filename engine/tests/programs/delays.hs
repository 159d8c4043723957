-- Sleeping threads wake in the order of their times, also while another computes.
import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.Time.Clock

main :: IO ()
main = do
  c <- newChan
  forM_ [(3, 150000), (1, 30000), (2, 90000)] $ \(i, d) -> forkIO (threadDelay d >> writeChan c (i :: Int))
  replicateM 3 (readChan c) >>= print
  t0 <- getCurrentTime
  threadDelay 50000
  t1 <- getCurrentTime
  print (diffUTCTime t1 t0 >= 0.05, diffUTCTime t1 t0 < 30)
  m <- newEmptyMVar
  _ <- forkIO (threadDelay 20000 >> putMVar m "woke while main computes")
  let busy = do { r <- tryTakeMVar m; case r of { Nothing -> evaluate (sum [1 .. 2000 :: Integer]) >> busy; Just s -> putStrLn s } }
  busy
