-- The order in which brackets, finally, mask and nested handlers act, also when a handler throws itself.
import Control.Exception
import Control.Monad

main :: IO ()
main = do
  r <- try (bracket (say "a+") (\_ -> say "a-") (\_ -> bracket_ (say "b+") (say "b-") (throwIO (userError "in b") `finally` say "f"))) :: IO (Either IOException ())
  print r
  r2 <- try ((throwIO (userError "first") `catch` \e -> say ("h " ++ show (e :: IOException)) >> throwIO DivideByZero) `finally` say "end") :: IO (Either ArithException ())
  print r2
  r3 <- try (throwIO (userError "body") `finally` throwIO Overflow) :: IO (Either SomeException ())
  print r3
  s1 <- getMaskingState
  s2 <- mask_ getMaskingState
  s3 <- uninterruptibleMask_ (interruptible getMaskingState)
  s4 <- (throwIO (userError "m") :: IO MaskingState) `catch` \e -> const getMaskingState (e :: IOException)
  s5 <- bracket (getMaskingState) (\_ -> getMaskingState >>= print) pure
  print [s1, s2, s3, s4, s5]
  xs <- forM [1 .. 1000 :: Int] $ \i -> (when (odd i) (throwIO (userError (show i))) >> pure 0) `catch` \e -> const (pure 1) (e :: IOException)
  print (sum xs :: Int)
  n <- foldM (\acc i -> (evaluate (if i `mod` 3 == 0 then throw Underflow else acc + i)) `catch` \e -> const (pure (acc - 1)) (e :: ArithException)) 0 [1 .. 300 :: Int]
  print n
  let nested 0 = throwIO (userError "deep") :: IO Int
      nested k = (nested (k - 1)) `catch` \e -> if k `mod` 2 == (0 :: Int) then throwIO (e :: IOException) else nested' k
      nested' k = pure k
  nested 9 >>= print
  where say = putStrLn
