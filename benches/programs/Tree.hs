-- | Inserts into a search tree, in an order that looks random.
module Tree (run) where

data Tree = Leaf | Node Tree Int Tree

insert :: Int -> Tree -> Tree
insert x Leaf = Node Leaf x Leaf
insert x t@(Node l y r)
  | x < y = Node (insert x l) y r
  | x > y = Node l y (insert x r)
  | otherwise = t

size :: Tree -> Int
size Leaf = 0
size (Node l _ r) = size l + 1 + size r

build :: Int -> Int -> Tree -> Tree
build 0 _ t = t
build n x t = t `seq` build (n - 1) ((x * 1103515245 + 12345) `mod` 2147483648) (insert x t)

run :: Int -> IO ()
run n = print (size (build n 42 Leaf))
