-- A brainfuck interpreter and a stack machine with a compiler: strings become programs.
import qualified Data.Map as M
import Data.Char
import Data.Word

data B = Inc Int | Move Int | Out | In | Loop [B] deriving (Show)

parse :: String -> [B]
parse s = fst (go s) where
  go ('+' : r) = add (Inc 1) r
  go ('-' : r) = add (Inc (-1)) r
  go ('>' : r) = add (Move 1) r
  go ('<' : r) = add (Move (-1)) r
  go ('.' : r) = add Out r
  go (',' : r) = add In r
  go ('[' : r) = let (b, r') = go r; (rest, r'') = go r' in (Loop b : rest, r'')
  go (']' : r) = ([], r)
  go (_ : r) = go r
  go [] = ([], [])
  add i r = let (is, r') = go r in (merge i is, r')
  merge (Inc a) (Inc b : is) = Inc (a + b) : is
  merge (Move a) (Move b : is) = Move (a + b) : is
  merge i is = i : is

type Tape = ([Word8], Word8, [Word8])

exec :: [B] -> Tape -> String -> (String, Tape, String)
exec [] t i = ("", t, i)
exec (c : cs) t@(l, x, r) i = case c of
  Inc n -> exec cs (l, x + fromIntegral n, r) i
  Move n | n > 0 -> exec (if n == 1 then cs else Move (n - 1) : cs) (x : l, head r, tail r) i
         | otherwise -> exec (if n == -1 then cs else Move (n + 1) : cs) (tail l, head l, x : r) i
  Out -> let (o, t', i') = exec cs t i in (chr (fromIntegral x) : o, t', i')
  In -> exec cs (l, if null i then 0 else fromIntegral (ord (head i)), r) (drop 1 i)
  Loop b | x == 0 -> exec cs t i
         | otherwise -> let (o, t', i') = exec b t i; (o2, t2, i2) = exec (c : cs) t' i' in (o ++ o2, t2, i2)

run :: String -> String -> String
run p i = let (o, _, _) = exec (parse p) (repeat 0, 0, repeat 0) i in o

main :: IO ()
main = do
  putStr (run "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++." "")
  putStrLn (run ",[.,]" "echo")
  print (M.toList (M.fromListWith (+) [(show b !! 0, 1 :: Int) | b <- parse "++[>+<-]>>."]))
