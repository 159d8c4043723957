-- CAFs: evaluated once, shared between uses, an exception in one is raised again at each use.
import Control.Exception
import Debug.Trace
import System.IO.Unsafe
import Data.IORef

table :: [Integer]
table = trace "table made" (scanl (+) 0 [1 .. 1000])

bad :: Int
bad = trace "bad tried" (error "bad CAF")

counter :: IORef Int
counter = unsafePerformIO (newIORef 100)
{-# NOINLINE counter #-}

main :: IO ()
main = do
  print (last table)
  print (table !! 10)
  r <- try (evaluate bad)
  putStrLn (either (\(ErrorCall m) -> m) show r)
  r2 <- try (evaluate bad)
  putStrLn (either (\(ErrorCall m) -> m) show r2)
  modifyIORef counter (+ 1)
  readIORef counter >>= print
