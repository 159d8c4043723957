-- Two threads that take turns twenty thousand times, and a ring of a thousand.
import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  a <- newEmptyMVar
  b <- newEmptyMVar
  _ <- forkIO (forM_ [1 .. 10000 :: Int] (\_ -> takeMVar a >>= putMVar b . (+ 1)))
  n <- foldM (\x _ -> putMVar a x >> takeMVar b) (0 :: Int) [1 .. 10000 :: Int]
  print n
  first <- newEmptyMVar
  lastM <- foldM (\from _ -> do { to <- newEmptyMVar; _ <- forkIO (forever (takeMVar from >>= putMVar to . (+ 1))); pure to }) first [1 .. 1000 :: Int]
  forM_ [0, 10, 20] (\x -> putMVar first x >> takeMVar lastM >>= (print :: Int -> IO ()))
