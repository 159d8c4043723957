-- ByteString, strict and lazy, Char8, builders.
import qualified Data.ByteString as B
import qualified Data.ByteString.Builder as Bu
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Lazy as L
import qualified Data.ByteString.Lazy.Char8 as LC
import qualified Data.ByteString.Short as S

main :: IO ()
main = do
  let b = C.pack "hello, world"
  print (b, B.length b, C.unpack (C.map succ b), B.foldl' (\a w -> a + fromIntegral w) (0 :: Int) b)
  print (C.split ' ' b, C.breakSubstring (C.pack "wor") b, C.readInt (C.pack "42x"), B.sort b, B.reverse b)
  print (B.concat [b, b] == C.append b b, compare b (C.pack "hellp"), C.elemIndex 'w' b, C.isPrefixOf (C.pack "he") b)
  B.writeFile "x.bin" (B.pack [0 .. 255])
  B.readFile "x.bin" >>= print . B.foldr (\w n -> n + fromIntegral w) (0 :: Int)
  let l = L.take 100000 (L.cycle (LC.pack "abc"))
  print (L.length l, LC.count 'a' l, length (L.toChunks l) > 1)
  L.putStr (Bu.toLazyByteString (Bu.intDec 42 <> Bu.char7 ' ' <> Bu.doubleDec 1.5 <> Bu.word32HexFixed 255 <> Bu.string7 "\n" <> mconcat (map Bu.intDec [1 .. 20]) <> Bu.charUtf8 'λ' <> Bu.char7 '\n'))
  C.putStrLn (C.unwords (map (C.pack . show) [1 :: Int, 2, 3]))
  print (S.length (S.toShort b), C.lines (C.pack "a\nb\n"), C.words (C.pack " p  q "), B.zip b (B.drop 1 b) !! 2)
  print (B.unfoldrN 5 (\n -> if n > 3 then Nothing else Just (fromIntegral n, n + 1)) (0 :: Int), C.group (C.pack "aabbb"))
  print (B.elem 104 b, B.findIndex (> 110) b, B.partition even (B.pack [1 .. 10]), C.replicate 3 'z', B.index b 1)
