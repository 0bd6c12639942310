package migrate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"target-postgres/typemap"
)

var fieldOfComment = regexp.MustCompile(`(?m)^field (".*")$`)

// FieldOf is the field that a column's comment names, "" if it names none.
func FieldOf(comment string) string {
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

// DescribeField is the comment of a field's column. It names the field if the column has another name.
func DescribeField(f typemap.Field, column string) string {
	var lines []string
	if f.Description != "" {
		lines = append(lines, f.Description)
	}
	if f.Name != column {
		lines = append(lines, fieldLine(f.Name))
	}
	if f.Rival {
		lines = append(lines, recordMark)
	}
	if f.Digest != nil {
		lines = append(lines, hashedMark)
	}
	if f.Typed {
		lines = append(lines, typedMark)
	}
	return strings.Join(lines, "\n")
}

// fieldLine is the line of a column's comment that names its field.
func fieldLine(field string) string { return fmt.Sprintf("field %q", field) }
