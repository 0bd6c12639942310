package protocol

import (
	"math"
	"strconv"

	gojson "github.com/goccy/go-json"

	"target-postgres/internal/jsonscan"
)

// isObject reports whether a raw value is an object.
func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }

// absent reports whether a member was missing or null, which Python's senders use interchangeably.
func absent(value []byte) bool { return len(value) == 0 || value[0] == 'n' }

// stringOf returns the text of a raw value, false if it is not a string.
func stringOf(value []byte) (string, bool) {
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	text, _ := jsonscan.Unquote(nil, value)
	return string(text), true
}

// stringsOf returns the texts of a raw array of strings, false if it is anything else.
func stringsOf(value []byte) ([]string, bool) {
	var raw []gojson.RawMessage
	if len(value) == 0 || value[0] != '[' || gojson.Unmarshal(value, &raw) != nil {
		return nil, false
	}
	out := make([]string, len(raw))
	for i := range raw {
		text, ok := stringOf(raw[i])
		if !ok {
			return nil, false
		}
		out[i] = text
	}
	return out, true
}

// integer returns a raw number as an int64, also one written with a fraction or an exponent where that is zero (1.0,
// 1e3); false for everything else.
func integer(value []byte) (int64, bool) {
	if n, ok := digits(value); ok {
		return n, true
	}
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return n, true
	}
	f, ok := float(value)
	if !ok || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// float returns a raw number as a float64, false for everything else.
func float(value []byte) (float64, bool) {
	if len(value) == 0 || value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(value), 64)
	return f, err == nil
}

// digits is the fast way through integer: up to 18 digits, which cannot overflow.
func digits(value []byte) (n int64, ok bool) {
	rest := value
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	if len(rest) == 0 || len(rest) > 18 {
		return 0, false
	}
	for _, c := range rest {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(rest) < len(value) {
		n = -n
	}
	return n, true
}
