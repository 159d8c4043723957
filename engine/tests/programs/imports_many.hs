-- A program of several modules: a cycle of types broken by order, re-exports, qualified names, instances elsewhere.
import qualified Geometry as G
import Geometry (Vec (..), (^+^))
import Render

main :: IO ()
main = do
  print (Vec 1 2 ^+^ Vec 3 4, G.norm (Vec 3 4))
  putStrLn (render (G.square 2))
  putStrLn (render [Vec 0 0, Vec 1 1])
  print (G.total, G.origin == mempty)
