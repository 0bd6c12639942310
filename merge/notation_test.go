package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var columnNames = [values]string{"a", "b", "mark", "version", "seen"}

// parse reads records like these:
//
//	1 a=1 b=2 @3          a record of key 1 whose other columns are NULL, at instant 3
//	1 patch a=1 @3        a partial record, which brings a alone
//	1 gone mark=5 @3      a tombstone, which lacks a and b
func parse(t testing.TB, batch string) []keyed {
	t.Helper()
	var records []keyed
	for text := range strings.SplitSeq(batch, ",") {
		words := strings.Fields(text)
		r := keyed{id: number(t, words[0]), record: record{values: nothing()}}
		partial := slices.Contains(words, "patch") || slices.Contains(words, "gone")
		for c := range colVersion {
			r.absent[c] = partial
		}
		for _, word := range words[1:] {
			switch name, value, _ := strings.Cut(word, "="); {
			case word == "patch":
			case word == "gone":
				r.gone = true
			case word[0] == '@':
				r.at = number(t, word[1:])
			default:
				c := slices.Index(columnNames[:], name)
				r.values[c], r.absent[c] = number(t, value), false
			}
		}
		records = append(records, r)
	}
	return records
}

func number(t testing.TB, s string) int {
	t.Helper()
	if s == "null" {
		return null
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// format writes the rows of a table like this, leaving out NULLs: "1 a=1 b=2 [3,5) deleted".
func format(rows map[int][]row, mode Mode) []string {
	result := []string{}
	for id, versions := range rows {
		for _, r := range versions {
			s := strconv.Itoa(id)
			for c, v := range r.values {
				if v != null {
					s += fmt.Sprintf(" %s=%d", columnNames[c], v)
				}
			}
			switch {
			case mode == History && r.active:
				s += fmt.Sprintf(" [%d,", r.start)
			case mode == History:
				s += fmt.Sprintf(" [%d,%d)", r.start, r.end)
			case r.deleted:
				s += " deleted"
			}
			result = append(result, s)
		}
	}
	slices.Sort(result)
	return result
}
