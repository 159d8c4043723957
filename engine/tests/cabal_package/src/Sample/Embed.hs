{-# LANGUAGE TemplateHaskell #-}
-- | A file's text as a literal, which is made again when the file changes.
module Sample.Embed (embedFile) where

import qualified Data.ByteString.Char8 as B
import Language.Haskell.TH
import Language.Haskell.TH.Syntax (addDependentFile)

embedFile :: FilePath -> Q Exp
embedFile path = do
  addDependentFile path
  text <- runIO (B.readFile path)
  stringE (B.unpack text)
