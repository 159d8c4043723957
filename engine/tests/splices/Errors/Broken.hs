{-# LANGUAGE TemplateHaskell #-}
module Broken where

import Control.Exception
import Language.Haskell.TH.Quote
import Language.Haskell.TH.Syntax
import System.Exit (ExitCode (..))

newtype Failing = Failing String
instance Show Failing where show (Failing why) = "Failing " ++ error why
instance Exception Failing

newtype Exits = Exits Int deriving (Show)
instance Exception Exits where toException (Exits n) = toException (ExitFailure n)

quoter, throws :: QuasiQuoter
quoter = QuasiQuoter { quoteExp = \_ -> fail "quotes nothing", quotePat = undefined, quoteType = undefined, quoteDec = undefined }
throws = quoter { quoteExp = \_ -> runIO (throwIO (userError "quoting")) }
