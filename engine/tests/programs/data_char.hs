-- Characters: classification of every code point summed up, case mapping, digits, escapes in both directions.
import Data.Char

main :: IO ()
main = do
  print [length (filter p ['\0' .. '\x2fff']) | p <- [isControl, isSpace, isLower, isUpper, isAlpha, isAlphaNum, isPrint, isPunctuation, isSymbol, isDigit, isNumber, isMark, isSeparator]]
  print (map toUpper "àéîõüß", map toLower "ÀÉÎÕÜ", map toTitle "dž", [c | c <- ['\x390' .. '\x3c0'], isUpper c])
  print (map digitToInt "09afAF", map intToDigit [0, 9, 10, 15], [minBound, maxBound :: Char], ord maxBound)
  print (map showLitChar "\n\t\"\\\DEL\200x" <*> [""], lexLitChar "\\nabc", readLitChar "\\x41rest")
  print (subtract (ord 'a') (ord 'z'), ['a', 'd' .. 'p'], succ 'a', pred 'Z', isHexDigit 'g', isOctDigit '7', isAscii '\x80', isLatin1 'ÿ')
  print (foldr (\c h -> (ord c + 31 * h) `mod` 65521) 7 ['\0' .. '\xffff'])
