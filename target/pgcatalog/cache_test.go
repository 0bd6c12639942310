package pgcatalog

import (
	"strings"
	"testing"
)

func TestNoCommentOfAQueryHasAPlaceForAText(t *testing.T) {
	t.Parallel()
	for _, query := range []string{schemaSQL, catalogSQL, distributedSQL, chunkedSQL} {
		for line := range strings.Lines(query) {
			if _, comment, _ := strings.Cut(line, "--"); strings.Contains(comment, "$") {
				t.Errorf("a text would end up in a comment, and go on after it: %s", line)
			}
		}
	}
}
