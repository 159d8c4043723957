-- A little streaming library: producers, transformers, consumers, early end, cleaning up.
{-# LANGUAGE RankNTypes #-}
import Control.Exception
import Control.Monad
import Data.IORef

data Step m i o r = Yield o (Step m i o r) | Await (Maybe i -> Step m i o r) | Lift (m (Step m i o r)) | Stop r

instance Monad m => Functor (Step m i o) where fmap = liftM
instance Monad m => Applicative (Step m i o) where { pure = Stop; (<*>) = ap }
instance Monad m => Monad (Step m i o) where
  Yield o k >>= f = Yield o (k >>= f)
  Await k >>= f = Await (k >=> f)
  Lift m >>= f = Lift (fmap (>>= f) m)
  Stop r >>= f = f r

yieldS :: o -> Step m i o ()
yieldS o = Yield o (Stop ())
await :: Step m i o (Maybe i)
await = Await Stop
lift' :: Monad m => m a -> Step m i o a
lift' m = Lift (fmap Stop m)

(>->) :: Monad m => Step m a b () -> Step m b c r -> Step m a c r
_ >-> Stop r = Stop r
up >-> Yield c k = Yield c (up >-> k)
up >-> Lift m = Lift (fmap (up >->) m)
Yield b k >-> Await f = k >-> f (Just b)
Await g >-> d = Await (\a -> g a >-> d)
Lift m >-> d = Lift (fmap (>-> d) m)
Stop () >-> Await f = Stop () >-> f Nothing

run :: Monad m => Step m () o r -> m r
run (Stop r) = pure r
run (Yield _ k) = run k
run (Await f) = run (f Nothing)
run (Lift m) = m >>= run

mapS :: Monad m => (a -> b) -> Step m a b ()
mapS f = await >>= maybe (pure ()) (\x -> yieldS (f x) >> mapS f)
takeS :: Monad m => Int -> Step m a a ()
takeS 0 = pure ()
takeS n = await >>= maybe (pure ()) (\x -> yieldS x >> takeS (n - 1))
foldS :: Monad m => (b -> a -> b) -> b -> Step m a o b
foldS f b = await >>= maybe (pure b) (\x -> let b' = f b x in b' `seq` foldS f b')

main :: IO ()
main = do
  seen <- newIORef (0 :: Int)
  let source n = lift' (modifyIORef' seen (+ 1)) >> yieldS n >> source (n + 1)
  r <- run (source (1 :: Integer) >-> mapS (* 3) >-> takeS 1000 >-> foldS (+) 0)
  print r
  readIORef seen >>= print
  xs <- run (mapM_ yieldS "stream" >-> mapS succ >-> foldS (flip (:)) [])
  putStrLn xs
  e <- try (run (mapM_ yieldS [3, 2, 1, 0 :: Int] >-> mapS (12 `div`) >-> foldS (+) 0))
  print (e :: Either ArithException Int)
