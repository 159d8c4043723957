-- | Queens on a board, by lists: comprehensions, and functions of the Prelude that are given byte code to call.
module Queens (run) where

queens :: Int -> [[Int]]
queens n = place n
  where
    place :: Int -> [[Int]]
    place 0 = [[]]
    place k = [q : qs | qs <- place (k - 1), q <- [1 .. n], safe q qs]

    safe :: Int -> [Int] -> Bool
    safe q qs = and [q /= c && abs (q - c) /= d | (d, c) <- zip [1 ..] qs]

run :: Int -> IO ()
run n = print (length (queens n))
