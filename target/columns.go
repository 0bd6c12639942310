package target

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// nameColumns chooses the columns of the stream's fields. Where names are folded several fields may come to one name: a field
// then keeps the column that it has in the table.
func (t *Target) nameColumns(s *stream) error {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.Name
	}
	fold := t.config.Fold(s.airbyte)
	var columns map[string]string
	if fold != nil && t.pipeline != nil {
		have, err := t.existing(s.name, s.schemaName, s.tableName)
		if err != nil {
			return err
		}
		if have != nil {
			columns = make(map[string]string, len(have.Columns))
			for _, c := range have.Columns {
				columns[c.Name] = fieldOf(c.Comment)
			}
		}
	}
	places, given := s.renamed(fold)
	for _, i := range slices.Backward(places) {
		names = slices.Delete(names, i, i+1)
	}
	s.names = typemap.IdentifiersIn(columns, names, append(s.reservedNames(), given...), fold)
	for n, i := range places {
		s.names = slices.Insert(s.names, i, given[n])
	}
	return nil
}

var fieldOfComment = regexp.MustCompile(`(?m)^field (".*")$`)

// fieldOf is the field that a column's comment names, "" if it names none.
func fieldOf(comment string) string {
	found := fieldOfComment.FindStringSubmatch(comment)
	if found == nil {
		return ""
	}
	field, err := strconv.Unquote(found[1])
	if err != nil {
		return ""
	}
	return field
}

// describeColumn is the comment of a field's column. It names the field if the column has another name.
func describeColumn(f typemap.Field, column string) string {
	var lines []string
	if f.Description != "" {
		lines = append(lines, f.Description)
	}
	if f.Name != column {
		lines = append(lines, fmt.Sprintf("field %q", f.Name))
	}
	if f.Digest != nil {
		lines = append(lines, migrate.HashedMark)
	}
	return strings.Join(lines, "\n")
}
