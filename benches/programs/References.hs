-- | A loop in IO over an IORef and an MVar.
module References (run) where

import Control.Concurrent.MVar
import Control.Monad (when)
import Data.IORef

run :: Int -> IO ()
run n = do
  count <- newIORef (0 :: Int)
  total <- newMVar (0 :: Int)
  let loop :: Int -> IO ()
      loop k = when (k > 0) $ do
        modifyIORef' count (+ 1)
        c <- readIORef count
        modifyMVar_ total (\t -> return $! t + c)
        loop (k - 1)
  loop n
  readMVar total >>= print
