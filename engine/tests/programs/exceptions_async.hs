-- Asynchronous exceptions: killThread, throwTo, masking, interruptible waits and handlers.
import Control.Concurrent
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  started <- newEmptyMVar
  done <- newEmptyMVar
  t <- forkIO ((putMVar started () >> threadDelay 10000000) `catch` \e -> putMVar done (show (e :: AsyncException)))
  takeMVar started
  killThread t
  takeMVar done >>= putStrLn
  -- A pure loop that allocates can be stopped.
  t2 <- forkIO ((putMVar started () >> print (length [1 :: Integer ..])) `catch` \e -> putMVar done ("loop " ++ show (e :: SomeException)))
  takeMVar started
  yield
  throwTo t2 (userError "enough")
  takeMVar done >>= putStrLn
  -- Masked: the exception waits until the mask ends.
  go <- newEmptyMVar
  log' <- newMVar []
  let say s = modifyMVar_ log' (pure . (s :))
  t3 <- forkIO $ (mask_ (putMVar started () >> replicateM_ 1000 yield >> say "masked part done") >> say "not reached")
           `catch` (\e -> say (show (e :: AsyncException))) `finally` putMVar go ()
  takeMVar started
  killThread t3
  takeMVar go
  readMVar log' >>= mapM_ putStrLn . reverse
  -- Blocked in takeMVar under mask: interruptible.
  never <- newEmptyMVar :: IO (MVar ())
  t4 <- forkIO (mask_ ((putMVar started () >> takeMVar never) `catch` \e -> putMVar done ("interrupted " ++ show (e :: AsyncException))))
  takeMVar started >> yield >> killThread t4
  takeMVar done >>= putStrLn
  -- An exception to oneself.
  me <- myThreadId
  (throwTo me StackOverflow >> putStrLn "no") `catch` \e -> print (e :: AsyncException)
