{-# LANGUAGE TemplateHaskell, RankNTypes #-}
module Derive where

import Control.Monad (replicateM)
import Data.Char (isSpace, toUpper)
import Data.Functor.Const (Const (..))
import Data.Functor.Identity (Identity (..))
import Language.Haskell.TH
import Language.Haskell.TH.Syntax (addDependentFile, lift)

type Lens s a = forall f. Functor f => (a -> f a) -> s -> f s

over :: Lens s a -> (a -> a) -> s -> s
over l f = runIdentity . l (Identity . f)

set :: Lens s a -> a -> s -> s
set l = over l . const

view :: Lens s a -> s -> a
view l = getConst . l Const

makeLenses :: Name -> Q [Dec]
makeLenses t = do
  TyConI (DataD _ _ _ _ [RecC _ fields] _) <- reify t
  concat <$> sequence [lens field ty | (field, _, ty) <- fields, take 1 (nameBase field) == "_"]
  where
    lens field ty = do
      let name = mkName (drop 1 (nameBase field))
      f <- newName "f"
      s <- newName "s"
      v <- newName "v"
      sequence
        [ sigD name [t| Lens $(conT t) $(return ty) |]
        , funD name [clause [varP f, varP s] (normalB [| fmap $(lamE [varP v] (recUpdE (varE s) [return (field, VarE v)])) ($(varE f) ($(varE field) $(varE s))) |]) []]
        ]

class Pretty a where pretty :: a -> String
instance Pretty Int where pretty n = show n
instance Pretty Bool where pretty b = if b then "yes" else "no"

derivePretty :: Name -> Q [Dec]
derivePretty t = do
  TyConI (DataD _ _ variables _ constructors _) <- reify t
  let names = [n | v <- variables, let n = case v of { PlainTV n' _ -> n'; KindedTV n' _ _ -> n' }]
      context = cxt [[t| Pretty $(varT n) |] | n <- names]
  d <- instanceD context (conT ''Pretty `appT` foldl appT (conT t) (map varT names)) [funD 'pretty (map equation constructors)]
  return [d]
  where
    equation constructor = case constructor of
      NormalC n fields -> positional n (length fields)
      RecC n fields -> do
        xs <- replicateM (length fields) (newName "x")
        let shown = [[| $(stringE (nameBase f ++ "=")) ++ pretty $(varE x) |] | ((f, _, _), x) <- zip fields xs]
        clause [conP n (map varP xs)] (normalB [| $(stringE (nameBase n)) ++ concatMap (' ' :) $(listE shown) |]) []
      other -> fail ("derivePretty: " ++ pprint other)
    positional n k = do
      xs <- replicateM k (newName "x")
      clause [conP n (map varP xs)] (normalB (foldl (\s x -> [| $s ++ " " ++ pretty $(varE x) |]) (stringE (nameBase n)) xs)) []

singletons :: Name -> Q [Dec]
singletons t = do
  TyConI (DataD _ _ _ _ constructors _) <- reify t
  let single = mkName ('S' : nameBase t)
  a <- newName "a"
  return [DataD [] single [KindedTV a () (ConT t)] Nothing (map (constructor single) constructors) []]
  where
    constructor single (NormalC n fields) =
      let vs = [mkName ("n" ++ show i) | i <- [1 .. length fields]]
          plain = Bang NoSourceUnpackedness NoSourceStrictness
          result = ConT single `AppT` foldl AppT (PromotedT n) (map VarT vs)
       in ForallC [PlainTV v SpecifiedSpec | v <- vs] [] (GadtC [mkName ('S' : nameBase n)] [(plain, ConT single `AppT` VarT v) | v <- vs] result)
    constructor _ other = error ("singletons: " ++ pprint other)

tupleProjections :: Int -> Q [Dec]
tupleProjections n = concat <$> mapM projection [1 .. n]
  where
    projection i = do
      let name = mkName ("proj" ++ show n ++ "_" ++ show i)
      vs <- replicateM n (newName "t")
      x <- newName "x"
      sequence
        [ sigD name (forallT [PlainTV v SpecifiedSpec | v <- vs] (cxt []) [t| $(foldl appT (tupleT n) (map varT vs)) -> $(varT (vs !! (i - 1))) |])
        , funD name [clause [tupP [if j == i then varP x else wildP | j <- [1 .. n]]] (normalB (varE x)) []]
        ]

embedPairs :: FilePath -> Q Exp
embedPairs file = do
  addDependentFile file
  text <- runIO (readFile file)
  lift [(trim key, trim (drop 1 value)) | l <- lines text, let (key, value) = break (== '=') l, not (null value)]
  where trim = f . f where f = reverse . dropWhile isSpace

printf :: String -> Q Exp
printf format = go format [| "" |]
  where
    go "" done = done
    go ('%' : 's' : rest) done = lamE [varP (mkName "s")] (go rest [| $done ++ $(dyn "s") |])
    go ('%' : 'd' : rest) done = do { d <- newName "d"; lamE [varP d] (go rest [| $done ++ show $(varE d) |]) }
    go ('%' : '%' : rest) done = go rest [| $done ++ "%" |]
    go text done = let (plain, rest) = break (== '%') text in go rest [| $done ++ $(stringE plain) |]

sumOf :: Int -> Q [Dec]
sumOf n = do
  xs <- replicateM n (newName "x")
  let name = mkName ("sum" ++ show n)
  sequence
    [ sigD name (foldr (\_ t -> [t| Int -> $t |]) [t| Int |] xs)
    , funD name [clause (map varP xs) (normalB (foldr1 (\a b -> [| $a + $b |]) (map varE xs))) []]
    ]

memo :: Name -> Q [Dec]
memo f = do
  VarI _ t _ <- reify f
  let name = mkName ("memo" ++ map' (nameBase f))
  sequence [sigD name [t| [(Int, $(return (result t)))] |], valD (varP name) (normalB [| [(n, $(varE f) n) | n <- [0 .. 9]] |]) []]
  where
    map' (c : cs) = toUpper c : cs
    map' [] = []
    result (AppT (AppT ArrowT _) r) = r
    result t = t
