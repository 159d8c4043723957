-- Finalisers of dead keys run, in order of death; weak keys with values that hold them; ForeignPtr finalisers.
import Control.Concurrent
import Control.Monad
import Data.IORef
import Foreign
import qualified Foreign.Concurrent as FC
import System.Mem
import System.Mem.Weak

main :: IO ()
main = do
  count <- newIORef (0 :: Int)
  forM_ [1 .. 100 :: Int] $ \i -> do { r <- newIORef i; _ <- mkWeakIORef r (modifyIORef' count (+ 1)); pure () }
  performMajorGC
  threadDelay 1000
  performMajorGC
  yield
  n <- readIORef count
  print (n >= 99)
  p <- mallocBytes 8 :: IO (Ptr Int)
  done <- newEmptyMVar
  fp <- FC.newForeignPtr p (free p >> putMVar done "foreign pointer finalised")
  withForeignPtr fp (\q -> poke q 7 >> peek q >>= print)
  finalizeForeignPtr fp
  takeMVar done >>= putStrLn
  fp2 <- mallocForeignPtr :: IO (ForeignPtr Int)
  withForeignPtr fp2 (\q -> poke q 3)
  performGC
  withForeignPtr fp2 peek >>= print
  addFinalizer count (pure ())
