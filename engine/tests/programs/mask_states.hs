-- In which masking state handlers, forked threads and what comes behind them run, for synchronous and asynchronous exceptions.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import GHC.Conc (atomically, retry, threadStatus)
import System.Mem (performMajorGC)

type Mask = (String, IO () -> IO ())

masks :: [Mask]
masks = [("unmasked", id), ("mask", mask_), ("uninterruptible", uninterruptibleMask_)]

state :: String -> IO ()
state what = getMaskingState >>= \s -> putStrLn ("  " ++ what ++ ": " ++ show s)

main :: IO ()
main = do
  forM_ masks $ \(outer, around) -> forM_ masks $ \(inner, within) -> do
    putStrLn (outer ++ ", then " ++ inner)
    around $ do
      within (throwIO (userError "sync")) `catch` \e -> do
        state ("handler of " ++ show (e :: IOException))
        (state "nested" >> throwIO e) `catch` \e' -> state ("nested handler of " ++ show (e' :: IOException))
      state "behind"
      (within (void (evaluate (1 `div` (0 :: Int))))) `catch` \e -> state ("handler of " ++ show (e :: ArithException))
    killed <- newEmptyMVar
    ready <- newEmptyMVar
    never <- newEmptyMVar :: IO (MVar ())
    t <- newEmptyMVar
    around $ void $ forkIO $ do
      myThreadId >>= putMVar t
      state "forked"
      (within (putMVar ready () >> interruptible (takeMVar never))) `catch` \e -> do
        state ("handler of " ++ show (e :: AsyncException))
        putMVar killed ()
    takeMVar ready
    when (inner /= "uninterruptible" && outer /= "uninterruptible") $ do
      takeMVar t >>= killThread
      takeMVar killed
  m <- newEmptyMVar :: IO (MVar ())
  void $ uninterruptibleMask_ $ forkIO $
    takeMVar m `catch` \e -> state ("nobody holds the MVar: " ++ show (e :: BlockedIndefinitelyOnMVar))
  threadDelay 10000
  performMajorGC
  threadDelay 10000
  n <- newEmptyMVar :: IO (MVar ())
  waiting <- sequence [forkIO (threadDelay 10000000), forkIO (takeMVar n), forkOn 0 (readMVar n), forkIO (atomically retry)]
  threadDelay 10000
  mapM threadStatus waiting >>= print
  mapM threadCapability waiting >>= print . map snd
