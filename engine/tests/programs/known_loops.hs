-- | mapM_, forM_, traverse_, for_ and replicateM_ in IO and ST: over lists and else, with exceptions, as values, for long.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Control.Monad.ST
import qualified Control.Monad.ST.Lazy as Lazy
import Data.Foldable (for_, traverse_)
import Data.IORef
import qualified Data.Map as Map
import Data.STRef
import System.Timeout (timeout)

newtype Odd = Odd Int deriving (Show)

instance Exception Odd

-- | Numbers that raise an exception on their way, as elements and as the list itself.
numbers :: Int -> [Int]
numbers k
  | k > 3 = throw (Odd k)
  | otherwise = k : numbers (k + 1)

total :: Int -> Int
total n = runST $ do
  sum' <- newSTRef 0
  forM_ [1 .. n] $ \i -> modifySTRef' sum' (+ i)
  replicateM_ n (modifySTRef' sum' (+ 1))
  mapM_ (\i -> when (even i) (modifySTRef' sum' (subtract i))) [1 .. n]
  readSTRef sum'

report :: Show a => String -> IO a -> IO ()
report name action = do
  r <- try action
  putStrLn (name ++ ": " ++ either (\e -> show (e :: SomeException)) show r)

main :: IO ()
main = do
  r <- newIORef (0 :: Int)
  let note i = modifyIORef' r (\v -> (v * 7 + i) `mod` 100003)
      noted = readIORef r >>= print
  mapM_ note [1 .. 1000]
  forM_ [1 .. 1000] note
  traverse_ note (map (* 2) [1 .. 100])
  for_ (filter even [1 .. 100]) $ \i -> note i >> return i
  replicateM_ 1000 (note 3)
  noted
  mapM_ print "ab"
  forM_ (words "one two three") putStrLn
  for_ [Just 1, Nothing] print
  replicateM_ 2 (putStrLn "twice")
  mapM_ note [] >> forM_ [] note >> replicateM_ 0 (note 9) >> replicateM_ (-3) (note 9)
  noted
  print (total 1000, Lazy.runST (mapM_ return [1 .. 10 :: Int] >> return 'l'))
  -- What is no list, and what is no action of IO.
  mapM_ note (Just 4) >> forM_ (Map.fromList [(1 :: Int, 2), (3, 4)]) note >> for_ (Right 5 :: Either () Int) note
  noted
  print (mapM_ (\i -> if i > 2 then Nothing else Just i) [1 .. 5 :: Int], replicateM_ 2 [1, 2 :: Int], forM_ [1, 2 :: Int] (\i -> [i, i]))
  print (traverse_ (\i -> ([i], i)) [1 .. 3 :: Int])
  -- Exceptions of elements, of lists, of actions and of what makes them; what came before has happened.
  report "list" (mapM_ note (numbers 0))
  report "element" (forM_ [1, throw (Odd 5), 3] note)
  report "action" (forM_ [1 ..] $ \i -> when (i > 10) (throwIO (Odd i)) >> note i)
  report "function" (mapM_ (undefined :: Int -> IO ()) [1] `catch` \(ErrorCall e) -> putStrLn e)
  report "no function" (mapM_ (undefined :: Int -> IO ()) [])
  report "number" (replicateM_ (throw (Odd 6)) (note 1))
  report "times" (replicateM_ 5 (readIORef r >>= \v -> note 1 >> when (v `mod` 3 == 0) (throwIO (Odd v))))
  noted
  -- As values, which are evaluated no further than base does.
  report "seq" (evaluate (mapM_ note (numbers 4)) >> return ())
  report "seq" (evaluate (replicateM_ (throw (Odd 8)) (note 1)) >> return ())
  report "seq" (evaluate (mapM_ note (1 : numbers 4)) >> evaluate (replicateM_ 3 (undefined :: IO ())) >> return ())
  let twice = forM_ [1 .. 10] note
      thrice = replicateM_ 3 twice
  twice >> thrice >> mapM_ id [twice, thrice, replicateM_ 2 twice]
  sequence_ (map ($ [1, 2]) [mapM_ note, flip forM_ note, traverse_ (note . (+ 1))])
  noted
  -- One within the other, results that are no units, deep and long.
  forM_ [1 .. 20] $ \i -> forM_ [i .. 20] $ \j -> replicateM_ 2 (note (i * j))
  mapM_ (\i -> readIORef r >>= \v -> return (v + i)) [1 .. 100000]
  replicateM_ 100000 (return 'x')
  foldr (\i k -> mapM_ note [i] >> k >> return ()) (return ()) [1 .. 20000]
  noted
  -- Interrupted: with actions that are no byte code, and endless lists.
  timeout 20000 (forM_ (cycle [1, 2]) note) >>= print
  timeout 20000 (replicateM_ maxBound (return ())) >>= print
  timeout 20000 (mapM_ return (repeat 'x')) >>= print
  box <- newEmptyMVar
  done <- newEmptyMVar
  _ <- forkIO (mapM_ (putMVar box) [1 .. 500 :: Int] >> putMVar done ())
  replicateM_ 500 (takeMVar box >>= note)
  takeMVar done
  report "still runs" (readIORef r >>= \v -> evaluate (v >= 0))
