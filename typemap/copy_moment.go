package typemap

import (
	"bytes"
	"encoding/binary"
	"math"
)

// PostgreSQL counts days and microseconds from 2000-01-01. The texts are those that the encoders of dates and times
// write.

var postgresEpoch = dayNumber(2000, 1, 1)

// appendBinaryMoment appends a date, a time of day or both.
func appendBinaryMoment(dst, field []byte, k Kind) (out []byte, ok bool) {
	switch k {
	case KindTime, KindTimeTZ:
		return appendBinaryClock(dst, field, k)
	case KindDate:
		days, ok := binaryDays(field)
		return binary.BigEndian.AppendUint32(dst, uint32(days)), ok
	}
	micros, ok := binaryMicros(field, k == KindTimestampTZ)
	return binary.BigEndian.AppendUint64(dst, uint64(micros)), ok
}

// endOf returns which end of time a text is, 0 for none.
func endOf(field []byte) int {
	switch string(field) {
	case "infinity":
		return 1
	case "-infinity":
		return -1
	}
	return 0
}

func binaryDays(field []byte) (days int32, ok bool) {
	if len(field) == 10 && isDate(field) {
		year, month, day := 100*two(field, 0)+two(field, 2), two(field, 5), two(field, 8)
		return int32(dayNumber(int(year), int(month), int(day)) - postgresEpoch), true
	}
	switch endOf(field) {
	case 1:
		return math.MaxInt32, true
	case -1:
		return math.MinInt32, true
	}
	m, ok := parseMoment(field)
	n := m.days()
	if !ok || bytes.ContainsRune(field, ':') || m.hasZone || !m.midnight() || n < firstDay || n >= endOfDates {
		return 0, false
	}
	return int32(n - postgresEpoch), true
}

// binaryMicros reads a date-time, with an offset if its type is one with a time zone. Without one the server reads no
// offset either.
func binaryMicros(field []byte, zoned bool) (micros int64, ok bool) {
	if zone := timestampZone(field); zone > 0 && !zoned {
		return shortMicros(field[:zone], zone)
	} else if zone > 0 && zone < len(field) {
		return shortMicros(field, zone)
	}
	switch endOf(field) {
	case 1:
		return math.MaxInt64, true
	case -1:
		return math.MinInt64, true
	}
	m, ok := parseMoment(field)
	if !ok || m.hasZone != zoned {
		return 0, false
	}
	return sinceEpoch(m.days(), m.secondOfDay()-m.offset, m.micros())
}

// shortMicros reads the one spelling in which nearly all date-times come, see [timestampZone].
func shortMicros(field []byte, zone int) (micros int64, ok bool) {
	m := moment{
		year: int(100*two(field, 0) + two(field, 2)), month: int(two(field, 5)), day: int(two(field, 8)),
		hour: int(two(field, 11)), minute: int(two(field, 14)), second: int(two(field, 17)),
	}
	if zone > 20 {
		m.fraction = field[20:zone]
	}
	if rest := field[zone:]; len(rest) >= 3 {
		m.offset = 3600 * int(two(rest, 1))
		if len(rest) == 6 {
			m.offset += 60 * int(two(rest, 4))
		}
		if rest[0] == '-' {
			m.offset = -m.offset
		}
	}
	return sinceEpoch(m.days(), m.secondOfDay()-m.offset, m.micros())
}

// sinceEpoch adds up an instant. ok is false where PostgreSQL holds none.
func sinceEpoch(days, seconds, micros int) (since int64, ok bool) {
	day := days + floorDiv(seconds+micros/1e6, daySeconds)
	if day < firstDay || day >= endOfTimestamps {
		return 0, false
	}
	return (int64(days-postgresEpoch)*daySeconds+int64(seconds))*1e6 + int64(micros), true
}

func appendBinaryClock(dst, field []byte, k Kind) (out []byte, ok bool) {
	m, ok := parseClock(field)
	if !ok || !m.inDay() || m.hasZone != (k == KindTimeTZ) || len(field) < 8 || field[2] != ':' {
		return dst, false
	}
	dst = binary.BigEndian.AppendUint64(dst, uint64(int64(m.secondOfDay())*1e6+int64(m.micros())))
	if k == KindTime {
		return dst, true
	}
	if m.offset <= -maxOffset || m.offset >= maxOffset {
		return dst, false
	}
	return binary.BigEndian.AppendUint32(dst, uint32(-m.offset)), true
}
