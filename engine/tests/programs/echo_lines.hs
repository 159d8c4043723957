-- Reads numbers until the end of input and answers each at once, with errors for what is no number.
-- stdin: 4
-- stdin: x
-- stdin: 2 3
-- stdin: 10
import Control.Monad
import System.IO
import Text.Read

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  let loop total = do
        end <- isEOF
        if end then putStrLn ("total " ++ show total) else do
          l <- getLine
          case readMaybe l :: Maybe Int of
            Just n -> putStrLn (show (n * n)) >> loop (total + n)
            Nothing -> hPutStrLn stderr ("not a number: " ++ show l) >> loop total
  loop 0
  r <- isEOF
  when r (putStrLn "still at the end")
