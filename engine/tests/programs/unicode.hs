-- Text beyond ASCII: output, input, categories, case, escapes, encodings chosen by hand.
-- stdin: grüße, мир
-- stdin: 日本語 🐈
import Data.Char
import System.IO
import Control.Exception

main :: IO ()
main = do
  putStrLn "grüß dich, κόσμε, 世界, 🐈"
  print "grüß\1234\&5 \SOH\DEL"
  print (map toUpper "straße éλ", map generalCategory "aA1 \t€\x0301", map isAlpha "aé1λ")
  print (map ord "é世🐈", chr 955, digitToInt 'f', isSpace '\xa0')
  l <- getLine
  putStrLn (reverse l)
  rest <- getContents
  print (length rest, rest)
  h <- openFile "out.txt" WriteMode
  hSetEncoding h utf16
  hPutStr h "λx"
  hClose h
  b <- withBinaryFile "out.txt" ReadMode (\i -> do s <- hGetContents i; _ <- evaluate (length s); pure s)
  print b
  h2 <- openFile "out.txt" ReadMode
  hSetEncoding h2 utf16
  hGetContents h2 >>= putStrLn
  writeFile "latin" ""
  withFile "latin" WriteMode (\o -> hSetEncoding o latin1 >> hPutStr o "\xe9\xff")
  r <- try (readFile "latin" >>= evaluate . length) :: IO (Either IOException Int)
  print r
  e <- mkTextEncoding "UTF-8//IGNORE"
  withFile "latin" ReadMode (\i -> hSetEncoding i e >> hGetContents i >>= print)
