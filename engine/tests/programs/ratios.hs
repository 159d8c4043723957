-- Ratio and complex numbers: exact sums, approximations, comparisons.
import Data.Complex
import Data.Ratio

main :: IO ()
main = do
  print (sum [1 % n | n <- [1 .. 30]] :: Rational)
  print (numerator (6 % 8 :: Rational), denominator (6 % (-8) :: Rational))
  print (truncate (7 % 2 :: Rational) :: Int, round (5 % 2 :: Rational) :: Int, recip (3 % 4) :: Rational)
  print (approxRational (pi :: Double) 0.001, fromRational (22 % 7) :: Double)
  print (compare (1 % 3) (2 % 6 :: Rational), (1 % 2) ^ (10 :: Int) :: Rational, [1 % 2, 1 .. 3 :: Rational])
  let z = 3 :+ 4 :: Complex Double
  print (magnitude z, realPart (z * conjugate z), z / (1 :+ 1), mkPolar 1 0 :: Complex Double)
