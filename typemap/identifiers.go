package typemap

import (
	"cmp"
	"slices"
)

// Identifiers returns a column name for each of names, no two of them alike and none of them reserved. fold is applied
// to every name first (lower-casing, or [AirbyteName]); nil keeps names as they are.
//
// A name whose [Identifier] no other name has keeps it; the rest of the list and its order do not matter. If several
// names have the same one, a name that already equals it keeps it, and the others get the suffix that [Identifier]
// gives to long names. So a name changes only when another name with the same identifier appears.
func Identifiers(names, reserved []string, fold func(string) string) []string {
	if fold == nil {
		fold = func(name string) string { return name }
	}
	n := naming{taken: map[string]bool{}, result: make([]string, len(names))}
	for _, name := range reserved {
		n.taken[name] = true
	}
	plain := map[string][]int{}
	for i, name := range names {
		id := Identifier(fold(name))
		plain[id] = append(plain[id], i)
	}
	var later []int // those who need a suffix
	for id, who := range plain {
		keeper := n.keeper(id, who, names)
		for _, i := range who {
			if i == keeper {
				n.result[i], n.taken[id] = id, true
			} else {
				later = append(later, i)
			}
		}
	}
	// In the order of the names, so that the order of the list never matters.
	slices.SortFunc(later, func(a, b int) int {
		return cmp.Or(cmp.Compare(names[a], names[b]), cmp.Compare(a, b))
	})
	for _, i := range later {
		n.result[i] = n.suffixed(fold(names[i]), names[i])
	}
	return n.result
}

// SystemColumns returns the names that no column of a table may have, for [Identifiers] as reserved names.
func SystemColumns() []string {
	return []string{"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
}

// naming is a table's names while they are given out.
type naming struct {
	taken  map[string]bool
	result []string
}

// keeper returns which of the names with the identifier id keeps it, -1 when none does.
func (n *naming) keeper(id string, who []int, names []string) int {
	switch verbatim := slices.IndexFunc(who, func(i int) bool { return names[i] == id }); {
	case n.taken[id]:
		return -1
	case len(who) == 1:
		return who[0]
	case verbatim >= 0:
		return who[verbatim]
	}
	return -1
}

// suffixed returns a free name that begins with base and ends in the hash of whole: 8 digits of it, or more if another
// name happens to be just that.
func (n *naming) suffixed(base, whole string) string {
	for digits := hashDigits; digits <= 4*hashDigits; digits += hashDigits {
		if id := hashed(base, whole, digits); !n.taken[id] {
			n.taken[id] = true
			return id
		}
	}
	return n.suffixed(base, whole+"\x00") // the same name is in the list twice
}

// WithSuffix returns the beginning of name and the suffix that [Identifier] gives to long names, of whole, the longer
// the greater n is.
func WithSuffix(name, whole string, n int) string { return hashed(name, whole, hashDigits*(n+1)) }

// Suffixed returns a name that is not taken: the beginning of name, and the suffix that [Identifier] gives to long
// names, of whole.
func Suffixed(name, whole string, taken func(string) bool) string {
	for digits := hashDigits; ; digits += hashDigits {
		if id := hashed(name, whole, min(digits, 4*hashDigits)); digits > 4*hashDigits || !taken(id) {
			return id
		}
	}
}
