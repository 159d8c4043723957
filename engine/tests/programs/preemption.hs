-- A thread that only computes does not keep the others from running.
import Control.Concurrent
import Control.Exception

main :: IO ()
main = do
  flag <- newEmptyMVar
  t <- forkIO (evaluate (spin 0) >> pure ())
  _ <- forkIO (putMVar flag "the other ran")
  takeMVar flag >>= putStrLn
  killThread t
  putStrLn "and the first was stopped"
  where
    spin :: Integer -> Integer
    spin n = if n < 0 then n else spin (n + 1)
