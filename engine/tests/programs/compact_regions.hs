-- Compact regions: data is evaluated, copied, shared, survives collections, and what may not be in one is refused.
-- flags: -package ghc-compact
import Control.Exception
import Control.Monad
import Data.IORef
import qualified Data.Map as M
import qualified Data.Text as T
import GHC.Compact
import System.Mem

data Tree = Leaf | Node Tree Int Tree deriving (Show, Eq)

grow :: Int -> Int -> Tree
grow lo hi | lo > hi = Leaf
           | otherwise = let m = (lo + hi) `div` 2 in Node (grow lo (m - 1)) m (grow (m + 1) hi)

total :: Tree -> Int
total Leaf = 0
total (Node l x r) = total l + x + total r

refused :: String -> IO a -> IO ()
refused what act = do
  r <- try act
  case r of
    Left e -> putStrLn (what ++ ": " ++ show (e :: CompactionFailed))
    Right _ -> putStrLn (what ++ ": fine")

main :: IO ()
main = do
  c <- compact (Just [1, 2, 3 :: Int])
  print (getCompact c)
  compactSize c >>= print
  isCompact (getCompact c) >>= print
  inCompact c (getCompact c) >>= print
  isCompact "elsewhere" >>= print

  -- Lazy, large, and used after collections.
  big <- compact [x * x | x <- [1 .. 20000 :: Int]]
  performGC
  print (sum (getCompact big))
  tree <- compact (grow 1 5000)
  performGC
  forM_ [1 .. 20 :: Int] $ \i -> evaluate (length (show [1 .. i * 100]))
  print (total (getCompact tree), getCompact tree == grow 1 5000)
  m <- compact (M.fromList [(T.pack (show k), [k, k + 1]) | k <- [1 .. 300 :: Integer]])
  performGC
  print (M.lookup (T.pack "77") (getCompact m), M.size (getCompact m))

  -- A second value in the same region; sharing, and a cycle.
  d <- compactAdd c (fmap (map negate) (getCompact c))
  inCompact c (getCompact d) >>= print
  print (getCompact d)
  let shared = [1 .. 1000 :: Int]
  s <- compactWithSharing (replicate 100 shared)
  size <- compactSize s
  print (size < 200000, sum (map sum (getCompact s)))
  let loop = 1 : 2 : loop :: [Int]
  l <- compactWithSharing loop
  print (take 5 (getCompact l))

  -- What throws while it is evaluated, and adding within adding.
  r <- try (compact [1, 2, error "inside"]) :: IO (Either ErrorCall (Compact [Int]))
  either (\(ErrorCall e) -> putStrLn e) (const (putStrLn "fine")) r
  nested <- compact [n | n <- [1 .. 3 :: Int]] >>= \inner -> compactAdd inner (map (+ length (getCompact inner)) [10, 20])
  print (getCompact nested)

  refused "function" (compact [(+ (1 :: Int))])
  ref <- newIORef 'x'
  refused "reference" (compact ref)
  refused "strings" (compact (words "a few words"))
  compactResize c 100000
  bigger <- compactAdd c (Just [1 .. 5000])
  print (fmap sum (getCompact bigger))
