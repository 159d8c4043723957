-- Text.Read.Lex, ReadPrec by hand, readList, records out of order, Read of containers and of big numbers.
import Text.Read
import qualified Text.Read.Lex as L
import qualified Data.Set as S
import Data.Ratio

data Op = Plus | Minus deriving (Eq, Show)
data Ex = Num Int | Bin Ex Op Ex deriving (Eq, Show)

instance Read Ex where
  readPrec = parens (prec 6 (do { a <- step readPrec; o <- op; Bin a o <$> step readPrec }) +++ (Num <$> prec 10 readPrec) )
    where op = do { Symbol s <- lexP; case s of { "+" -> pure Plus; "-" -> pure Minus; _ -> pfail } }

data R = R { a :: Int, b :: [Maybe Bool] } deriving (Read, Show, Eq)

main :: IO ()
main = do
  print (readMaybe "1 + (2 - 3)" :: Maybe Ex)
  print (readMaybe "R {a = 1, b = [Just True,Nothing]}" :: Maybe R, readMaybe "R {b = [], a = 1}" :: Maybe R)
  print (readEither "1 2" :: Either String Int, readEither "" :: Either String Int)
  print (read "fromList [3,1,2]" :: S.Set Int, read "3 % 4" :: Rational, read "12345678901234567890123" :: Integer)
  print (read "\"\\x41\\&\\n\\1234\\SOH\"" :: String, read "'\\''" :: Char, read "()" :: (), read "LT" :: Ordering)
  print (read "1.5e-2" :: Double, readMaybe ".5" :: Maybe Double, readMaybe "NaN" :: Maybe Double, read " [ ( 1 , \"a\" ) ] " :: [(Int, String)])
  print (fst <$> (readPrec_to_S (lift L.lex) 0 "foo'1 = 0x1f") )
  print (fst (head (reads "7.25 tail" :: [(Float, String)])))
