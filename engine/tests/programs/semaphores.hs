-- Producers and consumers over QSem, MVar as lock, tryTake, tryPut, swap, read, and fairness among waiters.
import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  m <- newMVar (1 :: Int)
  tryTakeMVar m >>= print
  tryTakeMVar m >>= print
  tryPutMVar m 5 >>= print
  tryPutMVar m 6 >>= print
  swapMVar m 7 >>= print
  tryReadMVar m >>= print
  isEmptyMVar m >>= print
  withMVar m print
  modifyMVar m (\x -> pure (x + 1, x * 2)) >>= print
  readMVar m >>= print
  -- Waiters are served in the order in which they came.
  gate <- newEmptyMVar
  order <- newMVar []
  ends <- forM [1 .. 5 :: Int] $ \i -> do
    end <- newEmptyMVar
    _ <- forkIO (do { x <- takeMVar gate; modifyMVar_ order (pure . ((i, x :: Int) :)); putMVar end () })
    yield >> yield
    pure end
  mapM_ (putMVar gate) [10, 20 .. 50]
  mapM_ takeMVar ends
  readMVar order >>= print . reverse
  -- Readers do not take the value from each other.
  v <- newEmptyMVar
  rs <- forM [1 .. 3 :: Int] (\i -> do { e <- newEmptyMVar; _ <- forkIO (readMVar v >>= putMVar e . (+ i)); pure e })
  yield
  putMVar v 100
  mapM takeMVar rs >>= print
  s <- newQSemN 0
  forM_ [1 .. 4 :: Int] (\i -> forkIO (signalQSemN s i))
  waitQSemN s 10
  putStrLn "ten units"
