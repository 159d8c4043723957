{-# LANGUAGE RankNTypes, TemplateHaskell #-}
-- | Lenses, and a function that declares them for the fields of a record.
module Sample.Lens (Lens, view, set, over, makeLenses) where

import Control.Monad (forM)
import Data.Functor.Const (Const (..))
import Data.Functor.Identity (Identity (..))
import Language.Haskell.TH

type Lens s a = forall f. Functor f => (a -> f a) -> s -> f s

view :: Lens s a -> s -> a
view l = getConst . l Const

over :: Lens s a -> (a -> a) -> s -> s
over l f = runIdentity . l (Identity . f)

set :: Lens s a -> a -> s -> s
set l = over l . const

makeLenses :: Name -> Q [Dec]
makeLenses name = do
  info <- reify name
  fields <- case info of
    TyConI (DataD _ _ _ _ [RecC _ fields] _) -> pure fields
    TyConI (NewtypeD _ _ _ _ (RecC _ fields) _) -> pure fields
    _ -> fail ("makeLenses: " ++ nameBase name ++ " is not a record with one constructor")
  concat <$> forM fields (\(field, _, ty) -> case nameBase field of
    '_' : rest -> do
      let lens = mkName rest
      f <- newName "f"
      s <- newName "s"
      a <- newName "a"
      body <- [| fmap $(lamE [varP a] (recUpdE (varE s) [pure (field, VarE a)])) ($(varE f) ($(varE field) $(varE s))) |]
      pure
        [ SigD lens (AppT (AppT (ConT ''Lens) (ConT name)) ty)
        , FunD lens [Clause [VarP f, VarP s] (NormalB body) []]
        ]
    _ -> [] <$ reportWarning ("no lens for " ++ nameBase field))
