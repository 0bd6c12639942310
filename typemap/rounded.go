package typemap

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// decimals returns how many digits after the point a money or an interval keeps. The server silently rounds the rest
// away. rounds is false for a column of another type, and for an interval that is no key and keeps microseconds, as all
// times do.
func (c *column) decimals() (n int, rounds bool) {
	base, modifier := splitModifier(c.Type.Name)
	switch {
	case base == "money":
		return 2, true
	case base == "interval" || strings.HasPrefix(base, "interval "):
		if n, err := strconv.Atoi(modifier); err == nil {
			return n, true
		}
		return maxFraction, c.Key
	}
	return 0, false
}

// encodeRounded writes a value for the server to read, and refuses one that the server would round.
func encodeRounded(w *Walker, c *column, v value, dst []byte) ([]byte, *misfit) {
	from := len(dst)
	dst, m := encodeText(w, c, v, dst)
	if m != nil {
		return dst, m
	}
	if !c.keepsUnits(dst[from:]) {
		return dst, &misfit{reason: "the value may have smaller units than " + c.Type.Name + " keeps"}
	}
	most, _ := c.decimals()
	for rest := dst[from:]; ; {
		_, after, found := bytes.Cut(rest, []byte{'.'})
		if !found {
			return dst, nil
		}
		digits, _ := leadingDigits(after)
		if len(bytes.TrimRight(digits, "0")) > most {
			return dst, &misfit{reason: "the value has more digits after the point than " + c.Type.Name + " keeps"}
		}
		rest = after
	}
}

// units are those of an interval that its type may name as the smallest, from the greatest on.
var units = []string{"year", "month", "day", "hour", "minute"}

// An interval in words, with a clock at its end, as PostgreSQL prints it. Its words begin as those of units do.
var (
	intervalText = regexp.MustCompile(`^"\s*(?:[-+]?\d+\s*(?:years?|mons?|months?|days?|hours?|mins?|minutes?)\b\s*)*(?:[-+]?\d+:(\d\d)(:00(?:\.0*)?)?\s*)?"$`)
	intervalUnit = regexp.MustCompile(`year|mon|day|hour|min`)
)

// keepsUnits reports whether an interval as a CSV field has no smaller unit than its type, such as interval day, keeps.
// The server cuts those off without a word. It is false for a text in a form that only the server reads.
func (c *column) keepsUnits(field []byte) bool {
	words := strings.Fields(c.Type.Name)
	smallest := slices.Index(units, words[len(words)-1])
	if words[0] != "interval" || smallest < 0 {
		return true
	}
	parts := intervalText.FindSubmatch(field)
	if parts == nil {
		return false
	}
	has := -1
	for _, word := range intervalUnit.FindAll(field, -1) {
		has = max(has, slices.IndexFunc(units, func(unit string) bool { return strings.HasPrefix(unit, string(word)) }))
	}
	switch string(parts[1]) {
	case "":
	case "00":
		has = max(has, slices.Index(units, "hour"))
	default:
		has = slices.Index(units, "minute")
	}
	return has <= smallest
}
