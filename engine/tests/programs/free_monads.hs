-- A free monad, interpreted purely and in IO; Church encodings; continuations.
{-# LANGUAGE DeriveFunctor, RankNTypes #-}
data Free f a = Pure a | Free (f (Free f a))
instance Functor f => Functor (Free f) where { fmap f (Pure a) = Pure (f a); fmap f (Free x) = Free (fmap (fmap f) x) }
instance Functor f => Applicative (Free f) where { pure = Pure; Pure f <*> x = fmap f x; Free f <*> x = Free (fmap (<*> x) f) }
instance Functor f => Monad (Free f) where { Pure a >>= f = f a; Free x >>= f = Free (fmap (>>= f) x) }

data Cmd k = Say String k | Ask (String -> k) | Done deriving (Functor)

say :: String -> Free Cmd ()
say s = Free (Say s (Pure ()))
ask :: Free Cmd String
ask = Free (Ask Pure)

program :: Free Cmd ()
program = do
  say "who?"
  n <- ask
  if n == "stop" then Free Done else say ("hi " ++ n) >> program

pureRun :: [String] -> Free Cmd a -> [String]
pureRun _ (Pure _) = []
pureRun ins (Free (Say s k)) = s : pureRun ins k
pureRun (i : is) (Free (Ask k)) = pureRun is (k i)
pureRun [] (Free (Ask _)) = ["end of input"]
pureRun _ (Free Done) = ["done"]

newtype Church = Church (forall a. (a -> a) -> a -> a)
toI :: Church -> Int
toI (Church n) = n (+ 1) 0
suc, dbl :: Church -> Church
suc (Church n) = Church (\f -> f . n f)
dbl (Church n) = Church (\f -> n f . n f)

newtype Codensity m a = Codensity { runC :: forall b. (a -> m b) -> m b }
instance Functor (Codensity m) where fmap f (Codensity g) = Codensity (\k -> g (k . f))
instance Applicative (Codensity m) where { pure a = Codensity ($ a); Codensity f <*> Codensity x = Codensity (\k -> f (\g -> x (k . g))) }
instance Monad (Codensity m) where Codensity m >>= f = Codensity (\k -> m (\a -> runC (f a) k))

main :: IO ()
main = do
  mapM_ putStrLn (pureRun ["ann", "bob", "stop"] program)
  mapM_ putStrLn (pureRun ["ann"] program)
  print (toI (iterate dbl (suc (Church (\_ x -> x))) !! 12))
  runC (mapM (\x -> Codensity (\k -> k x >> k (x * 10))) [1, 2 :: Int]) print
