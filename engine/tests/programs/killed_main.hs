-- An asynchronous exception to the main thread that nobody catches is the program's end.
import Control.Concurrent
import Control.Exception

main :: IO ()
main = do
  me <- myThreadId
  _ <- forkIO (threadDelay 50000 >> throwTo me (userError "from a child"))
  threadDelay 2000000 `finally` putStrLn "main is unwound"
  putStrLn "never"
