-- | Library functions that the interpreter carries out itself: saturated, partially applied and given too many arguments,
-- on operands that are values, thunks and exceptions, large and small.
module Main (main) where

import Control.Exception
import Control.Monad (unless, when)
import Data.Bits (popCount, shiftL, shiftR, testBit, xor, (.&.), (.|.))
import Data.Foldable (foldl', toList)
import Data.IORef
import Data.List (sortBy)

-- | What evaluating comes to, or the exception.
try' :: Show a => String -> a -> IO ()
try' name x = do
  r <- try (evaluate x)
  putStrLn (name ++ ": " ++ either (\e -> "raises " ++ takeWhile (/= '\n') (show (e :: SomeException))) show r)

boom :: String -> a
boom = throw . ErrorCall

-- | A thunk, whatever it is given.
thunk :: a -> a
thunk x = foldr const x (replicate 3 x)

applying :: IO ()
applying = do
  try' "$" (succ $ thunk (41 :: Int))
  try' "$ $" (map ($ (3 :: Int)) [(+ 1), (* 2), subtract 4])
  try' "$ three" (($) zipWith (+) [1, 2, 3 :: Int] [10, 20, 30])
  try' "$ lazy" (const 5 $ (boom "unused" :: Int) :: Int)
  try' "$!" (const 5 $! (boom "used" :: Int) :: Int)
  try' "$! function" ((\f -> f 1 + f 2) $! thunk (+ (1 :: Int)))
  try' "$! partial" (map (length $!) ["a", "", "abc"])
  try' "." (((+ 1) . (* 2) . length) "abc")
  try' ". lazy" ((const 'x' . (boom "inner" :: Int -> Int)) 1)
  try' ". four" ((flip . flip) (-) (1 :: Int) 5)
  try' "id" (id id id (thunk 'c'))
  try' "const" (const (thunk 1) (boom "second" :: Int) :: Int)
  try' "const too many" (const (+) (boom "second" :: Int) 1 (2 :: Int))
  try' "flip" (flip (-) 1 (10 :: Int))
  try' "flip partial" (map (flip div 2) [7, 8, 9 :: Int])
  try' "compare by" (sortBy (flip compare) [3, 1, 2 :: Int])
  try' "function raises" ((boom "function" :: Int -> Int) $ 1)

choosing :: IO ()
choosing = do
  try' "&&" [a && b | a <- [True, thunk False], b <- [thunk True, False]]
  try' "||" [a || b | a <- [True, thunk False], b <- [thunk True, False]]
  try' "&& lazy" (thunk False && boom "second")
  try' "|| lazy" (thunk True || boom "second")
  try' "&& raises" (boom "first" && boom "second")
  try' "|| second" (False || boom "second")
  try' "folds" (foldr (&&) True (map thunk [True, True, False]), foldr (||) False [False, thunk True, boom "third"])
  try' "not" (map not [True, thunk False], not (even (thunk (3 :: Int))))
  try' "fst" (fst (thunk (1 :: Int, boom "second" :: Int)))
  try' "snd" (snd (boom "first" :: Int, thunk 'x'), map snd (zip "ab" [1 :: Int ..]))
  try' "fst raises" (fst (boom "pair" :: (Int, Int)))
  try' "maybe" (map (maybe 0 (+ 1)) [Nothing, Just 4, thunk (Just (5 :: Int))])
  try' "maybe lazy" (maybe (boom "default") (const 'j') (Just (boom "field" :: Int)))
  try' "maybe raises" (maybe 'd' (const 'j') (boom "scrutinee" :: Maybe Int))
  try' "either" (map (either length negate) [Left "abc", Right 4, thunk (Left "")])
  try' "either raises" (either id (+ 1) (boom "scrutinee" :: Either Int Int))

numbers :: IO ()
numbers = do
  try' "max min" [max 3 (thunk 4), min (thunk (-3)) 4, max 5 5 :: Int]
  try' "max min Double" (map show [max (0 / 0) 1, max 1 (0 / 0), min (0 / 0) 1, min 0 (-0.0), max (-0.0) (thunk 0) :: Double])
  try' "even odd" ([n | n <- [-3 .. 3], even n], [n | n <- [-3 .. 3 :: Int], odd (thunk n)])
  try' "even Integer" (map even [2 ^ (70 :: Int), 2 ^ (70 :: Int) + 1, -4, thunk 7 :: Integer])
  try' "odd Word" (filter odd [1 .. 6 :: Word])
  let int = thunk (-7) :: Int
  try' "fromIntegral" (fromIntegral int :: Integer, fromIntegral int :: Double, fromIntegral int :: Word)
  let word = maxBound :: Word
  try' "fromIntegral Word" (fromIntegral word :: Int, fromIntegral word :: Integer, fromIntegral word :: Double)
  let large = 2 ^ (65 :: Int) + 3 :: Integer
  try' "fromIntegral Integer" (fromIntegral large :: Int, fromIntegral large :: Double, fromIntegral (-9 :: Integer) :: Word)
  try' "fromIntegral raises" (fromIntegral (boom "operand" :: Int) :: Double)
  try' "toInteger" (map toInteger [minBound, thunk 0, maxBound :: Int], toInteger word)
  try' "fromInteger" (fromInteger large :: Int, fromInteger (thunk 12) :: Double)
  try' "truncate" (map truncate [2.7, -2.7, thunk 0.4, -0.5, 1e10 :: Double] :: [Int])
  try' "floor" (map floor [2.7, -2.7, thunk 3, -0.5, -3 :: Double] :: [Int])
  try' "ceiling" (map ceiling [2.7, -2.7, thunk 3, -0.5, 0.5 :: Double] :: [Integer])
  try' "truncate large" (truncate (1e30 :: Double) :: Integer, floor (-1e17 :: Double) :: Integer)
  try' "sqrt" (sqrt (thunk 2) :: Double, sqrt 0 :: Double, isNaN (sqrt (-1) :: Double))
  try' "ord" (map fromEnum "a\1114111", succ 'a', toEnum 98 :: Char)
  try' "Integer order" ((boom "left" :: Integer) * boom "right")
  try' "Integer order +" ((boom "left" :: Integer) + boom "right")
  try' "Integer order -" ((boom "left" :: Integer) - boom "right")
  try' "Integer order <" ((boom "left" :: Integer) < boom "right")
  try' "Integer divides" (thunk large `div` thunk 10, thunk large `mod` thunk 10, thunk 7 `quot` thunk (-2), thunk (-7) `rem` thunk 2)
  try' "Integer by zero" (boom "dividend" `div` (0 :: Integer))
  try' "Integer by zero 2" (thunk 1 `mod` thunk (0 :: Integer))
  try' "Int order" ((boom "left" :: Int) + boom "right")
  try' "Integer folds" (foldl' (*) 1 [1 .. 30 :: Integer], foldr (\k a -> k * a + 1) 0 [1 .. 25 :: Integer])
  try' "Bits" (thunk 12 .&. 10 :: Int, 12 .|. 3 :: Int, xor 5 (thunk 1) :: Word, shiftL 1 40 :: Int, shiftR (-8) 1 :: Int)
  try' "Bits too" (popCount (thunk 255 :: Int), testBit (5 :: Word) 2)

