-- STM: transfers keep the total, retry waits for a deposit, orElse takes another way, exceptions roll back.
import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception
import Control.Monad

transfer :: TVar Int -> TVar Int -> Int -> STM ()
transfer a b n = do
  have <- readTVar a
  when (have < n) retry
  writeTVar a (have - n)
  modifyTVar' b (+ n)

main :: IO ()
main = do
  accounts <- mapM newTVarIO (replicate 10 100)
  dones <- forM [0 .. 9] $ \i -> do
    d <- newEmptyMVar
    _ <- forkIO $ do
      forM_ [1 .. 100] $ \k -> atomically (transfer (accounts !! i) (accounts !! ((i + k) `mod` 10)) (k `mod` 7)
                                             `orElse` pure ())
      putMVar d ()
    pure d
  mapM_ takeMVar dones
  total <- atomically (sum <$> mapM readTVar accounts)
  print total
  a <- newTVarIO 0
  b <- newTVarIO 0
  waiting <- newEmptyMVar
  _ <- forkIO (atomically (transfer a b 50) >> putMVar waiting "paid")
  yield
  atomically (writeTVar a 60)
  takeMVar waiting >>= putStrLn
  (,) <$> readTVarIO a <*> readTVarIO b >>= print
  r <- try (atomically (writeTVar a 99 >> throwSTM (userError "rolled back")))
  print (r :: Either IOException ())
  readTVarIO a >>= print
  x <- atomically ((writeTVar a 7 >> throwSTM (userError "inner")) `catchSTM` \e -> const (readTVar a) (e :: IOException))
  print x
  y <- atomically ((writeTVar a 1 >> retry) `orElse` (modifyTVar a (* 2) >> readTVar a))
  print y
  q <- newTBQueueIO 3
  _ <- forkIO (forM_ [1 .. 20 :: Int] (atomically . writeTBQueue q))
  zs <- replicateM 20 (atomically (readTBQueue q))
  print zs
