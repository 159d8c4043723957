-- Data.Text: building, splitting, case, searching, I/O, encodings.
-- stdin: λόγος and more
-- stdin: second
{-# LANGUAGE OverloadedStrings #-}
import qualified Data.Text as T
import qualified Data.Text.Encoding as E
import qualified Data.Text.IO as T
import qualified Data.Text.Lazy as L
import qualified Data.Text.Lazy.Builder as Bu
import qualified Data.Text.Lazy.Builder.Int as Bu
import qualified Data.Text.Read as R
import qualified Data.ByteString as B

main :: IO ()
main = do
  let t = "The Quick  brown fox, ünïcode λ" :: T.Text
  print (T.length t, T.toUpper t, T.words t, T.splitOn "," t)
  T.putStrLn (T.replace "fox" "dog" t)
  print (T.breakOn "brown" t, T.strip "  x ", T.justifyLeft 5 '.' "ab", T.center 6 '*' "ab", T.intercalate "-" ["a", "b"])
  print (E.encodeUtf8 "λ€", E.decodeUtf8 (B.pack [0xce, 0xbb]), E.decodeUtf8' (B.pack [0xff, 0x61]))
  print (R.decimal "12ab" :: Either String (Int, T.Text), R.double "2.5e2", R.signed R.decimal "-7" :: Either String (Integer, T.Text), R.hexadecimal "ff" :: Either String (Int, T.Text))
  l <- T.getLine
  T.putStrLn (T.reverse l)
  T.getContents >>= print
  print (L.toStrict (Bu.toLazyText (Bu.fromText "n=" <> Bu.decimal (12345 :: Int) <> Bu.singleton '!')))
  print (T.foldl' (\n c -> n + fromEnum c) 0 t, T.isInfixOf "ick" t, T.count "o" t, T.zip "abc" "xy", T.chunksOf 4 "abcdefghij")
  print (L.length (L.replicate 1000 "abc"), T.unpack (T.map succ "HAL"), T.transpose ["abc", "de"], T.empty)
  T.writeFile "t.txt" t
  t' <- T.readFile "t.txt"
  print (t == t', compare t "U", T.concatMap (T.replicate 2 . T.singleton) "xyz")
