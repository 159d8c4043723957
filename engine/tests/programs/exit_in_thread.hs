-- exitWith from a child thread ends only the child; from main with a finaliser around it ends the program.
import Control.Concurrent
import Control.Exception
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  done <- newEmptyMVar
  _ <- forkIO ((exitWith (ExitFailure 5) `catch` \e -> putStrLn ("child: " ++ show (e :: ExitCode)) >> throwIO e) `finally` putMVar done ())
  takeMVar done
  yield
  putStrLn "main goes on"
  (exitWith (ExitFailure 7) `finally` putStrLn "cleaning up")
