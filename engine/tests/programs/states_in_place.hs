-- | Masking, MVars, mutable variables and byte arrays, which compiled code mostly sees to without leaving: also where threads
-- wait, exceptions wait, and what is written to is old.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef
import System.Mem (performGC)

masks :: IO ()
masks = do
  state
  mask_ state
  mask $ \restore -> state >> restore state >> state
  uninterruptibleMask $ \restore -> state >> restore state >> mask_ state
  uninterruptibleMask_ (mask $ \restore -> restore state)
  mask $ \restore -> uninterruptibleMask_ (restore state) >> state
  mask_ (interruptible state)
  (mask_ (state >> throwIO (userError "masked"))) `catch` \e -> state >> print (e :: IOException)
  mask_ ((state >> throwIO (userError "inner")) `catch` \e -> state >> print (e :: IOException))
  state
  where state = getMaskingState >>= print

-- | An exception that waits is raised as soon as it is unmasked, in the frame or by the primop.
waiting :: IO ()
waiting = do
  started <- newEmptyMVar
  done <- newEmptyMVar
  t <- forkIO (mask (\restore -> do
    putMVar started ()
    replicateM_ 20 yield
    (restore (putStrLn "not reached") `catch` \e -> putStrLn ("in restore: " ++ show (e :: AsyncException))))
    `finally` putMVar done ())
  takeMVar started
  killThread t
  takeMVar done
  u <- forkIO ((mask_ (putMVar started () >> replicateM_ 20 yield) >> putStrLn "not reached")
    `catch` (\e -> putStrLn ("at the end of mask_: " ++ show (e :: AsyncException))) `finally` putMVar done ())
  takeMVar started
  killThread u
  takeMVar done

mvars :: IO ()
mvars = do
  v <- newMVar (0 :: Int)
  forM_ [1 .. 2000] $ \i -> do
    when (i `mod` 500 == 0) performGC
    modifyMVar_ v (\x -> return $! x + i)
  readMVar v >>= print
  r <- modifyMVar v (\x -> return (x + 1, x))
  print r
  tryTakeMVar v >>= print
  tryTakeMVar v >>= print
  tryPutMVar v 5 >>= print
  tryPutMVar v 6 >>= print
  tryReadMVar v >>= print
  _ <- takeMVar v
  isEmptyMVar v >>= print
  -- Several takers and putters, in the order in which they came.
  out <- newMVar []
  done <- newEmptyMVar
  forM_ [1 .. 5 :: Int] $ \i -> forkIO (takeMVar v >>= \x -> modifyMVar_ out (return . ((i, x) :)) >> putMVar done ()) >> yield
  forM_ [10, 20 .. 50] (putMVar v)
  replicateM_ 5 (takeMVar done)
  readMVar out >>= print . reverse
  putMVar v 1
  forM_ [2 .. 4] $ \i -> forkIO (putMVar v i) >> yield
  replicateM 4 (takeMVar v) >>= print
  x <- try (takeMVar v) :: IO (Either BlockedIndefinitelyOnMVar Int)
  print x

variables :: IO ()
variables = do
  r <- newIORef (0 :: Int)
  rs <- mapM newIORef [1 .. 500 :: Int]
  performGC
  performGC
  -- Old variables get young values, which must outlive the next collections.
  forM_ rs $ \x -> modifyIORef x (\y -> length (replicate (y `mod` 7) 'x') + y)
  forM_ [1 .. 1000 :: Int] $ \i -> atomicModifyIORef r (\x -> (x + i, ()))
  performGC
  forM_ [1 .. 1000 :: Int] $ \i -> atomicModifyIORef' r (\x -> (x - i + 1, ()))
  mapM readIORef rs >>= print . sum
  readIORef r >>= print
  old <- atomicModifyIORef r (\x -> (error "the new value", x))
  print old
  e <- try (readIORef r >>= evaluate)
  print (either (\x -> takeWhile (/= '\n') (show (x :: ErrorCall))) show e)
  atomicWriteIORef r 3
  f <- try (atomicModifyIORef' r (\_ -> error "no pair")) :: IO (Either ErrorCall ())
  print (either (const "raised") show f)
  g <- try (readIORef r >>= evaluate)
  print (either (\x -> takeWhile (/= '\n') (show (x :: ErrorCall))) show g)

-- | Integers are byte arrays of all sizes, made longer than they need be and then shrunk.
integers :: IO ()
integers = do
  let powers = scanl (*) 1 (replicate 400 (12345678901234567 :: Integer))
  print (sum (map (\p -> p `mod` 1000000007) powers))
  print (length (show (powers !! 400)))
  print (foldr (\p a -> (a + p) `div` 3) 0 powers `mod` 1000003)
  let huge = 3 ^ (200000 :: Int) :: Integer
  print (huge `mod` 998244353, (huge * huge - huge) `mod` 65537)

main :: IO ()
main = masks >> waiting >> mvars >> variables >> integers
