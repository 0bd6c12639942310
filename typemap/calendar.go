package typemap

import "strconv"

// Days are counted from 1970-01-01 in the proleptic Gregorian calendar, which PostgreSQL and ISO 8601 use for all time.
// Years are astronomical: year 0 is 1 BC, year -1 is 2 BC.

const daySeconds = 24 * 60 * 60

// The range of PostgreSQL: dates and timestamps from Julian day 0 on, before the days given here.
var (
	firstDay         = dayNumber(-4713, 11, 24)
	endOfTimestamps  = dayNumber(294277, 1, 1)
	endOfDates       = dayNumber(5874898, 1, 1)
	daysBeforeMarch1 = 719468 // from 0000-03-01 to 1970-01-01
)

// dayNumber counts months from March, so that the leap day is a year's last.
func dayNumber(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	century := floorDiv(year, 100)
	return 365*year + floorDiv(year, 4) - century + floorDiv(century, 4) +
		(153*(month-3)+2)/5 + day - 1 - daysBeforeMarch1
}

func dateOf(days int) (year, month, day int) {
	days += daysBeforeMarch1
	era := floorDiv(days, 146097) // of 400 years
	days -= era * 146097
	ofEra := (days - days/1460 + days/36524 - days/146096) / 365
	days -= 365*ofEra + ofEra/4 - ofEra/100
	m := (5*days + 2) / 153
	day = days - (153*m+2)/5 + 1
	month = m + 3
	year = ofEra + 400*era
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// appendDate writes a date as PostgreSQL reads it under every DateStyle: the year first and in at least four digits. A
// year before 1 is written as its BC year; era is then to be written at the very end.
func appendDate(dst []byte, days int) (out []byte, era string) {
	year, month, day := dateOf(days)
	if year < 1 {
		year, era = 1-year, " BC"
	}
	for least := 1000; least > year && least > 1; least /= 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, int64(year), 10)
	dst = append(dst, '-')
	dst = appendTwo(dst, month)
	dst = append(dst, '-')
	return appendTwo(dst, day), era
}

// appendClock writes a second of the day as HH:MM:SS.
func appendClock(dst []byte, second int) []byte {
	dst = appendTwo(dst, second/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, second/60%60)
	dst = append(dst, ':')
	return appendTwo(dst, second%60)
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}
