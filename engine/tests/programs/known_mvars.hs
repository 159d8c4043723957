-- | takeMVar, putMVar, readMVar, modifyMVar_ and withMVar: full and empty, with exceptions from within and without, and masked.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import System.Timeout (timeout)

newtype Odd = Odd Int deriving (Show)

instance Exception Odd

-- | What an action comes to, or why not.
report :: Show a => String -> IO a -> IO ()
report name action = do
  r <- try action
  state <- getMaskingState
  putStrLn (name ++ ": " ++ either (\e -> show (e :: SomeException)) show r ++ ", " ++ show state)

main :: IO ()
main = do
  m <- newMVar (0 :: Int)
  forM_ [1 .. 1000] $ \i -> do
    modifyMVar_ m (\v -> return $! v + i)
    v <- takeMVar m
    putMVar m (v * 3 `mod` 1009)
  readMVar m >>= print
  withMVar m (\v -> return (v + 1)) >>= print

  -- The action runs as its caller does, and may be anything that is an action.
  report "state" (withMVar m (const getMaskingState))
  report "masked" (mask_ (withMVar m (const getMaskingState)))
  report "uninterruptible" (uninterruptibleMask_ (modifyMVar_ m (\v -> getMaskingState >>= print >> return v)))
  report "inner mask" (withMVar m (\_ -> mask_ getMaskingState))
  report "constant" (modifyMVar_ m return >> withMVar m return)
  report "lazy" (modifyMVar_ m (\_ -> return undefined) >> void (readMVar m))
  _ <- swapMVar m 5

  -- What raises leaves the old value, whether it is the action or what makes it.
  report "throwIO" (modifyMVar_ m (\v -> throwIO (Odd v)))
  report "throw" (modifyMVar_ m (\v -> throw (Odd (v + 1))))
  report "undefined" (modifyMVar_ m undefined `catch` \(ErrorCall e) -> putStrLn e)
  report "with" (withMVar m (\v -> evaluate (v `div` 0)))
  report "strict" (modifyMVar_ m (\v -> return $! if v > 3 then throw (Odd 7) else v))
  report "left" (readMVar m)
  -- The handler, and what is further out, see the state that they should.
  r <- (Right <$> modifyMVar_ m (\_ -> throwIO (Odd 1))) `catch` \e -> do
    state <- getMaskingState
    return (Left (show (e :: Odd), state))
  print r
  getMaskingState >>= print

  -- One lock within another, and the same one filled by its own action: then the put must wait.
  n <- newMVar (10 :: Int)
  modifyMVar_ m (\v -> withMVar n (\w -> return (v + w)))
  (,) <$> readMVar m <*> readMVar n >>= print
  report "filled" (timeout 20000 (modifyMVar_ m (\v -> putMVar m (v + 100) >> return v)))
  report "filled" (readMVar m)
  done <- newEmptyMVar
  _ <- forkIO $ do
    modifyMVar_ m (\v -> putMVar m 77 >> return (v + 1))
    s <- getMaskingState
    b <- withMVar n (\w -> putMVar n 99 >> return (w + 1))
    t <- getMaskingState
    putMVar done (b, s, t)
  threadDelay 2000
  replicateM 2 (takeMVar m) >>= print
  threadDelay 2000
  replicateM 2 (takeMVar n) >>= print
  takeMVar done >>= print
  putMVar m 1

  -- Exceptions from without, before and while the action runs.
  started <- newEmptyMVar
  ended <- newEmptyMVar
  t <- forkFinally (modifyMVar_ m (\v -> putMVar started () >> threadDelay 1000000 >> return (v + 1))) (putMVar ended)
  takeMVar started
  throwTo t (Odd 3)
  takeMVar ended >>= either print print
  readMVar m >>= print
  u <- forkFinally (forever (modifyMVar_ m (\v -> return $! v + 1))) (putMVar ended)
  w <- forkFinally (forever (withMVar m (\v -> evaluate (length [1 .. v `mod` 50])))) (putMVar ended)
  threadDelay 20000
  killThread u
  killThread w
  replicateM_ 2 (takeMVar ended >>= either print print)
  full <- not <$> isEmptyMVar m
  print full

  -- Threads that count under one lock, and one that waits where nobody comes.
  count <- newMVar (0 :: Int)
  ends <- forM [1 .. 8 :: Int] $ \_ -> do
    end <- newEmptyMVar
    _ <- forkIO (replicateM_ 500 (modifyMVar_ count (\v -> yield >> return (v + 1))) >> putMVar end ())
    return end
  mapM_ takeMVar ends
  readMVar count >>= print
  empty <- newEmptyMVar :: IO (MVar Int)
  report "for ever" (modifyMVar_ empty return)
  report "for ever" (takeMVar empty)
  report "deep" (foldr (\i k v -> withMVar count (\_ -> return ()) >> fmap (+ 1) (k (v + i))) return [1 .. 20000 :: Int] 0)
