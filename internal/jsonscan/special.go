package jsonscan

import "bytes"

// specials are the numbers that JSON does not have. Python's json module writes and reads them unless it is told
// otherwise.
var specials = [...]string{"NaN", "Infinity", "-Infinity"}

// special returns the length of the special number that b starts with, or 0.
func special(b []byte) int {
	for _, word := range specials {
		if len(b) >= len(word) && string(b[:len(word)]) == word {
			return len(word)
		}
	}
	return 0
}

// beyond are numbers larger than any that a schema bounds, in the place of the infinities.
var beyond = map[string]string{"NaN": "0", "Infinity": "1e400", "-Infinity": "-1e400"}

// AppendFinite is [AppendStrict] with numbers: 0 for NaN, and for the infinities some that exceed every bound.
func AppendFinite(dst, text []byte) (out []byte, replaced int) {
	return appendInstead(dst, text, func(word string) string { return beyond[word] })
}

// AppendStrict appends JSON text that [Value] has accepted to dst, with another word in the place of every special
// number, and returns how many there were.
func AppendStrict(dst, text []byte, instead string) (out []byte, replaced int) {
	return appendInstead(dst, text, func(string) string { return instead })
}

func appendInstead(dst, text []byte, instead func(word string) string) (out []byte, replaced int) {
	for len(text) > 0 {
		n := bytes.IndexAny(text, `"NI`)
		if n < 0 {
			break
		}
		if text[n] == '"' {
			end, _, err := String(text, n)
			if err != nil {
				break // such text was not accepted
			}
			dst, text = append(dst, text[:end]...), text[end:]
			continue
		}
		if n > 0 && text[n-1] == '-' {
			n--
		}
		length := special(text[n:])
		if length == 0 {
			break // neither was this
		}
		dst = append(append(dst, text[:n]...), instead(string(text[n:n+length]))...)
		text = text[n+length:]
		replaced++
	}
	return append(dst, text...), replaced
}
