-- A pipe between two threads: reading waits without holding up the writer.
import Control.Concurrent
import System.IO
import System.Posix.IO

main :: IO ()
main = do
  (r, w) <- createPipe
  hr <- fdToHandle r
  hw <- fdToHandle w
  hSetBuffering hw LineBuffering
  done <- newEmptyMVar
  _ <- forkIO (mapM_ (\i -> hPutStrLn hw ("line " ++ show i) >> threadDelay 1000) [1 .. 5 :: Int] >> hClose hw)
  _ <- forkIO (hGetContents hr >>= putStr >> putMVar done ())
  takeMVar done
  putStrLn "end"
