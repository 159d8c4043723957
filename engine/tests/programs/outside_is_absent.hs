-- Files that exist nowhere are missing in the same words whoever asks.
import Control.Exception
import System.Directory
import System.IO

main :: IO ()
main = do
  r <- try (readFile "/no/such/file") :: IO (Either IOException String)
  print r
  r2 <- try (writeFile "/no/such/dir/file" "x") :: IO (Either IOException ())
  print r2
  r3 <- try (createDirectory "no/such/parent/dir") :: IO (Either IOException ())
  print r3
  doesFileExist "/no/such/file" >>= print
  doesDirectoryExist "/no/such" >>= print
  r4 <- try (openFile "" ReadMode >> pure ()) :: IO (Either IOException ())
  print r4
  r5 <- try (removeFile "missing") :: IO (Either IOException ())
  print r5
  r6 <- try (openFile "." WriteMode >> pure ()) :: IO (Either IOException ())
  print r6
