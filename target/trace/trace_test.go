package trace

import (
	"strings"
	"testing"
)

func TestNoLiteralOfAStatementIsLogged(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`SELECT 1`: `SELECT 1`,
		"INSERT INTO \"it's\"\n  VALUES ('a''b', 'c')": `INSERT INTO "it's" VALUES (?, ?)`,
		`SELECT E'it\'s', 'x\', "a""b'c"`:              `SELECT E?, ?, "a""b'c"`,
		`DO $$ SELECT 'secret' $$; SELECT $1`:          `DO ?; SELECT $1`,
		`SELECT $tag$ a $$ b $tag$, a$1`:               `SELECT ?, a$1`,
		"SELECT 1 -- it's a comment\n, 'x'":            `SELECT 1 , ?`,
		`SELECT a LIKE'x\', 'b'`:                       `SELECT a LIKE?, ?`,
		`SELECT 'never ends`:                           `SELECT ?`,
		`SELECT $q$never ends`:                         `SELECT ?`,
	} {
		if got := withoutLiterals(sql); got != want {
			t.Errorf("%s:\n got %s\nwant %s", sql, got, want)
		}
	}
}

func TestALongStatementIsCutAndThoseBesideItAreNot(t *testing.T) {
	t.Parallel()
	long := "SELECT " + strings.Repeat("é", longestShown)
	got := shortened("BEGIN; SET LOCAL jit=off; " + long + "; COMMIT")
	if !strings.HasPrefix(got, "BEGIN; SELECT éé") || !strings.HasSuffix(got, "é…; COMMIT") || len(got) > longestShown+40 {
		t.Error(got)
	}
}
