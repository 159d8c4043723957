-- The directory package: trees, permissions, times, current directory, errors.
import Control.Exception
import Control.Monad
import Data.List
import System.Directory
import System.FilePath
import System.IO.Error

walk :: FilePath -> IO [FilePath]
walk d = do
  es <- sort <$> listDirectory d
  concat <$> forM es (\e -> do { let { p = d </> e }; isD <- doesDirectoryExist p; (p :) <$> if isD then walk p else pure [] })

main :: IO ()
main = do
  createDirectoryIfMissing True "t/a/b/c"
  forM_ ["t/one", "t/a/two", "t/a/b/c/three"] (\f -> writeFile f f)
  walk "t" >>= mapM_ putStrLn
  here <- getCurrentDirectory
  setCurrentDirectory "t/a"
  readFile "two" >>= putStrLn
  getCurrentDirectory >>= putStrLn . makeRelative here
  withCurrentDirectory "b" (doesFileExist "c/three" >>= print)
  setCurrentDirectory here
  p <- getPermissions "t/one"
  print (readable p, writable p, executable p)
  setPermissions "t/one" (setOwnerExecutable True p)
  executable <$> getPermissions "t/one" >>= print
  getFileSize "t/a/two" >>= print
  renameDirectory "t/a/b" "t/b"
  walk "t" >>= print . map (makeRelative "t")
  r <- try (removeDirectory "t")
  putStrLn (either (\e -> if isDoesNotExistError e then "?" else "not empty") (const "gone") r)
  r2 <- try (createDirectory "t")
  print (either isAlreadyExistsError (const False) r2)
  r3 <- try (listDirectory "nowhere")
  print (either isDoesNotExistError (const False) r3)
  createFileLink "one" "t/link"
  pathIsSymbolicLink "t/link" >>= print
  getSymbolicLinkTarget "t/link" >>= putStrLn
  m <- getModificationTime "t/one"
  m2 <- getModificationTime "t/link"
  print (m == m2)
  a <- makeAbsolute "t/./one"
  c <- canonicalizePath "t/../t/link"
  print (makeRelative here a, equalFilePath a c)
  removePathForcibly "t"
  doesPathExist "t" >>= print
