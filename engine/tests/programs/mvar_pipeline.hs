-- Threads in a chain hand numbers on through MVars; a Chan collects what comes out.
import Control.Concurrent
import Control.Monad

stage :: MVar (Maybe Int) -> (Int -> Int) -> IO (MVar (Maybe Int))
stage from f = do
  to <- newEmptyMVar
  let loop = takeMVar from >>= \v -> case v of
        Nothing -> putMVar to Nothing
        Just x -> putMVar to (Just (f x)) >> loop
  _ <- forkIO loop
  pure to

main :: IO ()
main = do
  first <- newEmptyMVar
  lastOne <- foldM stage first ((* 2) : replicate 50 (+ 1))
  _ <- forkIO (mapM_ (putMVar first . Just) [1 .. 200] >> putMVar first Nothing)
  let collect acc = takeMVar lastOne >>= maybe (pure (reverse acc)) (\x -> collect (x : acc))
  xs <- collect []
  print (take 5 xs, length xs, sum xs)
  c <- newChan
  forM_ [1 .. 10 :: Int] $ \i -> forkIO (writeChan c (i * i))
  ys <- replicateM 10 (readChan c)
  print (sum ys)
  q <- newQSem 2
  out <- newMVar (0 :: Int)
  ends <- forM [1 .. 8] $ \i -> do
    e <- newEmptyMVar
    _ <- forkIO (waitQSem q >> modifyMVar_ out (pure . (+ i)) >> yield >> signalQSem q >> putMVar e ())
    pure e
  mapM_ takeMVar ends
  readMVar out >>= print
