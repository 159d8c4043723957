-- exitSuccess skips the rest, flushes what was buffered, and is no failure.
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout (BlockBuffering Nothing)
  putStr "buffered"
  _ <- exitSuccess
  putStr "never"
