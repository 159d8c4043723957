-- seq, deepseq, bang patterns, strict data, $!, evaluation order visible through trace.
{-# LANGUAGE BangPatterns, StrictData #-}
import Control.DeepSeq
import Control.Exception
import Data.List
import Debug.Trace

data S = S Int Int
data P a = P { lazyP :: ~a }

main :: IO ()
main = do
  r <- try (evaluate (S 1 undefined)) :: IO (Either ErrorCall S)
  putStrLn (either (const "strict field") (const "?") r)
  case P (undefined :: Int) of P _ -> putStrLn "lazy field"
  r2 <- try (evaluate (force [1, 2, error "deep" :: Int]))
  putStrLn (either (\(ErrorCall m) -> m) show r2)
  print (length [undefined :: Int, 2] `seq` "spine only")
  let f !x y = x + y :: Int
  r3 <- try (evaluate (f (error "bang") 2))
  putStrLn (either (\(ErrorCall m) -> m) show r3)
  print ((trace "a" 1 + trace "b" 2) `seq` trace "c" (3 :: Int))
  print (foldl' (\ !acc x -> acc + x) 0 [1 .. 10000 :: Int], rnf "abc", (id $!! "x"))
  let xs = [trace ("el " ++ show i) i | i <- [1 .. 3 :: Int]]
  print (sum xs + sum xs)
  let g = \_ -> 1 :: Int
  print (g (undefined :: Int), (g $! (3 :: Int)))
  r4 <- try (evaluate (g $! (error "forced" :: Int)))
  putStrLn (either (\(ErrorCall m) -> m) show r4)
  print (const 1 $ (undefined `seq` () ))
