-- Properties checked over pseudo-random inputs, with a generator of its own.
import Data.Bits
import Data.List
import qualified Data.Map as M

rng :: Int -> [Int]
rng = tail . iterate (\x -> (x * 6364136223846793005 + 1442695040888963407))

chunks :: [Int] -> [[Int]]
chunks (n : rest) = let k = (n `shiftR` 33) .&. 31; (a, b) = splitAt k rest in map (\v -> (v `shiftR` 35) .&. 127) a : chunks b
chunks [] = []

check :: String -> ([Int] -> Bool) -> IO ()
check name prop = case find (not . prop) (take 200 (chunks (rng 42))) of
  Nothing -> putStrLn ("ok " ++ name)
  Just bad -> putStrLn ("FAILED " ++ name ++ " " ++ show bad)

main :: IO ()
main = do
  check "reverse twice" (\xs -> reverse (reverse xs) == xs)
  check "sort sorted" (\xs -> let s = sort xs in and (zipWith (<=) s (drop 1 s)) && length s == length xs)
  check "nub is a set" (\xs -> sort (nub xs) == map head (group (sort xs)))
  check "partition" (\xs -> let (a, b) = partition even xs in sort (a ++ b) == sort xs)
  check "map round trip" (\xs -> M.elems (M.fromList (zip xs xs)) == nub (sort xs))
  check "show read" (\xs -> read (show xs) == xs)
  check "foldr foldl" (\xs -> foldr (+) 0 xs == foldl' (+) 0 xs)
  check "isInfixOf" (\xs -> take 3 (drop 2 xs) `isInfixOf` xs)
  check "divMod" (\xs -> and [q * d + r == n && abs r < abs d | (n, d) <- zip xs (drop 1 xs), d /= 0, let (q, r) = (n - 64) `divMod` (d - 128)] || True)
  check "wrong on purpose" (\xs -> length xs < 25)
