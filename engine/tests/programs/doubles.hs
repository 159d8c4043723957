-- Double and Float: text in both directions, rounding, special values, functions, encodings.
import Numeric

main :: IO ()
main = do
  print [0.1, 1 / 3, 1e7, 1.0e-2, 123456.789, 5.0e-324, 1.7976931348623157e308, 0.1 + 0.2, -0.0 :: Double]
  print [0.1, 1 / 3, 3.4028235e38, 1.0e-45, 16777216 :: Float]
  print (1 / 0 :: Double, -1 / 0 :: Double, isNaN (0 / 0 :: Double), 0 / 0 == (0 / 0 :: Double))
  print (map round [0.5, 1.5, 2.5, -0.5, -1.5 :: Double] :: [Int], truncate (-2.7 :: Double) :: Int)
  print (floor (-2.5 :: Double) :: Integer, ceiling (2.1 :: Double) :: Int, properFraction (3.75 :: Double) :: (Int, Double))
  print (decodeFloat (1.5 :: Double), significand (8 :: Double), exponent (8 :: Double), encodeFloat 3 4 :: Double)
  print (sqrt 2, exp 1, log 10, sin 1, cos 1, tan 1, atan2 1 (-1) :: Double)
  print (sinh 1, cosh 1, tanh 1, asinh 1, acosh 2, atanh 0.5 :: Double)
  print (2 ** 0.5, 10 ^^ (-3 :: Int), logBase 2 1024 :: Double)
  putStrLn (showFFloat (Just 3) (3.14159 :: Double) "" ++ " " ++ showEFloat (Just 2) (12345.678 :: Double) "" ++ " " ++ showGFloat (Just 2) (0.01 :: Double) "")
  putStrLn (showHex (255 :: Int) "" ++ " " ++ showOct (8 :: Int) "" ++ " " ++ showHFloat (1.5 :: Double) "")
  print (read "3.5e-3" :: Double, read "Infinity" :: Double, fromRational 0.75 :: Double, realToFrac (0.1 :: Float) :: Double)
  print (toRational (0.75 :: Double), floatDigits (1 :: Float), isNegativeZero (-0.0 :: Double))
  print (sum (map (1 /) [1 .. 10000]) :: Double)
  print ([1.0, 1.5 .. 3.0] :: [Double])
  print (fromIntegral (maxBound :: Int) :: Double, minimum [3.5, 2.25 :: Float], fst (head (readHex "ff" :: [(Int, String)])))
