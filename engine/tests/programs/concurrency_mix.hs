-- Futures, a thread pool, a read-write lock and a barrier, all over MVars and IORefs.
import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef

future :: IO a -> IO (IO a)
future act = do
  v <- newEmptyMVar
  _ <- mask $ \restore -> forkIO (try (restore act) >>= putMVar v)
  pure (readMVar v >>= either (throwIO :: SomeException -> IO a) pure)

pool :: Int -> [IO a] -> IO [a]
pool n jobs = do
  queue <- newIORef (zip [0 :: Int ..] jobs)
  out <- newMVar []
  let worker = atomicModifyIORef' queue (\q -> (drop 1 q, take 1 q)) >>= \j -> case j of
        [(i, act)] -> do { r <- act; modifyMVar_ out (pure . ((i, r) :)); worker }
        _ -> pure ()
  waits <- replicateM n (future worker)
  sequence_ waits
  rs <- readMVar out
  pure [r | i <- [0 .. length rs - 1], Just r <- [lookup i rs]]

main :: IO ()
main = do
  f <- future (pure (sum [1 .. 1000 :: Int]))
  g <- future (throwIO (userError "lost") :: IO Int)
  f >>= print
  r <- try g
  print (r :: Either IOException Int)
  pool 4 [yield >> pure (i * i) | i <- [1 .. 40 :: Int]] >>= print . sum
  -- A barrier for five.
  count <- newMVar (0 :: Int)
  open <- newEmptyMVar
  passed <- newMVar (0 :: Int)
  ws <- replicateM 5 (future (do { k <- modifyMVar count (\c -> pure (c + 1, c + 1)); if k == 5 then putMVar open () else readMVar open; modifyMVar_ passed (pure . (+ 1)) }))
  sequence_ ws
  readMVar passed >>= print
  -- First of several to answer.
  winner <- newEmptyMVar
  ts <- forM [(3, 400000), (1, 1000), (2, 200000)] (\(i, d) -> forkIO (threadDelay d >> void (tryPutMVar winner (i :: Int))))
  takeMVar winner >>= print
  mapM_ killThread ts
