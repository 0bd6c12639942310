package shape

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/typemap"
)

// checkHidden refuses to leave out or hash a field that is not among those that the steps before columns leave, while
// its values are stored: in the columns of the properties of an object, or of a copy that a stream map makes.
func (p *Plan) checkHidden() error {
	for _, name := range slices.Sorted(maps.Keys(p.settings.Columns)) {
		column := p.column(name)
		if name == All || !is(column.Exclude) && !is(column.Hash) || slices.ContainsFunc(p.flat, func(f typemap.Field) bool { return f.Name == name }) {
			continue
		}
		if plain := p.plainOf(name); len(plain) > 0 {
			member := "hash"
			if is(column.Exclude) {
				member = "exclude"
			}
			return &Error{
				"columns." + name + "." + member, "is about a field whose values come out of stream_maps and flatten as " + strings.Join(plain, ", "),
				fmt.Sprintf("set %s for these fields instead", member),
			}
		}
	}
	return nil
}

// plainOf are the fields that hold the values of one that the steps before columns take away, and that are stored as
// they are, quoted.
func (p *Plan) plainOf(name string) []string {
	var plain []string
	for i := range p.flat {
		f := &p.flat[i]
		from := slices.Contains(f.Within, name) || slices.Equal(f.At(), []string{name})
		if from && f.Constant == "" && f.Digest == nil && !p.hashes(f.Name) && !p.excludes(f.Name) {
			plain = append(plain, fmt.Sprintf("%q", f.Name))
		}
	}
	return plain
}
