-- | Lines: a file written, read and copied line by line, through Handles as base buffers them.
module Lines (run) where

import Control.Monad
import System.IO

run :: Int -> IO ()
run n = do
  withFile "lines" WriteMode $ \to ->
    forM_ [1 .. n] $ \_ -> hPutStrLn to "a line of eighty characters, as a program might read and write very many of them"
  withFile "lines" ReadMode $ \from ->
    withFile "copied" WriteMode $ \to ->
      let copy done = do
            end <- hIsEOF from
            if end then print done else hGetLine from >>= hPutStrLn to >> copy (done + 1 :: Int)
       in copy 0
