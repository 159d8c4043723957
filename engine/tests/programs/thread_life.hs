-- The life of threads: status, labels, forkFinally, unmasking, uncaught exceptions on stderr, many of them.
import Control.Concurrent
import Control.Exception
import Control.Monad
import GHC.Conc

-- Where a thread comes to rest. GHC's own server may say meanwhile that it runs, or that it is in a foreign call, as when
-- the handler of an exception writes to stderr.
status :: ThreadId -> IO ()
status t = do
  s <- threadStatus t
  if s `elem` [ThreadRunning, ThreadBlocked BlockedOnForeignCall] then threadDelay 1000 >> status t else print s

main :: IO ()
main = do
  hold <- newEmptyMVar :: IO (MVar ())
  t <- forkIO (readMVar hold)
  labelThread t "holder"
  status t
  putMVar hold ()
  status t
  done <- newEmptyMVar
  _ <- forkFinally (evaluate (1 `div` (0 :: Int))) (putMVar done . either show show)
  takeMVar done >>= putStrLn
  t2 <- mask_ (forkIOWithUnmask (\u -> u (threadDelay 10000000) `catch` \e -> putMVar done (show (e :: AsyncException))))
  yield >> killThread t2
  takeMVar done >>= putStrLn
  status t2
  t3 <- forkIO (throwIO (userError "nobody catches this"))
  status t3
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
