-- C functions made of Haskell functions, called by C and by Haskell: nested, blocking, collecting, throwing within
{-# LANGUAGE InterruptibleFFI #-}

module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef
import Data.List (sortBy)
import Foreign
import Foreign.C
import System.Mem (performGC)

type Compare = Ptr CInt -> Ptr CInt -> IO CInt
type Wide = Int8 -> Double -> Word16 -> Ptr () -> Float -> Int64 -> CChar -> Bool -> Word32 -> Double -> IO Double
type Doubles =
  Double -> Double -> Double -> Double -> Double -> Double -> Double -> Double -> Double -> Double -> IO Double

foreign import ccall "wrapper" newCompare :: Compare -> IO (FunPtr Compare)
foreign import ccall "wrapper" newWide :: Wide -> IO (FunPtr Wide)
foreign import ccall "wrapper" newDoubles :: Doubles -> IO (FunPtr Doubles)
foreign import ccall "wrapper" newAction :: IO () -> IO (FunPtr (IO ()))
foreign import ccall "wrapper" newStep :: (CInt -> IO CInt) -> IO (FunPtr (CInt -> IO CInt))
foreign import ccall "dynamic" wide :: FunPtr Wide -> Wide
foreign import ccall "dynamic" doubles :: FunPtr Doubles -> Doubles
foreign import ccall "dynamic" action :: FunPtr (IO ()) -> IO ()
foreign import ccall interruptible "dynamic" step :: FunPtr (CInt -> IO CInt) -> CInt -> IO CInt
foreign import ccall "stdlib.h qsort" qsort :: Ptr CInt -> CSize -> CSize -> FunPtr Compare -> IO ()
foreign import ccall "stdlib.h bsearch"
  bsearch :: Ptr CInt -> Ptr CInt -> CSize -> CSize -> FunPtr Compare -> IO (Ptr CInt)

numbers :: Int -> [CInt]
numbers n = take n (iterate (\x -> (x * 1103 + 12345) `mod` 1000) 7)

sorting :: IO ()
sorting = do
  calls <- newIORef (0 :: Int)
  compared <- newCompare $ \a b -> do
    modifyIORef' calls (+ 1)
    n <- readIORef calls
    when (n `mod` 50 == 0) performGC
    x <- peek a
    y <- peek b
    return (fromIntegral (fromEnum (compare x y)) - 1)
  withArrayLen (numbers 200) $ \n p -> do
    qsort p (fromIntegral n) 4 compared
    sorted <- peekArray n p
    print (sorted == sortBy compare (numbers 200))
    found <- forM [7, 8, 999, 1000 :: CInt] $ \key -> with key $ \k -> do
      at <- bsearch k p (fromIntegral n) 4 compared
      if at == nullPtr then return Nothing else Just <$> peek at
    print found
  freeHaskellFunPtr compared

arguments :: IO ()
arguments = do
  f <- newWide $ \a b c d e g h i j k -> do
    print (a, b, c, d == nullPtr `plusPtr` 77, e, g, h)
    print (i, j, k)
    return (b * 2 + k)
  wide f (-3) 1.5 65535 (nullPtr `plusPtr` 77) 0.25 minBound (-1) True maxBound 2.5 >>= print
  g <- newDoubles $ \a b c d e f' g' h i j -> return (sum (zipWith (*) [1 ..] [a, b, c, d, e, f', g', h, i, j]))
  doubles g 1 2 3 4 5 6 7 8 9 10 >>= print

-- As deep as a program may expect of anybody.
deep :: IO ()
deep = do
  self <- newEmptyMVar
  f <- newStep $ \n ->
    if n == 0
      then performGC >> return 0
      else do
        g <- readMVar self
        let garbage = [fromIntegral n .. 2000] :: [Integer]
        below <- step g (n - 1)
        return (below + fromIntegral (length garbage `mod` 2) + 1)
  putMVar self f
  step f 40 >>= print

-- The one who is waited for waits for others, who go on meanwhile, and call as well.
blocking :: IO ()
blocking = do
  request <- newEmptyMVar
  answer <- newEmptyMVar
  inner <- newAction (yield >> putStrLn "inner")
  _ <- forkIO $ forever $ takeMVar request >>= \n -> action inner >> threadDelay 1000 >> putMVar answer (n + 1 :: Int)
  f <- newAction $ forM_ [1 .. 3] $ \n -> putMVar request n >> takeMVar answer >>= print
  action f
  putStrLn "done"

throwing :: IO ()
throwing = do
  f <- newStep $ \n -> (evaluate (10 `div` n)) `catch` \e -> do
    putStrLn ("caught " ++ show (e :: ArithException))
    return (-1)
  mapM (step f) [5, 0, 2] >>= print
  -- Nobody can ever wake it: it is told, within the call.
  g <- newAction $ do
    r <- try (newEmptyMVar >>= takeMVar) :: IO (Either BlockedIndefinitelyOnMVar ())
    print r
  action g
  -- Whoever is in a foreign call gets an exception when it is back.
  started <- newEmptyMVar
  release <- newEmptyMVar
  h <- newAction (putMVar started () >> takeMVar release)
  ended <- newEmptyMVar
  t <- forkIO $ (action h >> putStrLn "not reached?") `catch` (\e -> putStrLn ("got " ++ show (e :: AsyncException)))
         >> putMVar ended ()
  takeMVar started
  _ <- forkIO (killThread t)
  yield
  putMVar release ()
  takeMVar ended

-- More than are made at once, some of them freed and made again.
many :: IO ()
many = do
  fs <- forM [1 .. 600] $ \i -> newStep (\n -> return (n * i))
  sums <- sum <$> forM fs (`step` 3)
  mapM_ freeHaskellFunPtr (take 300 fs)
  again <- forM [1 .. 300] $ \i -> newStep (\n -> return (n - i))
  rest <- sum <$> forM (again ++ drop 300 fs) (`step` 2)
  print (sums, rest)

main :: IO ()
main = do
  sorting
  arguments
  deep
  blocking
  throwing
  many
