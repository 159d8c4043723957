{-# LANGUAGE DataKinds, GADTs, KindSignatures, PolyKinds, QuasiQuotes, ScopedTypeVariables, TemplateHaskell, TypeFamilies #-}
-- | Splices of each kind that the library offers.
module Main (main) where

import qualified Data.Map as M
import Language.Haskell.TH
import Sample.Embed
import Sample.Hash
import Sample.Lens
import Sample.Quote
import Sample.Singletons

data Address = Address {_street :: String, _number :: Int}
  deriving Show

data Person = Person {_name :: String, _address :: Address}
  deriving Show

makeLenses ''Address
makeLenses ''Person

singletons [d| data Door = Opened | Closed | Locked deriving (Show, Enum, Bounded) |]

knock :: forall (d :: Door). Sing d -> String
knock SOpened = "come in"
knock SClosed = "who is it?"
knock SLocked = "nobody is at home"

-- | A table that was computed when this was compiled, by C.
table :: M.Map String Integer
table = M.fromList $(listE [ [| (word, n) |] | word <- ["one", "two", "three"], let n = toInteger (hash word) ])

total :: Sum -> Maybe Integer
total [calc|1 + n|] = case n of
  Number m -> Just (m + 1)
  Plus _ _ -> Nothing
total _ = Nothing

main :: IO ()
main = do
  let person = Person "Ada" (Address "Main Street" 1)
      who = view name person
      size = 2 :: Int
  print (over (address . number) (+ 41) (set name "Grace" person))
  putStrLn [text|Dear #{who},|]
  putStr $(embedFile "data/greeting.txt")
  putStrLn (knock (sing :: Sing 'Closed) ++ " " ++ show [minBound .. maxBound :: Door])
  print (M.toList table)
  print (map total [[calc|1 + 4|], [calc|2 + 4|], [calc|1 + 2 + 3|]], size)
  putStrLn $(do loc <- location; stringE (loc_module loc))
