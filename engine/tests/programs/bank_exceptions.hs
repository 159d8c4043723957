-- An exception hierarchy with its own SomeException layer, selective handlers, rethrowing with more information.
{-# LANGUAGE ExistentialQuantification, ScopedTypeVariables #-}
import Control.Exception
import Data.Typeable
import Control.Monad

data BankError = forall e. Exception e => BankError e
instance Show BankError where show (BankError e) = show e
instance Exception BankError
data Overdrawn = Overdrawn Int deriving (Show)
instance Exception Overdrawn where { toException = toException . BankError; fromException x = do { BankError a <- fromException x; cast a } }
data Closed = Closed deriving (Show)
instance Exception Closed where { toException = toException . BankError; fromException x = do { BankError a <- fromException x; cast a }; displayException _ = "account closed" }

withdraw :: Int -> Int -> IO Int
withdraw balance n
  | n < 0 = throwIO (userError "negative")
  | balance == 0 = throwIO Closed
  | n > balance = throwIO (Overdrawn (n - balance))
  | otherwise = pure (balance - n)

main :: IO ()
main = forM_ [(10, 3), (10, 30), (0, 1), (5, -1), (7, 0)] $ \(b, n) -> do
  r <- (Right <$> withdraw b n) `catches`
    [ Handler (\(Overdrawn k) -> pure (Left ("overdrawn by " ++ show k)))
    , Handler (\(e :: BankError) -> pure (Left ("bank: " ++ displayException e)))
    , Handler (\(e :: IOException) -> pure (Left ("io: " ++ show e))) ]
  print r
  r2 <- try (withdraw b n `onException` putStrLn "noted" `catch` \(e :: SomeException) -> throwIO (ErrorCall ("wrapped: " ++ show e)))
  print (either (\(ErrorCall m) -> m) show r2)
