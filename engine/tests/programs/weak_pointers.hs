-- Weak pointers: alive while the key is, finalised after a collection, finalised by hand.
import Control.Concurrent
import Data.IORef
import System.Mem
import System.Mem.Weak
import System.Mem.StableName

main :: IO ()
main = do
  key <- newIORef 'k'
  log' <- newMVar []
  let say s = modifyMVar_ log' (pure . (s :))
  w <- mkWeakIORef key (say "key finalised")
  performGC
  alive <- deRefWeak w
  putStrLn (maybe "dead" (const "alive") alive)
  readIORef key >>= print
  other <- newIORef 'o'
  w2 <- mkWeakIORef other (say "by hand")
  finalize w2
  gone <- deRefWeak w2
  putStrLn (maybe "dead" (const "alive") gone)
  readIORef other >>= print
  readMVar log' >>= print
  let v = [1, 2, 3 :: Int]
  n1 <- makeStableName v
  performGC
  n2 <- makeStableName v
  print (n1 == n2, eqStableName n1 n2)
  p <- mkWeakPtr v Nothing
  r <- deRefWeak p
  print (fmap sum r, sum v)
