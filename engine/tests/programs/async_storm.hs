-- Exceptions thrown at a worker at arbitrary points never break its invariant or its lock.
import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef

main :: IO ()
main = do
  lock <- newMVar (0 :: Int, 0 :: Int)
  hits <- newIORef (0 :: Int)
  forM_ [1 .. 200 :: Int] $ \i -> do
    ready <- newEmptyMVar
    gone <- newEmptyMVar
    t <- mask_ $ forkIOWithUnmask $ \unmask ->
      (unmask (putMVar ready () >> forever (modifyMVar_ lock (\(a, b) -> do { a' <- evaluate (a + sum [1 .. 20]); pure (a', b + 210) }) >> yield))
         `catch` \e -> case e of { ThreadKilled -> modifyIORef hits (+ 1); _ -> throwIO e })
        `finally` putMVar gone ()
    takeMVar ready
    replicateM_ (i `mod` 7) yield
    _ <- evaluate (length (replicate (i * 37) 'x'))
    killThread t
    takeMVar gone
  (a, b) <- takeMVar lock
  print (a == b, a > 0)
  readIORef hits >>= print
