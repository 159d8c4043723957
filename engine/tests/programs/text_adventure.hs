-- A state machine driven by standard input, with StateT over IO and a Map of rooms.
-- stdin: look
-- stdin: go north
-- stdin: take lamp
-- stdin: go north
-- stdin: dance
-- stdin: inventory
-- stdin: quit
-- stdin: look
import Control.Monad.State
import qualified Data.Map as M
import System.IO

data World = World { room :: String, items :: M.Map String [String], bag :: [String] }

exits :: M.Map (String, String) String
exits = M.fromList [(("hall", "north"), "cellar"), (("cellar", "south"), "hall")]

play :: StateT World IO ()
play = do
  lift (putStr "> " >> hFlush stdout)
  end <- lift isEOF
  l <- if end then pure "quit" else lift getLine
  case words l of
    ["quit"] -> say "bye"
    cmd -> act cmd >> play
  where
    say = lift . putStrLn
    act ["look"] = do { w <- get; say (room w ++ ": " ++ show (M.findWithDefault [] (room w) (items w))) }
    act ["go", d] = do
      w <- get
      case M.lookup (room w, d) exits of
        Just r -> put w { room = r } >> say ("you are in the " ++ r)
        Nothing -> say "no way"
    act ["take", i] = do
      w <- get
      let here = M.findWithDefault [] (room w) (items w)
      if i `elem` here then put w { bag = i : bag w, items = M.insert (room w) (filter (/= i) here) (items w) } >> say "taken" else say "not here"
    act ["inventory"] = gets bag >>= say . unwords
    act c = say ("what is " ++ unwords c ++ "?")

main :: IO ()
main = execStateT play (World "hall" (M.fromList [("cellar", ["lamp", "coin"])]) []) >>= print . M.toList . items
