package parquetfile

import (
	"encoding/binary"
	"strconv"

	"github.com/parquet-go/parquet-go/format"
)

// julianOf1970 is the Julian day number of 1970-01-01.
const julianOf1970 = 2440588

// digitsOf is how many digits a unit of time has behind the second.
func digitsOf(unit format.TimeUnit) int {
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		return 3
	case *format.MicroSeconds:
		return 6
	}
	return 9
}

// perSecond is how many units with so many digits a second has.
func perSecond(digits int) int64 {
	n := int64(1)
	for range digits {
		n *= 10
	}
	return n
}

// momentOf renders timestamps that are counted from 1970. Those of UTC say so.
func momentOf(digits int, utc bool) render {
	unit := perSecond(digits)
	return func(dst []byte, v *values, i int) []byte {
		n := v.integer(i)
		second, fraction := floor(n, unit)
		day, second := floor(second, 24*60*60)
		dst = appendDay(append(dst, '"'), day)
		dst = appendClock(append(dst, 'T'), second, fraction, digits)
		if utc {
			dst = append(dst, 'Z')
		}
		return append(dst, '"')
	}
}

// clockOf renders times of day.
func clockOf(digits int) render {
	unit := perSecond(digits)
	return func(dst []byte, v *values, i int) []byte {
		second, fraction := floor(v.integer(i), unit)
		return append(appendClock(append(dst, '"'), second, fraction, digits), '"')
	}
}

func appendDate(dst []byte, v *values, i int) []byte {
	return append(appendDay(append(dst, '"'), v.integer(i)), '"')
}

// appendInt96 renders the timestamps of Impala and older Sparks: nanoseconds of a Julian day. They have no time zone.
func appendInt96(dst []byte, v *values, i int) []byte {
	n := v.int96[i]
	second, fraction := floor(int64(uint64(n[0])|uint64(n[1])<<32), 1e9)
	days, second := floor(second, 24*60*60)
	dst = appendDay(append(dst, '"'), int64(int32(n[2]))-julianOf1970+days)
	return append(appendClock(append(dst, 'T'), second, fraction, 9), '"')
}

// appendInterval renders months, days and milliseconds as ISO 8601 does.
func appendInterval(dst []byte, v *values, i int) []byte {
	text := v.text(i)
	millis := binary.LittleEndian.Uint32(text[8:12])
	dst = strconv.AppendUint(append(dst, `"P`...), uint64(binary.LittleEndian.Uint32(text[:4])), 10)
	dst = strconv.AppendUint(append(dst, 'M'), uint64(binary.LittleEndian.Uint32(text[4:8])), 10)
	dst = strconv.AppendUint(append(dst, "DT"...), uint64(millis/1000), 10)
	dst = appendFraction(dst, int64(millis%1000), 3)
	return append(dst, `S"`...)
}

// floor divides, rounding down.
func floor(n, by int64) (quotient, rest int64) {
	quotient, rest = n/by, n%by
	if rest < 0 {
		quotient, rest = quotient-1, rest+by
	}
	return quotient, rest
}

// appendDay writes a day, counted from 1970-01-01, in the proleptic Gregorian calendar. Year 0 is 1 BC, as in ISO 8601.
func appendDay(dst []byte, day int64) []byte {
	const daysOf400Years = 146097
	era, day := floor(day+719468, daysOf400Years) // from 0000-03-01 on, so that the leap day is a year's last
	year := (day - day/1460 + day/36524 - day/146096) / 365
	ofYear := day - (365*year + year/4 - year/100)
	fromMarch := (5*ofYear + 2) / 153
	date, month := ofYear-(153*fromMarch+2)/5+1, fromMarch+3
	year += era * 400
	if month > 12 {
		month, year = month-12, year+1
	}
	if year < 0 {
		dst, year = append(dst, '-'), -year
	}
	for least := int64(1000); least > year && least > 1; least /= 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, year, 10)
	return appendTwo(append(appendTwo(append(dst, '-'), month), '-'), date)
}

// appendClock writes a second of the day, and what is behind it unless that is nothing.
func appendClock(dst []byte, second, fraction int64, digits int) []byte {
	dst = appendTwo(append(appendTwo(append(appendTwo(dst, second/3600), ':'), second/60%60), ':'), second%60)
	return appendFraction(dst, fraction, digits)
}

func appendFraction(dst []byte, fraction int64, digits int) []byte {
	if fraction == 0 {
		return dst
	}
	from := len(dst)
	dst = append(dst, ".000000000"[:digits+1]...)
	for i := from + digits; fraction > 0; i-- {
		dst[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	return dst
}

func appendTwo(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }
