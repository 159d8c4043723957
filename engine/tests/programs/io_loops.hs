-- Control.Monad loops in IO: forM, when, unless, replicateM, zipWithM, foldM, forever with a way out, mapAndUnzipM.
import Control.Exception
import Control.Monad
import Data.IORef

main :: IO ()
main = do
  forM_ (zip [1 :: Int ..] "abc") $ \(i, c) -> when (odd i) (putStrLn (replicate i c))
  xs <- replicateM 3 (pure 'x')
  putStrLn xs
  n <- newIORef (0 :: Int)
  r <- try (forever (modifyIORef n (+ 1) >> readIORef n >>= \k -> when (k > 1000) (throwIO (userError "enough"))))
  putStrLn (either (\e -> show (e :: IOException)) absurd' r)
  zipWithM_ (\a b -> print (a * b)) [1, 2, 3] [4, 5, 6 :: Int]
  total <- foldM (\acc x -> do { unless (x < 3) (putStrLn ("adding " ++ show x)); pure (acc + x) }) 0 [1 .. 5 :: Int]
  print total
  (as, bs) <- mapAndUnzipM (\x -> pure (x, x * x)) [1 .. 5 :: Int]
  print (as, bs)
  ys <- filterM (\x -> modifyIORef n (+ x) >> even <$> readIORef n) [1 .. 10]
  print ys
  print =<< (liftM2 (+) (pure 1) (pure (2 :: Int)))
  mapM_ print ([(x, y) | x <- [1, 2], y <- "pq"] :: [(Int, Char)])
  print (replicateM 2 "01", zipWithM (\a b -> if b /= 0 then Just (a `div` b) else Nothing) [10, 20] [2, 5 :: Int])
  where absurd' () = "never"
