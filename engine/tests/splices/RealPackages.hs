{-# LANGUAGE DataKinds, DeriveGeneric, FlexibleInstances, MultiParamTypeClasses, OverloadedStrings, TemplateHaskell #-}
{-# LANGUAGE FunctionalDependencies, RankNTypes, TypeFamilies, UndecidableInstances #-}
-- Packages that others wrote: what their functions make when they are spliced, and what their compiled code computes.
-- packages: aeson file-embed lens scientific th-abstraction unordered-containers vector QuickCheck
module RealPackages where

import Control.Lens hiding ((.=))
import Control.Lens.TH
import Data.Aeson
import Data.Aeson.TH
import qualified Data.ByteString.Lazy.Char8 as B
import Data.FileEmbed
import qualified Data.HashMap.Strict as H
import Data.List (sortOn)
import Data.Scientific (Scientific, fromFloatDigits)
import qualified Data.Text as T
import qualified Data.Vector as V
import qualified Data.Vector.Unboxed as U
import Language.Haskell.TH
import Language.Haskell.TH.Datatype
import Test.QuickCheck
import Test.QuickCheck.Gen (unGen)
import Test.QuickCheck.Random (mkQCGen)

-- case: lenses
data Point = Point {_px :: Int, _py :: Double} deriving (Show, Eq)
data Shape = Circle {_centre :: Point, _radius :: Double} | Polygon {_points :: [Point]} | Nothing' deriving (Show, Eq)
makeLenses ''Point
makeLenses ''Shape

-- case: prisms
makePrisms ''Shape

-- case: classes of lenses
data Settings = Settings {_settingsName :: String, _settingsSize :: Int}
makeClassy ''Settings
data Window = Window {windowTitle :: String, windowSize :: (Int, Int)}
makeLensesWith abbreviatedFields ''Window

-- case: JSON
deriveJSON defaultOptions {fieldLabelModifier = drop 1} ''Point
deriveJSON defaultOptions {sumEncoding = ObjectWithSingleField, constructorTagModifier = map succ} ''Shape
deriveToJSON defaultOptions {omitNothingFields = True} ''Settings

-- case: JSON that is encoded and decoded by a splice
encoded :: String
encoded = $(stringE (B.unpack (encode (object ["x" .= (1 :: Int), "y" .= [True, False], "z" .= T.replicate 3 "ab"]))))

decoded :: Maybe [Double]
decoded = $(case decode "[1.5, 2e3, -0.25]" :: Maybe [Double] of
  Just numbers -> [| Just $(listE (map (litE . rationalL . toRational) numbers)) |]
  Nothing -> [| Nothing |])

failure :: String
failure = $(stringE (either id show (eitherDecode "{\"a\": [1, 2}" :: Either String Value)))

-- case: vectors
squares :: Int
squares = $(litE (integerL (toInteger (U.sum (U.map (\n -> n * n) (U.enumFromN (1 :: Int) 1000))))))

sorted :: [String]
sorted = $(listE (map stringE (V.toList (V.reverse (V.modify (const (pure ())) (V.fromList (words "one two three")))))))

-- case: hash maps
table :: [(String, Int)]
table = $(do
  let counts = H.fromListWith (+) [(w, 1 :: Integer) | w <- words "a b a c b a"]
  listE [ [| (k, n) |] | (k, n) <- sortOn fst (H.toList counts) ])

hashes :: [Int]
hashes = $(listE (map (litE . integerL . toInteger) (H.elems (H.fromList (zip (map T.pack (words "x y z")) [1 :: Int ..])))))

-- case: embedded files
embedded :: String
embedded = $(embedStringFile "embedded.txt")

-- case: datatypes
about :: [String]
about = $(do
  info <- reifyDatatype ''Shape
  listE (map (stringE . nameBase . constructorName) (datatypeCons info)))

-- case: scientific numbers
number :: String
number = $(stringE (show (map fromFloatDigits [0.1, 1e100 :: Double] ++ [read "1.25e-7" :: Scientific])))

-- case: generated values
generated :: [Int]
generated = $(listE (map (litE . integerL . toInteger) (unGen (vectorOf 5 (choose (0, 1000 :: Int))) (mkQCGen 7) 30)))

prop_sum :: [Int] -> Bool
prop_sum ns = sum ns == foldr (+) 0 ns

checks :: [String]
checks = $(do
  names <- pure ['prop_sum]
  listE (map (stringE . nameBase) names))
