-- Data.Map and Data.Set: inserts, folds, unions, splits, and how they print.
import qualified Data.Map.Strict as M
import qualified Data.Set as S
import qualified Data.IntMap as I

main :: IO ()
main = do
  let m = M.fromListWith (++) [(length w, [w]) | w <- words "the quick brown fox jumps over the lazy dog"]
  print m
  print (M.foldrWithKey (\k v acc -> k * length v + acc) 0 m)
  print (M.lookupMin m, M.lookupMax m, M.elemAt 1 m, M.member 9 m)
  let big = foldr (\i -> M.insertWith (+) (i * 7919 `mod` 1009) i) M.empty [1 .. 5000 :: Int]
  print (M.size big, sum (M.elems big), M.valid big, fst <$> M.lookupGE 500 big)
  print (M.partition even (M.fromList (zip "abcdef" [1 :: Int ..])))
  let s = S.fromList "mississippi"
  print (s, S.toDescList s, S.powerSet (S.fromList [1 :: Int, 2, 3]))
  print (I.toList (I.unionWith (+) (I.fromList [(i, i) | i <- [1 .. 5]]) (I.fromList [(i, 10) | i <- [3 .. 8]])))
  print (M.fromList [(1 :: Int, 'a')] M.! 1)
