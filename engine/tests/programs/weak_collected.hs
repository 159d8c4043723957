-- What nobody holds is gone when performMajorGC returns, and finalizers run, also behind ones that fail.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef
import System.Mem
import System.Mem.Weak

state :: Weak a -> IO String
state w = maybe "dead" (const "alive") <$> deRefWeak w

looked :: String -> IO (Weak a) -> IO ()
looked name make = do
  w <- make
  performMajorGC
  s <- state w
  putStrLn (name ++ " " ++ s)

failing :: IO ()
failing = do
  ref <- newIORef ()
  void (mkWeakIORef ref (throwIO (ErrorCall "nobody hears it")))

main :: IO ()
main = do
  m <- newEmptyMVar
  kept <- newIORef 'k'
  looked "a reference" (newIORef () >>= \r -> mkWeakIORef r (return ()))
  looked "with a finalizer" (newIORef () >>= \r -> mkWeakIORef r (putMVar m "finalized"))
  takeMVar m >>= putStrLn
  looked "a pointer" (newIORef () >>= \r -> mkWeakPtr r Nothing)
  looked "a pair" (evaluate (length (show m'), 'x') >>= \p -> mkWeak p () Nothing)
  looked "what is kept" (mkWeakIORef kept (return ()))
  replicateM_ 4 failing
  r <- newIORef ()
  w <- mkWeakIORef r (putMVar m "behind failures")
  readIORef r
  performMajorGC
  takeMVar m >>= putStrLn
  state w >>= putStrLn
  readIORef kept >>= print
  where
    m' = 12345 :: Int
