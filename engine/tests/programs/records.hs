-- Records: update, wildcards, puns, field functions, strict fields, newtypes.
{-# LANGUAGE RecordWildCards, NamedFieldPuns, BangPatterns #-}
import Control.Exception

data Person = Person { name :: String, age :: !Int, tags :: [String] } | Ghost { name :: String }
  deriving (Show, Eq, Ord)

newtype Wrap a = Wrap { unwrap :: a } deriving (Show, Eq)

older :: Person -> Person
older p@Person {..} = p { age = age + 1, tags = "older" : tags }
older g = g

greet :: Person -> String
greet Person { name, age } = name ++ "/" ++ show age
greet Ghost {} = "boo"

make :: Int -> Person
make age = let name = "made"; tags = [] in Person {..}

main :: IO ()
main = do
  let ada = Person { name = "Ada", age = 36, tags = ["a"] }
  print (older ada, older (Ghost "g"))
  mapM_ (putStrLn . greet) [ada, Ghost "x", make 3]
  print (map name [ada, Ghost "casper"], ada < Ghost "a", unwrap (Wrap 'x'), Wrap { unwrap = 1 })
  r <- try (evaluate (age (Ghost "none")))
  putStrLn (either (\e -> "no field: " ++ takeWhile (/= '\n') (show (e :: SomeException))) show r)
  r2 <- try (evaluate ((Ghost "u") { age = 3 }))
  putStrLn (either (\e -> "no update: " ++ show (length (show (e :: SomeException)) > 5)) show r2)
  r3 <- try (evaluate (Person "strict" (error "forced") []))
  putStrLn (either (\(ErrorCall m) -> m) show r3)
