-- Data.Sequence, Tree and Graph.
import qualified Data.Sequence as S
import Data.Sequence (Seq (..), (|>), (<|), (><))
import Data.Foldable
import Data.Tree
import Data.Graph

main :: IO ()
main = do
  let s = S.fromList [1 .. 10 :: Int]
  print (s |> 11, 0 <| s, S.index s 4, S.length (s >< s), S.reverse (S.take 3 s))
  print (S.update 2 99 s, S.splitAt 3 s, S.sort (S.fromList "sequence"), S.lookup 20 s)
  case s of x :<| (rest :|> y) -> print (x, y, sum rest); _ -> putStrLn "short"
  print (foldl' (flip (:)) [] (S.mapWithIndex (*) s), S.chunksOf 3 (S.fromList "abcdef"))
  let t = unfoldTree (\n -> (n, [m | m <- [2 * n, 2 * n + 1], m < 12])) (1 :: Int)
  putStr (drawTree (fmap show t))
  print (levels t, flatten t, foldTree (\x xs -> x + sum xs) t)
  let (g, node, vertex) = graphFromEdges [("tea", 't', "wk"), ("water", 'w', "k"), ("kettle", 'k', ""), ("milk", 'm', "t")]
  print (map ((\(n, _, _) -> n) . node) (topSort g), fmap (const ()) (vertex 'x'))
  print (map flattenSCC (stronglyConnComp [(c, c, ds) | (c, ds) <- [('a', "b"), ('b', "c"), ('c', "a"), ('d', "a")]]))
