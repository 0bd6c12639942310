package partition

import (
	"regexp"
	"strings"
	"time"

	"target-postgres/typemap"
)

// Bound is the instant as a bound of a partition, in quotes. It means the same under every TimeZone and DateStyle
// of the server.
func Bound(kind typemap.Kind, at time.Time) string {
	layout := "2006-01-02 15:04:05.999999+00"
	switch kind {
	case typemap.KindDate:
		layout = "2006-01-02"
	case typemap.KindTimestamp:
		layout = "2006-01-02 15:04:05.999999"
	default:
	}
	return "'" + at.UTC().Format(layout) + "'"
}

// The ends of time. No instant that a period has is outside.
var (
	Beginning = time.Date(-10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	End       = time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC)
)

var boundsText = regexp.MustCompile(`^FOR VALUES FROM \(('[^']*'|MINVALUE)\) TO \(('[^']*'|MAXVALUE)\)$`)

// Read reads the bounds of a partition as the server prints them in UTC and DateStyle ISO. It reports false for those
// of another kind of partition, and for bounds that it cannot read.
func Read(bounds string) (p Period, ok bool) {
	found := boundsText.FindStringSubmatch(bounds)
	if found == nil {
		return Period{}, false
	}
	from, ok := readBound(found[1])
	to, also := readBound(found[2])
	return Period{from, to}, ok && also
}

func readBound(text string) (time.Time, bool) {
	text = strings.Trim(text, "'")
	switch text {
	case "MINVALUE", "-infinity":
		return Beginning, true
	case "MAXVALUE", "infinity":
		return End, true
	}
	if strings.HasSuffix(text, " BC") {
		return Beginning, true // periods begin after that
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999Z07"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	if year, _, _ := strings.Cut(text, "-"); len(year) > len("9999") {
		return End, true // later than any period that a run makes
	}
	return time.Time{}, false
}
