-- Call stacks: HasCallStack in errors and in plain functions.
import Control.Exception
import GHC.Stack

whoCalls :: HasCallStack => String
whoCalls = case getCallStack callStack of
  (f, loc) : _ -> f ++ " at line " ++ show (srcLocStartLine loc)
  [] -> "nobody"

outer :: HasCallStack => Int -> Int
outer n = inner n + 1

inner :: HasCallStack => Int -> Int
inner n = if n > 2 then error ("too big: " ++ show n) else n

main :: IO ()
main = do
  putStrLn whoCalls
  print (outer 1)
  r <- try (evaluate (outer 5))
  case r of
    Left (ErrorCallWithLocation m loc) -> putStrLn m >> putStrLn loc
    Right n -> print n
  putStrLn (prettyCallStack (withFrozenCallStack callStack))
  _ <- evaluate (outer 9)
  putStrLn "not reached"
