-- Recovering: recover, nested and in every way in which what it guards can end.
{-# LANGUAGE TemplateHaskell #-}
module Recovering where

import Language.Haskell.TH
import Language.Haskell.TH.Syntax

known :: Int
known = 1
return []

-- case: nothing fails
fine :: Int
fine = $(recover [| 0 |] [| 1 |])

-- case: failing
failed :: [Int]
failed = $(listE [recover [| 1 |] (fail "no"), recover [| 2 |] (reportError "an error" >> [| 0 |]), recover [| 3 |] (reify (mkName "nowhere") >> [| 0 |]), recover [| 4 |] (do { Just _ <- lookupValueName "nowhere"; [| 0 |] })])

-- case: nested
nested :: [Int]
nested = $(listE
    [ recover [| 1 |] (recover (fail "handler") (fail "body"))
    , recover (recover [| 2 |] (fail "in the handler")) (fail "body")
    , recover [| 0 |] (recover [| 3 |] (fail "inner") >>= \e -> recover [| 0 |] (return e))
    , recover [| 4 |] (recover [| 0 |] (reportError "inner" >> [| 0 |]) >> reportError "outer" >> [| 0 |])
    , recover [| 0 |] (recover [| 0 |] (recover [| 5 |] (recover (fail "d") (fail "c"))))
    ])

-- case: warnings survive or not
warnings :: Int
warnings = $(recover (reportWarning "in the handler" >> [| 1 |]) (reportWarning "forgotten" >> fail "after a warning"))
kept :: Int
kept = $(recover [| 0 |] (reportWarning "kept" >> [| 1 |]))

-- case: state that is rolled back
state :: [Maybe Int]
state = $(do { putQ (1 :: Int); a <- recover getQ (putQ (2 :: Int) >> getQ); b <- recover getQ (putQ (3 :: Int) >> fail "back"); c <- getQ; lift [a, b, c :: Maybe Int] })

-- case: questions in what is guarded
questions :: [Bool]
questions = $(do
    exists <- recover (return False) (reify 'known >> return True)
    missing <- recover (return False) (reify (mkName "unknown") >> return True)
    extension <- recover (return False) (isExtEnabled TemplateHaskell)
    lift [exists, missing, extension])

-- case: many
many :: Int
many = $(do { ns <- mapM (\n -> recover (return n) (fail (show n))) [1 .. 50 :: Int]; lift (sum ns) })
