-- Asking: what a splice asks of GHC and what it is told.
{-# LANGUAGE TemplateHaskell, TypeFamilies, DataKinds, KindSignatures, RoleAnnotations, GADTs, PatternSynonyms, RankNTypes #-}
{-# LANGUAGE BangPatterns, StandaloneKindSignatures, PolyKinds, FunctionalDependencies, DefaultSignatures, FlexibleInstances, UndecidableInstances #-}
module Asking where

import Data.Kind (Type)
import qualified Data.List as L
import Data.Maybe (isJust)
import Language.Haskell.TH hiding (Type)
import Language.Haskell.TH.Syntax hiding (Type)

data Color = Red | Green !Int | Blue { depth :: {-# UNPACK #-} !Int, name :: String }
newtype Wrap f a = Wrap { unwrap :: f a }
data Gadt a where { IntG :: Int -> Gadt Int; PairG :: Gadt a -> Gadt b -> Gadt (a, b) }
class (Eq a) => Named a b | a -> b where { named :: a -> b -> String; named _ _ = "?"; type Key a :: Type }
instance Named Bool Int where { named _ _ = "bool"; type Key Bool = Char }
instance Named a b => Named [a] b where { type Key [a] = [Key a] }
type family Open a :: Type
type instance Open Int = Bool
type instance Open [a] = Open a
type family Closed (a :: Type) where { Closed Int = 'True; Closed a = 'False }
data family Fam a
data instance Fam Int = FamInt Int | FamInt2
newtype instance Fam Bool = FamBool { famBool :: Bool }
type Syn a = Either a Int
pattern Two :: a -> a -> [a]
pattern Two x y = [x, y]
infixl 6 |+|
(|+|) :: Int -> Int -> Int
(|+|) = (+)
type role Role nominal phantom representational
data Role a b c = Role c
poly :: forall a. (Show a) => a -> [a] -> String
poly x xs = concatMap show (x : xs)
return []

-- Shows what was reified, without the numbers that make names unique.
-- case: reifying types
typesR :: String
typesR = $(mapM reify [''Color, ''Wrap, ''Gadt, ''Bool, ''Syn, ''Either, ''Int, ''(->), ''[], ''(,)] >>= stringE . pprint)

-- case: reifying classes and their instances
classesR :: String
classesR = $(mapM reify [''Named, ''Functor] >>= stringE . take 3000 . pprint . map (\i -> case i of { ClassI d is -> ClassI d (take 3 is); other -> other }))

-- case: reifying families
familiesR :: String
familiesR = $(mapM reify [''Open, ''Closed, ''Fam, ''Key] >>= stringE . pprint)

-- case: reifying values and constructors
valuesR :: String
valuesR = $(mapM reify ['poly, 'Red, 'Green, 'Blue, 'depth, 'named, '(|+|), 'Two, 'FamInt, 'map, '(:), 'PairG] >>= stringE . pprint)

-- case: reifying types of local variables
localR :: Int -> String
localR !n = $(do { m <- newName "m"; lamE [varP m] (do { i <- recover (return "not yet") (show <$> reify 'n); stringE (takeWhile (/= '_') i) }) }) 'x'

-- case: fixities
fixities :: String
fixities = $(mapM reifyFixity ['(|+|), '(+), '(:), 'map, '($)] >>= stringE . show)

-- case: kinds and types of names
reifiedTypes :: String
reifiedTypes = $(mapM reifyType ['poly, 'Green, ''Color, ''Wrap, ''Named, ''Open, 'map] >>= stringE . pprint)

-- case: instances
instances :: ([Int], [Bool])
instances = $(do
    counts <- mapM (\(c, t) -> length <$> (reifyInstances c . (: []) =<< t)) [(''Show, [t| Int |]), (''Show, [t| Int -> Int |]), (''Eq, [t| [Color] |]), (''Open, [t| [Int] |]), (''Fam, [t| Int |])]
    are <- sequence [isInstance ''Show [ConT ''Int], isInstance ''Show [ConT ''Color], isInstance ''Named [ConT ''Bool, ConT ''Int]]
    lift (counts, are))
instancesR :: String
instancesR = $(do { is <- reifyInstances ''Named [AppT ListT (ConT ''Bool), ConT ''Int]; stringE (pprint is) })

-- case: roles
roles :: String
roles = $(mapM reifyRoles [''Asking.Role, ''Wrap, ''Gadt, ''Either, ''Named] >>= stringE . show)

-- case: strictness of constructors
strictness :: String
strictness = $(mapM reifyConStrictness ['Red, 'Green, 'Blue, 'Just] >>= stringE . show)

-- case: looking up names
lookups :: [Bool]
lookups = $(do
    values <- mapM lookupValueName ["poly", "Color", "Red", "L.sort", "sort", "Nowhere.x", "|+|"]
    types <- mapM lookupTypeName ["poly", "Color", "Named", "L.sort", "Wrap", "Maybe"]
    lift (map isJust (values ++ types)))
found :: (String, String)
found = $(do { Just n <- lookupValueName "L.sort"; Just t <- lookupTypeName "String"; stringE (show n) >>= \a -> stringE (show t) >>= \b -> tupE [return a, return b] })

-- case: modules
modules :: String
modules = $(do { m <- thisModule; ModuleInfo is <- reifyModule m; stringE (show (L.sort [n | Module _ (ModName n) <- is])) })
this :: String
this = $(thisModule >>= \(Module (PkgName p) (ModName m)) -> stringE (p ++ ":" ++ m))

-- case: location
here :: (String, String, (Int, Int), (Int, Int))
here = $(do { l <- location; lift (loc_filename l, loc_module l, loc_start l, loc_end l) })
thereToo :: (Int, Int)
thereToo = $(location >>= \l ->
               lift (loc_end l))

-- case: extensions
extensions :: ([Bool], Bool)
extensions = $(do { some <- mapM isExtEnabled [TemplateHaskell, GADTs, Arrows, OverloadedStrings]; all' <- extsEnabled; lift (some, TypeFamilies `elem` all' && not (Arrows `elem` all')) })

-- case: reports
warned :: Int
warned = $(do { reportWarning "a warning\nof two lines, with ünïcödé \x1F600"; qReport False "another"; [| 1 |] })

-- case: state of the module
state1, state2 :: Maybe Int
state1 = $(do { before <- getQ :: Q (Maybe Int); putQ (17 :: Int); putQ "text"; lift before })
state2 = $(do { n <- getQ :: Q (Maybe Int); putQ (fmap (+ 1) n); lift n })
state3 :: (Maybe (Maybe Int), Maybe String, Maybe Bool)
state3 = $(do { n <- getQ; s <- getQ; b <- getQ; lift (n :: Maybe (Maybe Int), s :: Maybe String, b :: Maybe Bool) })

-- case: running IO
io :: [String]
io = $(do { ls <- runIO (fmap lines (readFile "data.txt")); addDependentFile "data.txt"; lift ls })
counter :: Int
counter = $(do { n <- runIO (return $! sum [1 .. 1000 :: Int]); lift n })

-- case: adding declarations
added :: Int
added = $(do { f <- newName "helper"; addTopDecls =<< sequence [sigD f [t| Int -> Int |], funD f [clause [varP (mkName "n")] (normalB [| $(dyn "n") * 2 |]) []]]; [| $(varE f) 21 |] })