methods :: IO ()
methods = do
  try' "Show" (show (thunk (-5 :: Int)), showsPrec 11 (-5 :: Integer) "", show [Just 'x'])
  try' "Enum" (succ (thunk (1 :: Int)), [1, 3 .. 9 :: Int], ['a' ..  'e'], pred (2 :: Integer))
  try' "Foldable" (sum (thunk [1 .. 10 :: Int]), product [1 .. 20 :: Integer], maximum "hello", length (Just 'x'), elem 3 [1, 2, 3 :: Int])
  try' "Foldable too" (null (thunk ""), toList (Just 1 :: Maybe Int), foldr (-) 0 [1 .. 5 :: Int], foldl (-) 0 [1 .. 5 :: Int])
  try' "Traversable" (traverse (\x -> if x > 0 then Just x else Nothing) [1, 2, 3 :: Int], sequenceA [Just 1, Nothing :: Maybe Int])
  try' "Monads" ([1, 2] >>= \x -> [x, x * 10 :: Int], Just 3 >>= Just . (+ 1) :: Maybe Int, Left "no" >>= (Right :: Int -> Either String Int))
  try' "Functors" (fmap (+ 1) (thunk (Just (1 :: Int))), (+ 1) <$> Right 2 :: Either () Int, fmap (* 2) (+ 1) (3 :: Int))
  try' "Monoids" (mconcat ["a", "b"], mempty :: String, "x" <> thunk "y")

references :: IO ()
references = do
  r <- newIORef (1 :: Int)
  modifyIORef r (+ 1)
  modifyIORef' (thunk r) (* 10)
  readIORef (thunk r) >>= print
  mapM_ (modifyIORef r . (+)) [1 .. 5]
  mapM_ (\f -> modifyIORef' r f) [subtract 3, (* 2)]
  readIORef r >>= print
  modifyIORef r (const (boom "later"))
  try' "lazy write" ()
  readIORef r >>= try' "written lazily"
  writeIORef r 7
  w <- try (modifyIORef' r (const (boom "at once"))) :: IO (Either ErrorCall ())
  print (either (const "raised") (const "wrote") w)
  readIORef r >>= print
  let actions = [readIORef r, return 3, fmap (+ 1) (readIORef r)]
  mapM id actions >>= print
  let pending = writeIORef r
  pending (boom "not evaluated")
  pending 9
  (readIORef r >>= \x -> return $! x + 1) >>= print
  when (thunk True) (putStrLn "when")
  when False (boom "when False")
  unless (thunk False) (putStrLn "unless")
  unless True (boom "unless True")
  print (when (thunk True) (Just ()), unless True [()], when False (Nothing :: Maybe ()))
  x <- try (evaluate (thunk (boom "evaluate" :: Int)))
  print (either (\e -> show (e :: ErrorCall)) show x)
  y <- evaluate (thunk (length "four"))
  print y

main :: IO ()
main = applying >> choosing >> numbers >> methods >> references
