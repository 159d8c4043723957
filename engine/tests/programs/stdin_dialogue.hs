-- A dialogue on standard input: lines, a number that is read, end of file.
-- stdin: Ada
-- stdin: 36
-- stdin: nonsense
-- stdin: last
import Control.Exception
import System.IO
import System.IO.Error

main :: IO ()
main = do
  hSetBuffering stdout NoBuffering
  putStr "name? "
  name <- getLine
  putStr "age? "
  age <- readLn :: IO Int
  putStrLn (name ++ " will be " ++ show (age + 1))
  r <- try (readLn :: IO Int)
  print (either (\e -> ioeGetErrorString e) show r)
  c <- getChar
  c2 <- hLookAhead stdin
  print (c, c2)
  getLine >>= putStrLn
  isEOF >>= print
  e <- try getLine
  print (either isEOFError (const False) e)
