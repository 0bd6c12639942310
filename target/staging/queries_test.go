package staging

import (
	"strings"
	"testing"

	"target-postgres/target/pgtx"
)

func TestAQueryTakesTextsAndHasNoneInAComment(t *testing.T) {
	t.Parallel()
	if got, want := pgtx.Fill("SELECT $1, $2, $1\n", "a $2 b", `\`), `SELECT 'a $2 b'::pg_catalog.text, E'\\'::pg_catalog.text, 'a $2 b'::pg_catalog.text`; got != want {
		t.Errorf("the query is %s, want %s", got, want)
	}
	for _, query := range []string{orphansSQL, generationsSQL} {
		for line := range strings.Lines(query) {
			if _, comment, _ := strings.Cut(line, "--"); strings.Contains(comment, "$") {
				t.Errorf("a text would end up in a comment, and go on after it: %s", line)
			}
		}
	}
}
