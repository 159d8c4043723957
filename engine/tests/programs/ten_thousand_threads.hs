-- Ten thousand threads and MVars at once; half of them are killed.
import Control.Concurrent
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  hold <- newEmptyMVar
  ms <- forM [1 .. 10000 :: Int] $ \i -> do
    m <- newEmptyMVar
    t <- forkIO ((readMVar hold >> putMVar m i) `catch` \e -> putMVar m (if e == ThreadKilled then -i else 0))
    pure (t, m)
  forM_ [1 .. 3 :: Int] (const yield)
  forM_ (zip [0 :: Int ..] ms) (\(k, (t, _)) -> when (odd k) (killThread t))
  putMVar hold ()
  xs <- mapM (takeMVar . snd) ms
  print (sum xs, length (filter (< 0) xs))
  -- All of them through one lock.
  lock <- newMVar (0 :: Int)
  done <- newEmptyMVar
  replicateM_ 10000 (forkIO (modifyMVar_ lock (pure . (+ 1)) >> putMVar done ()))
  replicateM_ 10000 (takeMVar done)
  readMVar lock >>= print
