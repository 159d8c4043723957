-- hGetBuf, hPutBuf, hGetChar, hWaitForInput, hSetFileSize, hDuplicate, binary and text mixed.
import Control.Exception
import Foreign
import GHC.IO.Handle
import System.IO

main :: IO ()
main = do
  withBinaryFile "buf" WriteMode $ \h -> withArrayLen (map fromIntegral [1 .. 300 :: Int]) $ \n p -> hPutBuf h (p :: Ptr Word8) n
  withBinaryFile "buf" ReadWriteMode $ \h -> do
    n <- allocaBytes 100 (\p -> do k <- hGetBuf h p 100; xs <- peekArray k (p :: Ptr Word8); print (sum (map fromIntegral xs :: [Int])); pure k)
    print n
    c <- hGetChar h
    print (fromEnum c)
    hSetFileSize h 150
    hFileSize h >>= print
    k <- allocaBytes 1000 (\p -> hGetBuf h (p :: Ptr Word8) 1000)
    print k
    hIsSeekable h >>= print
  old <- hDuplicate stdout
  withFile "captured" WriteMode $ \f -> hDuplicateTo f stdout >> putStrLn "into the file" >> hFlush stdout
  hDuplicateTo old stdout
  readFile "captured" >>= putStr
  withFile "captured" ReadMode $ \f -> hReady f >>= print
  r <- try (withFile "captured" ReadMode (\f -> hPutStr f "x")) :: IO (Either IOException ())
  print r
  hGetEncoding stdout >>= print
