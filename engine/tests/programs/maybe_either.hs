-- Failure as a value: Maybe, Either, validation that collects, traversals that stop, laws checked on samples.
import Control.Monad
import Data.Either
import Data.Maybe

newtype V e a = V (Either e a) deriving (Show)
instance Functor (V e) where fmap f (V x) = V (fmap f x)
instance Semigroup e => Applicative (V e) where
  pure = V . Right
  V (Left a) <*> V (Left b) = V (Left (a <> b))
  V (Left a) <*> _ = V (Left a)
  V (Right f) <*> V x = V (fmap f x)

positive :: String -> Int -> V [String] Int
positive what n = V (if n > 0 then Right n else Left [what ++ " must be positive"])

safeDiv :: Int -> Int -> Either String Int
safeDiv _ 0 = Left "division by zero"
safeDiv a b = Right (a `div` b)

main :: IO ()
main = do
  print ((,) <$> positive "width" 3 <*> positive "height" (-1))
  print ((,,) <$> positive "a" 0 <*> positive "b" 2 <*> positive "c" (-7))
  print (mapM (safeDiv 100) [1, 5, 20], mapM (safeDiv 100) [1, 0, undefined], foldM safeDiv 1000 [2, 5, 10])
  print (catMaybes [Just 1, Nothing, Just 3], mapMaybe (`lookup` [(1, 'a'), (2, 'b')]) [2, 3, 1 :: Int], fromMaybe 0 Nothing, maybe "" show (Just 'x'))
  print (partitionEithers [Left 'a', Right 1, Left 'b', Right (2 :: Int)], lefts [Left 1, Right 'x'], either length negate (Left "abc"), fromRight 0 (Left "x"))
  print (sequence [Just 1, Nothing], traverse (\x -> [x, -x]) [1, 2], listToMaybe [9, 8], maybeToList (Just 'q'), isJust (Just ()) && isNothing (Nothing :: Maybe ()))
  print (and [(m >>= f >>= g) == (m >>= \x -> f x >>= g) | m <- [Nothing, Just 3, Just 4], let f x = if even x then Just (x * 2) else Nothing; g x = Just (x + 1 :: Int)])
  print ((>=>) (safeDiv 100) (safeDiv 1000) 10, void (Left 1 :: Either Int ()), join (Just (Just 'j')), mfilter even (Just (3 :: Int)), msum [Nothing, Just 'm'])
