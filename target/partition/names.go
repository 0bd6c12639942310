package partition

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"
)

// most is how many bytes PostgreSQL keeps of a name.
const most = 63

// Name is the name of a partition of a table. Those of two tables differ, also where they are too long to be written
// out.
func Name(table, suffix string) string {
	if len(table)+len(suffix) <= most {
		return table + suffix
	}
	sum := sha256.Sum256([]byte(table))
	suffix = "_" + hex.EncodeToString(sum[:])[:8] + suffix
	cut := most - len(suffix)
	for !utf8.RuneStart(table[cut]) {
		cut--
	}
	return table[:cut] + suffix
}

// tries bounds how many names a partition may have: one for each table of its name that there is already, such as a
// partition that was detached.
const tries = 20

// Names are the names that a partition may have, in the order in which they are tried.
func Names(table, suffix string) []string {
	names := []string{Name(table, suffix)}
	for n := 2; n <= tries; n++ {
		names = append(names, Name(table, fmt.Sprintf("%s_%d", suffix, n)))
	}
	return names
}

// Free is the first of some names that is not taken, "" if all are.
func Free(names []string, taken func(string) bool) string {
	at := slices.IndexFunc(names, func(name string) bool { return !taken(name) })
	if at < 0 {
		return ""
	}
	return names[at]
}

// Missing are the names of one list that another lacks.
func Missing(names, from []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(from, name) })
}
