-- The time package: calendars, formatting, parsing, differences; clocks that go forward.
import Data.Time
import Data.Time.Clock.POSIX
import System.CPUTime
import Data.Time.Calendar.WeekDate

main :: IO ()
main = do
  let d = fromGregorian 2024 2 28
  print (addDays 2 d, diffDays (fromGregorian 2025 1 1) d, toGregorian (addGregorianMonthsClip 12 d), isLeapYear 2024, dayOfWeek d)
  let t = UTCTime d (timeOfDayToTime (TimeOfDay 13 5 9.25))
  print t
  putStrLn (formatTime defaultTimeLocale "%Y-%m-%dT%H:%M:%S%Q %A %j %B" t)
  print (parseTimeM True defaultTimeLocale "%d.%m.%Y %H:%M" "24.12.2023 18:30" :: Maybe UTCTime)
  print (diffUTCTime (addUTCTime 90 t) t, utcTimeToPOSIXSeconds t, posixSecondsToUTCTime 0, toWeekDate d)
  print (utcToLocalTime (hoursToTimeZone 2) t, read "2020-01-02" :: Day)
  a <- getCurrentTime
  b <- getCurrentTime
  c <- getCPUTime
  print (a <= b, c > 0, a > t)
  z <- getZonedTime
  print (length (show z) > 10)
