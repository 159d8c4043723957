-- Read, derived and by hand: records, infix constructors, negative numbers, nested lists, failures.
import Text.Read (readMaybe)
import qualified Data.Map as M

data Color = Red | Green | Blue deriving (Show, Read, Eq, Ord, Enum, Bounded)
data P = P { px :: Int, py :: Maybe Double } deriving (Show, Read, Eq)
data E = Int :+: E | N Int deriving (Show, Read, Eq)
infixr 5 :+:

main :: IO ()
main = do
  print (read "[Red,Green , Blue]" :: [Color])
  print (read " P { px = -3 , py = Just 2.5e1 } " :: P)
  print (read "1 :+: 2 :+: N 3" :: E)
  print (readMaybe "Purple" :: Maybe Color, readMaybe "12x" :: Maybe Int, readMaybe "(((7)))" :: Maybe Int)
  print (read "fromList [(1,\"a\\nb\"),(2,\"\\955\")]" :: M.Map Int String)
  print (reads "42 rest" :: [(Int, String)])
  print (read "(1,'c',\"s\",[Left 1,Right True])" :: (Int, Char, String, [Either Int Bool]))
  print (lex " hello world", words " a  b ", lines "x\ny\n", unwords ["p", "q"], unlines ["r", "s"])
  print (read "0x1F" :: Int, read "0o17" :: Int, read "-5" :: Integer, (readMaybe "1e3" :: Maybe Int))
  print (showsPrec 11 (-5 :: Int) "", show (Just (-2.5 :: Double)), show [Just (N (-1))])
