-- Both streams, several bufferings, flushes, trace, and a failing exit through error.
import Control.Exception
import Debug.Trace
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout (BlockBuffering (Just 10))
  putStr "first"
  hFlush stdout
  hPutStrLn stderr "err one"
  hSetBuffering stderr LineBuffering
  hPutStr stderr "partial "
  hPutStrLn stderr "line"
  traceM "traced"
  print (traceShow (1 :: Int, 'x') 5)
  hGetBuffering stdout >>= print
  mapM_ (\h -> hIsWritable h >>= print) [stdout, stderr]
  hIsReadable stdin >>= print
  hSetEcho stdin False `catch` \e -> const (pure ()) (e :: IOException)
  hShow stdout >>= putStrLn . takeWhile (/= ',')
  r <- try (exitWith (ExitFailure 9)) :: IO (Either ExitCode ())
  print r
  r2 <- try (exitWith (ExitFailure 0)) :: IO (Either SomeException ())
  putStrLn (either (const "0 is no failure") (const "?") r2)
  _ <- exitFailure `finally` putStrLn "on the way out"
  pure ()
