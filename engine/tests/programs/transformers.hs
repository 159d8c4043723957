-- mtl: a stack of State, Reader, Writer, Except and Cont over IO.
{-# LANGUAGE FlexibleContexts #-}
import Control.Monad.Except
import Control.Monad.Reader
import Control.Monad.State
import Control.Monad.Writer
import Control.Monad.Cont
import Control.Monad.RWS (RWS, runRWS)
import qualified Control.Monad.RWS as W

step :: (MonadReader Int m, MonadState [Int] m, MonadError String m, MonadIO m) => Int -> m ()
step x = do
  limit <- ask
  when (x > limit) (throwError ("too big: " ++ show x))
  modify (x :)
  liftIO (putStrLn ("pushed " ++ show x))

counter :: RWS Int [String] Int Int
counter = do
  by <- W.ask
  W.modify (+ by)
  n <- W.get
  W.tell ["n=" ++ show n]
  if n < 10 then counter else pure (n * n)

main :: IO ()
main = do
  r <- runExceptT (runStateT (runReaderT (mapM_ step [1, 2, 3]) 5) [])
  print r
  r2 <- runStateT (runExceptT (runReaderT (mapM_ step [4, 9, 1]) 5)) []
  print r2
  print (runWriter (mapM (\x -> tell [x] >> pure (x * x)) [1, 2, 3 :: Int]))
  print (runRWS counter 3 0)
  print (runCont (callCC (\k -> do { when True (k 10); pure 20 })) (+ (1 :: Int)))
  print (evalState (replicateM 8 (state (\s -> (s `mod` 10, s * 7 + 3)))) (1 :: Int))
  flip evalStateT (0 :: Int) (forM_ [1 .. 1000] (\i -> modify' (+ i)) >> get >>= lift . print)
  print =<< execWriterT (runContT (ContT (\k -> k 1 >> k 2)) (\x -> tell (Sum (x :: Int))))
