-- Files in the working directory: modes, seeking, buffering, appending, binary, listing, errors.
import Control.Exception
import Control.Monad
import System.Directory
import System.FilePath
import System.IO
import System.IO.Error

main :: IO ()
main = do
  writeFile "a.txt" "first\nsecond\n"
  appendFile "a.txt" "third"
  readFile "a.txt" >>= print . lines
  h <- openFile "a.txt" ReadWriteMode
  hFileSize h >>= print
  hSeek h AbsoluteSeek 6
  hGetLine h >>= putStrLn
  hTell h >>= print
  hSeek h SeekFromEnd (-5)
  hPutStr h "THIRD"
  hSeek h AbsoluteSeek 0
  hIsEOF h >>= print
  hGetContents h >>= putStrLn
  r <- try (openFile "missing" ReadMode)
  putStrLn (either (\e -> show (isDoesNotExistError e) ++ " " ++ show (e :: IOException)) (const "?") r)
  createDirectoryIfMissing True ("d" </> "e")
  writeFile ("d" </> "e" </> "f.bin") "x"
  listDirectory "d" >>= print
  doesFileExist "d/e/f.bin" >>= print
  doesDirectoryExist "d/e" >>= print
  renameFile "d/e/f.bin" "g.bin"
  removeDirectoryRecursive "d"
  doesDirectoryExist "d" >>= print
  copyFile "a.txt" "b.txt"
  readFile "b.txt" >>= putStrLn
  removeFile "b.txt"
  b <- withBinaryFile "bin" WriteMode (\o -> hPutStr o (map toEnum [0 .. 255]) >> hTell o)
  print b
  withBinaryFile "bin" ReadMode (\i -> hGetContents i >>= print . sum . map fromEnum)
  r2 <- try (writeFile "a.txt" "z" >> withFile "a.txt" ReadMode (\_ -> writeFile "a.txt" "y"))
  putStrLn (either (\e -> show (isAlreadyInUseError (e :: IOException))) (const "no lock") r2)
  hs <- forM [NoBuffering, LineBuffering, BlockBuffering (Just 7)] $ \m -> withFile "m" WriteMode (\o -> hSetBuffering o m >> hPutStrLn o (show m) >> hGetBuffering o)
  print hs
  (p, t) <- openTempFile "." "tmp.txt"
  hPutStr t "temp" >> hClose t
  readFile p >>= putStrLn
  putStrLn (takeExtension "x/y.tar.gz" ++ " " ++ dropExtension "q.hs" ++ " " ++ show (splitPath "a/b/c"))
