-- Lazy reading and writing of files, getContents in pieces, hGetLine to the end, a file read twice.
import Control.Exception
import Control.Monad
import System.IO
import System.IO.Error
import System.IO.Unsafe

main :: IO ()
main = do
  writeFile "numbers" (unlines (map show [1 .. 5000 :: Int]))
  s <- readFile "numbers"
  print (sum (map read (take 10 (lines s))) :: Int)
  print (length s)
  h <- openFile "numbers" ReadMode
  let loop n = do { e <- hIsEOF h; if e then pure n else hGetLine h >> loop (n + 1) }
  loop (0 :: Int) >>= print
  r <- try (hGetLine h)
  print (either isEOFError (const False) r)
  hClose h
  r2 <- try (hGetLine h)
  print (either isIllegalOperation (const False) r2)
  h2 <- openFile "numbers" ReadMode
  c <- hGetContents h2
  hClose h2
  r3 <- try (evaluate (length c)) :: IO (Either IOException Int)
  print (either (const "closed while lazy") show r3)
  x <- unsafeInterleaveIO (putStrLn "now" >> pure 5)
  putStrLn "before"
  print (x + 1 :: Int)
  withFile "numbers" AppendMode (\o -> forM_ "xyz" (hPutChar o))
  withFile "numbers" ReadMode (\i -> hSeek i SeekFromEnd (-5) >> hGetContents i >>= print)
  hSetNewlineMode stdout noNewlineTranslation
  withFile "crlf" WriteMode (\o -> hSetNewlineMode o (NewlineMode CRLF CRLF) >> hPutStrLn o "a" >> hPutStrLn o "b")
  withBinaryFile "crlf" ReadMode (\i -> hGetContents i >>= print)
