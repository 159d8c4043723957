-- | Exceptions that are thrown and caught, from IO and from pure code.
module Exceptions (run) where

import Control.Exception

check :: Int -> Int
check k = if k `mod` 3 == 0 then throw (ErrorCall "three") else k

run :: Int -> IO ()
run n = loop n 0 >>= print
  where
    loop :: Int -> Int -> IO Int
    loop 0 caught = return caught
    loop k caught = do
      r <- try (evaluate (check k)) :: IO (Either ErrorCall Int)
      s <- (if even k then throwIO (userError "even") else return 0) `catch` \e -> return (one e)
      let caught' = caught + either (const 1) (const 0) r + s
      caught' `seq` loop (k - 1) caught'

    one :: IOException -> Int
    one _ = 1
