-- Synchronous exceptions: of every usual kind, caught by type, with finalisers in the right order.
{-# LANGUAGE ScopedTypeVariables #-}
import Control.Exception
import qualified Data.Map as M
import System.IO.Error
import System.IO

data Mine = Mine Int | Other String deriving (Show)
instance Exception Mine

attempt :: String -> IO a -> IO ()
attempt what act = do
  r <- try (act >> pure ())
  case r of
    Left (e :: SomeException) -> putStrLn (what ++ ": " ++ takeWhile (/= '\n') (show e))
    Right () -> putStrLn (what ++ ": fine")

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  attempt "div" (evaluate (1 `div` (0 :: Int)))
  attempt "minBound" (evaluate (minBound `div` (-1 :: Int)))
  attempt "head" (evaluate (head ([] :: [Int])))
  attempt "error" (evaluate (error "told so" :: Int))
  attempt "map" (evaluate (M.fromList [(1 :: Int, 'a')] M.! 2))
  attempt "mine" (throwIO (Mine 3))
  attempt "negative" (evaluate (2 ^ (-1 :: Int) :: Int))
  attempt "toEnum" (evaluate (toEnum 7 :: Bool))
  attempt "chr" (evaluate (toEnum (-1) :: Char))
  attempt "read" (evaluate (read "x" :: Int))
  attempt "user" (ioError (userError "mine"))
  attempt "assert" (evaluate (assert (1 + 1 == (2 :: Int)) ()))
  attempt "incomplete" (evaluate (let f :: Int -> Int; f 1 = 2 in f 3))
  (do putStrLn "in"; _ <- throwIO (Other "x"); pure ()) `catch` (\(e :: Mine) -> putStrLn ("caught " ++ show e)) `finally` putStrLn "finally"
  r <- try (bracket (putStrLn "acquire" >> pure 5) (\_ -> putStrLn "release") (\x -> evaluate (x `div` (0 :: Int))))
  print (r :: Either ArithException Int)
  r2 <- tryJust (\e -> if isDoesNotExistError e then Just () else Nothing) (readFile "no-such-file")
  print (either (const "missing") id r2)
  handleJust (\e -> case e of Mine n | n > 2 -> Just n; _ -> Nothing) (\n -> print ("big", n)) (throwIO (Mine 9))
  n <- (evaluate (length [1, throw (Mine 1)])) 
  print n
  uninterruptibleMask_ (getMaskingState >>= print)
  mask $ \restore -> do getMaskingState >>= print; restore getMaskingState >>= print
