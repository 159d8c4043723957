-- More STM: philosophers, TMVar, TChan broadcast, nested orElse, always-retrying alternatives, async exceptions in a transaction.
import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  forks <- replicateM 5 (newTMVarIO ())
  meals <- newTVarIO (0 :: Int)
  ds <- forM [0 .. 4] $ \i -> do
    d <- newEmptyTMVarIO
    _ <- forkIO $ do
      replicateM_ 50 $ do
        atomically (takeTMVar (forks !! i) >> takeTMVar (forks !! ((i + 1) `mod` 5)))
        yield
        atomically (putTMVar (forks !! i) () >> putTMVar (forks !! ((i + 1) `mod` 5)) () >> modifyTVar' meals (+ 1))
      atomically (putTMVar d ())
    pure d
  mapM_ (atomically . takeTMVar) ds
  readTVarIO meals >>= print
  b <- newBroadcastTChanIO
  listeners <- replicateM 3 (atomically (dupTChan b))
  atomically (mapM_ (writeTChan b) "hey")
  forM_ listeners $ \l -> replicateM 3 (atomically (readTChan l)) >>= putStrLn
  v <- newTVarIO (0 :: Int)
  r <- atomically (((writeTVar v 1 >> retry) `orElse` (writeTVar v 2 >> retry)) `orElse` ((readTVar v >>= check . (== 0)) >> pure "untouched"))
  putStrLn r
  t <- newTVarIO False
  res <- newEmptyMVar
  th <- forkIO ((atomically (readTVar t >>= check) >> putMVar res "woken") `catch` \e -> putMVar res (show (e :: AsyncException)))
  yield
  killThread th
  takeMVar res >>= putStrLn
  x <- newTVarIO (10 :: Int)
  old <- atomically (swapTVar x 20)
  y <- atomically (stateTVar x (\s -> (s + 1, s * 2)))
  z <- readTVarIO x
  print (old, y, z)
  e <- try (atomically (do writeTVar x 0; _ <- pure $! 1 `div` (0 :: Int); pure ())) :: IO (Either ArithException ())
  z2 <- readTVarIO x
  print (e, z2)
  n <- atomically ((do modifyTVar x (+ 1); a <- readTVar x; (writeTVar x 1000 >> retry) `orElse` pure a) `orElse` pure 0)
  print n
  tq <- newTQueueIO
  forM_ [1 .. 5 :: Int] (atomically . writeTQueue tq)
  atomically (unGetTQueue tq 0)
  atomically (flushTQueue tq) >>= print
