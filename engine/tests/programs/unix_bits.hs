-- What a program asks the system for: pid, clocks, user-independent facts, terminal questions.
import System.CPUTime
import System.IO
import System.Info
import System.Environment
import Data.Version
import GHC.Clock
import System.Posix.Types
import System.Posix.Files
import System.Posix.IO

main :: IO ()
main = do
  print (os, arch, compilerName, showVersion compilerVersion)
  t <- getMonotonicTime
  t' <- getMonotonicTimeNSec
  print (t > 0, t' > 0, cpuTimePrecision > 0)
  hIsTerminalDevice stdin >>= print
  hIsTerminalDevice stdout >>= print
  getProgName >>= putStrLn
  writeFile "f" "content"
  s <- getFileStatus "f"
  print (fileSize s, isRegularFile s, isDirectory s, fileMode s `mod` 512)
  fd <- openFd "f" ReadOnly Nothing defaultFileFlags
  (str, n) <- fdRead fd 4
  print (str, n)
  fdSeek fd AbsoluteSeek 2 >>= print
  closeFd fd
  (r, w) <- createPipe
  k <- fdWrite w "through the pipe"
  (out, _) <- fdRead r k
  putStrLn out
  closeFd r >> closeFd w
  setFileMode "f" 0o400
  fileAccess "f" True False False >>= print
  createSymbolicLink "f" "l"
  readSymbolicLink "l" >>= putStrLn
  e <- fileExist "nope"
  print e
