{-# LANGUAGE TemplateHaskell #-}
module Quoters (calc, str, num, tuple, lenses) where

import Data.Char (isAlpha, isDigit, isSpace, toUpper)
import Language.Haskell.TH
import Language.Haskell.TH.Quote

quoter :: String -> QuasiQuoter
quoter name = QuasiQuoter { quoteExp = no "expressions", quotePat = no "patterns", quoteType = no "types", quoteDec = no "declarations" }
  where no what _ = fail (name ++ " quotes no " ++ what)

str, num, calc, tuple, lenses :: QuasiQuoter
str = (quoter "str") { quoteExp = stringE }
num = (quoter "num") { quotePat = litP . integerL . read, quoteExp = litE . integerL . read }
calc = (quoter "calc") { quoteExp = \s -> case total (filter (not . isSpace) s) of
  (e, "") -> e
  (_, rest) -> fail ("calc: " ++ show rest ++ " is left over") }
tuple = (quoter "tuple") { quoteType = \s -> let ts = words s in foldl appT (tupleT (length ts)) (map (conT . mkName) ts) }
lenses = (quoter "lenses") { quoteDec = \s -> case words s of
  con : fields -> record (mkName con) [(f, drop 1 t) | (f, t) <- map (break (== ':')) fields]
  [] -> fail "lenses: a name is missing" }

total, factors, atom :: String -> (Q Exp, String)
total s = more (factors s)
  where more (e, '+' : rest) = let (e', rest') = factors rest in more ([| $e + $e' |], rest')
        more other = other
factors s = more (atom s)
  where more (e, '*' : rest) = let (e', rest') = atom rest in more ([| $e * $e' |], rest')
        more other = other
atom ('(' : s) = let (e, rest) = total s in (e, drop 1 rest)
atom s@(c : _) | isDigit c = let (n, rest) = span isDigit s in (litE (integerL (read n)), rest)
               | isAlpha c = let (n, rest) = span isAlpha s in (dyn n, rest)
atom s = (fail ("calc: cannot read " ++ show s), "")

record :: Name -> [(String, String)] -> Q [Dec]
record con fields = do
  let plain = bang noSourceUnpackedness noSourceStrictness
  d <- dataD (cxt []) con [] Nothing [recC con [varBangType (mkName f) (bangType plain (conT (mkName t))) | (f, t) <- fields]] [derivClause Nothing [[t| Show |]]]
  setters <- mapM setter fields
  return (d : concat setters)
  where
    setter (f, t) = do
      v <- newName "v"
      r <- newName "r"
      let set = mkName ("set" ++ capital f)
      sequence
        [ sigD set [t| $(conT (mkName t)) -> $(conT con) -> $(conT con) |]
        , funD set [clause [varP v, varP r] (normalB (recUpdE (varE r) [return (mkName f, VarE v)])) []]
        ]
    capital (c : cs) = toUpper c : cs
    capital [] = []
