-- Threads that allocate nothing do not keep the others from running
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import System.Timeout

spin :: Int -> Int
spin n = spin n

hop, skip :: Bool -> Bool
hop b = skip b
skip b = hop b

main :: IO ()
main = do
  print =<< timeout 100000 (evaluate (spin 1))
  print =<< timeout 100000 (evaluate (hop True))
  print =<< timeout 100000 (evaluate (let f x = f $ x in f 'x' :: Int))
  print =<< timeout 5000000 (evaluate (sum [1 .. 1000 :: Int]))

  -- Another thread comes to its turn, and may end the one that spins.
  done <- newEmptyMVar
  spinner <- forkIO ((evaluate (spin 2) >>= print) `catch` \e -> putMVar done (e :: AsyncException))
  turns <- newEmptyMVar
  forM_ [1 .. 3 :: Int] (\n -> forkIO (putMVar turns n))
  print . sum =<< replicateM 3 (takeMVar turns)
  killThread spinner
  print =<< takeMVar done

  -- Sleepers wake on time.
  other <- forkIO (void (evaluate (hop False)))
  forM_ [1 .. 3 :: Int] (\n -> threadDelay 30000 >> print n)
  killThread other
  putStrLn "done"
