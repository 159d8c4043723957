-- interact: lazy input, all of it, with counts at the end.
-- stdin: one two three
-- stdin: four
-- stdin:
-- stdin: five six
main :: IO ()
main = interact $ \s -> unlines (map (unwords . reverse . words) (lines s)) ++ show (length (words s)) ++ "\n"
