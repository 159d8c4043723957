-- SHA-256, base64, CRC-32 and RSA by hand: words that wrap and large powers.
import Data.Bits
import Data.Char
import Data.List
import Data.Word

primesL :: [Int]
primesL = sieve [2 ..] where sieve (p : xs) = p : sieve [x | x <- xs, x `mod` p /= 0]; sieve [] = []

rootBits :: Int -> Int -> Word32
rootBits k p = fromInteger (iroot k (fromIntegral p * 2 ^ (32 * k)) .&. 0xffffffff)

iroot :: Int -> Integer -> Integer
iroot k n = go 0 (2 ^ (40 :: Int)) where go lo hi | hi - lo <= 1 = lo | otherwise = let m = (lo + hi) `div` 2 in if m ^ k <= n then go m hi else go lo m

sha256 :: String -> String
sha256 s = concatMap hex (foldl' block h0 (chunks 16 (ws (pad (map (fromIntegral . ord) s)))))
  where
    h0 = map (rootBits 2) (take 8 primesL)
    ks = map (rootBits 3) (take 64 primesL)
    pad m = let l = length m in m ++ [0x80] ++ replicate ((55 - l) `mod` 64) 0 ++ [fromIntegral (shiftR (8 * l) b) | b <- [56, 48 .. 0]] :: [Word8]
    ws = map (foldl' (\a b -> shiftL a 8 .|. fromIntegral b) 0) . chunks 4 :: [Word8] -> [Word32]
    hex w = [intToDigit (fromIntegral (shiftR w b .&. 15)) | b <- [28, 24 .. 0]]
    block h m = zipWith (+) h (foldl' rnd h (zip ks (expand m)))
    expand m = take 64 w where w = m ++ zipWith4 (\a b c d -> sig 17 19 10 a + b + sig 7 18 3 c + d) (drop 14 w) (drop 9 w) (drop 1 w) w
    sig x y z v = rotateR v x `xor` rotateR v y `xor` shiftR v z
    rnd [a, b, c, d, e, f, g, h] (k, w) =
      let t1 = h + (rotateR e 6 `xor` rotateR e 11 `xor` rotateR e 25) + ((e .&. f) `xor` (complement e .&. g)) + k + w
          t2 = (rotateR a 2 `xor` rotateR a 13 `xor` rotateR a 22) + ((a .&. b) `xor` (a .&. c) `xor` (b .&. c))
       in [t1 + t2, a, b, c, d + t1, e, f, g]
    rnd _ _ = error "eight words"

chunks :: Int -> [a] -> [[a]]
chunks _ [] = []
chunks n xs = let (a, b) = splitAt n xs in a : chunks n b

crc32 :: String -> Word32
crc32 = complement . foldl' step maxBound where step c ch = iterate bit1 (c `xor` fromIntegral (ord ch)) !! 8; bit1 c = if testBit c 0 then shiftR c 1 `xor` 0xedb88320 else shiftR c 1

base64 :: String -> String
base64 s = concatMap enc (chunks 3 s) where
  table = ['A' .. 'Z'] ++ ['a' .. 'z'] ++ ['0' .. '9'] ++ "+/"
  enc cs = let n = length cs; v = foldl' (\a c -> a * 256 + ord c) 0 (take 3 (cs ++ "\0\0")) in take (n + 1) [table !! (shiftR v b .&. 63) | b <- [18, 12, 6, 0]] ++ replicate (3 - n) '='

powMod :: Integer -> Integer -> Integer -> Integer
powMod b e m | e == 0 = 1 | even e = let h = powMod b (e `div` 2) m in h * h `mod` m | otherwise = b * powMod b (e - 1) m `mod` m

main :: IO ()
main = do
  mapM_ (putStrLn . sha256) ["", "abc"]
  print (crc32 "123456789", base64 "any carnal pleas", base64 "sure.")
  let (p, q, e) = (2 ^ (89 :: Int) - 1, 2 ^ (107 :: Int) - 1, 65537); n = p * q; d = inv e ((p - 1) * (q - 1))
  print (powMod (powMod 123456789012345678901234567890 e n) d n)
  where inv a m = let go r0 r1 s0 s1 | r1 == 0 = s0 | otherwise = let k = r0 `div` r1 in go r1 (r0 - k * r1) s1 (s0 - k * s1) in go a m 1 0 `mod` m
