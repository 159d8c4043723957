-- Recursive do: a circular list of IORefs, fixIO, mfix over Maybe and lists.
{-# LANGUAGE RecursiveDo #-}
import Control.Monad.Fix
import Data.IORef
import System.IO

data Ring = Ring Int (IORef Ring)

main :: IO ()
main = do
  first <- mdo
    a <- newIORef b'
    let b' = Ring 2 b
    b <- newIORef c'
    let c' = Ring 3 c
    c <- newIORef a'
    let a' = Ring 1 a
    pure a'
  let walk :: Int -> Ring -> IO ()
      walk 0 _ = pure ()
      walk n (Ring v next) = print v >> readIORef next >>= walk (n - 1)
  walk 5 first
  xs <- fixIO (\xs -> pure (1 : map (* 2) (take 5 xs)))
  print (xs :: [Int])
  print (fmap (take 4) (mfix (\ys -> Just (0 : ys))) :: Maybe [Int])
  print (take 5 (fix (\rec' n -> n : rec' (n * 3)) 1 :: [Integer]))
  ys <- mdo { let { s = 'q' : take 3 s }; pure s }
  putStrLn ys
