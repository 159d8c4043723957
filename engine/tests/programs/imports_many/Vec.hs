module Vec where

data Vec = Vec !Double !Double deriving (Show, Eq, Ord)

infixl 6 ^+^
(^+^) :: Vec -> Vec -> Vec
Vec a b ^+^ Vec c d = Vec (a + c) (b + d)

instance Semigroup Vec where (<>) = (^+^)
instance Monoid Vec where mempty = origin

origin :: Vec
origin = Vec 0 0

norm :: Vec -> Double
norm (Vec a b) = sqrt (a * a + b * b)
