-- ReadP and a parser of its own: arithmetic with precedence, JSON, error positions.
import Control.Applicative hiding (many)
import Control.Monad
import Data.Char
import Text.ParserCombinators.ReadP (ReadP, readP_to_S, chainl1, char, munch1, skipSpaces, between, eof)
import qualified Text.ParserCombinators.ReadP as R

newtype P a = P { runP :: (Int, String) -> Either (Int, String) (a, (Int, String)) }
instance Functor P where fmap = liftM
instance Applicative P where { pure a = P (\s -> Right (a, s)); (<*>) = ap }
instance Monad P where P p >>= f = P (\s -> p s >>= \(a, s') -> runP (f a) s')
instance Alternative P where
  empty = P (\(n, _) -> Left (n, "nothing fits"))
  P a <|> P b = P (\s -> either (\e1 -> either (\e2 -> Left (max e1 e2)) Right (b s)) Right (a s))

sat :: String -> (Char -> Bool) -> P Char
sat what f = P go where
  go (n, c : cs) | f c = Right (c, (n + 1, cs))
  go (n, _) = Left (n, "expected " ++ what)

data J = JN Integer | JS String | JL [J] | JO [(String, J)] | JB Bool | JNull deriving (Show, Eq)

tok :: P a -> P a
tok p = p <* many' (sat "space" isSpace)
many' :: P a -> P [a]
many' p = some' p <|> pure []
some' :: P a -> P [a]
some' p = (:) <$> p <*> many' p
sym :: Char -> P Char
sym c = tok (sat (show c) (== c))
sep :: P a -> P [a]
sep p = ((:) <$> p <*> many' (sym ',' *> p)) <|> pure []

json :: P J
json = tok (JN . read <$> some' (sat "digit" isDigit)) <|> JS <$> str <|> JL <$> (sym '[' *> sep json <* sym ']')
  <|> JO <$> (sym '{' *> sep ((,) <$> str <* sym ':' <*> json) <* sym '}') <|> JB True <$ word "true" <|> JB False <$ word "false" <|> JNull <$ word "null"
str :: P String
str = tok (sat "'\"'" (== '"') *> many' (sat "character" (/= '"')) <* sat "'\"'" (== '"'))
word :: String -> P ()
word = tok . mapM_ (\c -> sat (show c) (== c))

expr :: ReadP Int
expr = chainl1 term ((+) <$ op '+' R.+++ ((-) <$ op '-'))
term :: ReadP Int
term = chainl1 factor ((*) <$ op '*')
factor :: ReadP Int
factor = (read <$> munch1 isDigit <* skipSpaces) R.+++ between (op '(') (op ')') expr
op :: Char -> ReadP Char
op c = char c <* skipSpaces

main :: IO ()
main = do
  print (readP_to_S (skipSpaces *> expr <* eof) " 2 * (3 + 4) - 5 * 2 ")
  print (readP_to_S (expr <* eof) "2 + + 3")
  print (fst <$> runP json (0, "{\"a\": [1, 2, {\"b\": null}], \"c\": true, \"d\": \"text\"}"))
  print (fst <$> runP json (0, "[1, 2, oops]"))
  print ((fst <$> runP json (0, "[" ++ concat (replicate 300 "[1],") ++ "7]")) == Right (JL (replicate 300 (JL [JN 1]) ++ [JN 7])))
