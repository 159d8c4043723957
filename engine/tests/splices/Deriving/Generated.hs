{-# LANGUAGE TemplateHaskell #-}
module Generated where

import Derive

concat <$> mapM sumOf [1, 2, 3]
