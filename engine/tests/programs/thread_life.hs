-- The life of threads: status, labels, forkFinally, unmasking, uncaught exceptions on stderr, many of them.
import Control.Concurrent
import Control.Exception
import Control.Monad
import GHC.Conc

main :: IO ()
main = do
  hold <- newEmptyMVar :: IO (MVar ())
  t <- forkIO (readMVar hold)
  labelThread t "holder"
  yield >> yield
  threadStatus t >>= print
  putMVar hold ()
  yield >> yield >> yield
  threadStatus t >>= print
  done <- newEmptyMVar
  _ <- forkFinally (evaluate (1 `div` (0 :: Int))) (putMVar done . either show show)
  takeMVar done >>= putStrLn
  t2 <- mask_ (forkIOWithUnmask (\u -> u (threadDelay 10000000) `catch` \e -> putMVar done (show (e :: AsyncException))))
  yield >> killThread t2
  takeMVar done >>= putStrLn
  yield >> yield
  threadStatus t2 >>= print
  t3 <- forkIO (throwIO (userError "nobody catches this"))
  forM_ [1 .. 20 :: Int] (const yield)
  threadStatus t3 >>= print
  results <- newMVar []
  ws <- forM [1 .. 100 :: Int] $ \i -> do
    w <- newEmptyMVar
    _ <- forkIO (modifyMVar_ results (pure . (i :)) `finally` putMVar w ())
    pure w
  mapM_ takeMVar ws
  readMVar results >>= print . sum
  me <- myThreadId
  print (compare me t /= EQ, me == me)
  n <- getNumCapabilities
  print (n, n == 1)
