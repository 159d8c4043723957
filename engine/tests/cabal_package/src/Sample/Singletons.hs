{-# LANGUAGE DataKinds, KindSignatures, PolyKinds, TemplateHaskell, TypeFamilies #-}
-- | Singleton types of enumerations, and their instances, from their declarations.
module Sample.Singletons (Sing, SingI (..), singletons) where

import Language.Haskell.TH

-- | The singleton of a promoted constructor.
data family Sing (a :: k)

class SingI (a :: k) where
  sing :: Sing a

singletons :: Q [Dec] -> Q [Dec]
singletons declared = concat <$> (mapM one =<< declared)
 where
  one dec@(DataD _ name [] _ constructors _) = do
    let names = [c | NormalC c [] <- constructors]
        made c = mkName ('S' : nameBase c)
        single = AppT (ConT ''Sing)
    a <- newName "a"
    pure $
      [ dec
      , DataInstD [] Nothing (single (SigT (VarT a) (ConT name))) Nothing
          [GadtC [made c] [] (single (PromotedT c)) | c <- names] []
      ]
        ++ [ InstanceD Nothing [] (AppT (ConT ''SingI) (PromotedT c)) [ValD (VarP 'sing) (NormalB (ConE (made c))) []]
           | c <- names ]
  one dec = pure [dec]
