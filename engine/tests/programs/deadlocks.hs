-- Waiting for what cannot come: BlockedIndefinitely exceptions and NonTermination.
import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception

main :: IO ()
main = do
  m <- newEmptyMVar :: IO (MVar ())
  r <- try (takeMVar m)
  print (r :: Either BlockedIndefinitelyOnMVar ())
  r2 <- try (atomically retry)
  print (r2 :: Either BlockedIndefinitelyOnSTM ())
  r3 <- try (evaluate (let x = x + 1 :: Int in x))
  print (r3 :: Either NonTermination Int)
  -- A child that waits for its own MVar is told; its parent goes on.
  done <- newEmptyMVar
  _ <- forkIO (do c <- newEmptyMVar; takeMVar c `catch` \e -> putMVar done (show (e :: BlockedIndefinitelyOnMVar)))
  takeMVar done >>= putStrLn
