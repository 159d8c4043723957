-- Arguments, program name, environment variables, exit code from exitWith.
-- args: one "two words" --three -e
import System.Environment
import System.Exit
import System.IO

main :: IO ()
main = do
  getArgs >>= print
  withArgs ["replaced"] (getArgs >>= print)
  lookupEnv "SURELY_NOT_SET" >>= print
  setEnv "BCVM_TEST" "set here"
  getEnv "BCVM_TEST" >>= putStrLn
  unsetEnv "BCVM_TEST"
  lookupEnv "BCVM_TEST" >>= print
  withProgName "other" (getProgName >>= putStrLn)
  hPutStrLn stderr "to stderr"
  putStr "no newline at the end"
  exitWith (ExitFailure 42)
