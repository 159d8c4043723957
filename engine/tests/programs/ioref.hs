-- IORef: loops, laziness of modifyIORef, atomicModify under threads, mkWeak left alone.
import Control.Concurrent
import Control.Monad
import Data.IORef

main :: IO ()
main = do
  r <- newIORef (0 :: Int)
  forM_ [1 .. 20000] $ \i -> modifyIORef' r (+ i)
  readIORef r >>= print
  l <- newIORef (0 :: Integer)
  forM_ [1 .. 5000] $ \i -> modifyIORef l (+ i)
  readIORef l >>= print
  c <- newIORef (0 :: Int)
  ds <- forM [1 .. 10 :: Int] $ \_ -> do
    d <- newEmptyMVar
    _ <- forkIO (replicateM_ 500 (atomicModifyIORef' c (\x -> (x + 1, ())) >> when False yield) >> putMVar d ())
    pure d
  mapM_ takeMVar ds
  readIORef c >>= print
  old <- atomicModifyIORef c (\x -> (x * 2, x))
  new <- readIORef c
  print (old, new)
  atomicWriteIORef c 5
  readIORef c >>= print
  a <- newIORef 'a'
  b <- newIORef 'a'
  print (a == a, a == b)
