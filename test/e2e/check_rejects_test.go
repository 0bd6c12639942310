//go:build unix

package e2e

import (
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// A check finds that the table of rejected records takes no row, if records may be rejected at all.
func TestACheckLooksAtTheTableOfRejectedRecords(t *testing.T) {
	t.Parallel()
	const columns = "(stream text, line bigint, reason text, record jsonb, rejected_at timestamptz)"
	reject := map[string]any{"on_bad_record": "reject"}
	for _, test := range []struct {
		name     string
		settings map[string]any
		// table makes _singular_rejected as somebody else, if there is one.
		table string
		want  string
	}{
		{"no table yet", reject, "", "SUCCEEDED"},
		{"a table that may be written to", reject, "CREATE TABLE {schema}._singular_rejected " + columns + "; GRANT ALL ON {schema}._singular_rejected TO PUBLIC", "SUCCEEDED"},
		{
			"a table of somebody else", reject, "CREATE TABLE {schema}._singular_rejected " + columns,
			"write to the table of rejected records: permission denied for table _singular_rejected: SQLSTATE 42501 (run: GRANT ",
		},
		{
			"a table of somebody else, which one stream needs",
			map[string]any{"streams": map[string]any{"t": reject}},
			"CREATE TABLE {schema}._singular_rejected " + columns,
			"permission denied for table _singular_rejected",
		},
		{"a table of somebody else, which nobody needs", nil, "CREATE TABLE {schema}._singular_rejected " + columns, "SUCCEEDED"},
		{
			"a view of that name", reject,
			"CREATE TABLE {schema}.rejects " + columns + "; CREATE VIEW {schema}._singular_rejected AS TABLE {schema}.rejects; GRANT ALL ON {schema}._singular_rejected TO PUBLIC",
			`_singular_rejected" is a view`,
		},
		{
			"a table of somebody else that lacks columns", reject, "CREATE TABLE {schema}._singular_rejected (id bigint); GRANT ALL ON {schema}._singular_rejected TO PUBLIC",
			"must be owner of table _singular_rejected: SQLSTATE 42501 (run: ALTER TABLE ",
		},
		{"a table that lacks columns", reject, "CREATE TABLE {schema}._singular_rejected (id bigint); ALTER TABLE {schema}._singular_rejected OWNER TO {role}", "SUCCEEDED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			login := pgtest.Role(t, pgtest.URL(t))
			in, role := pgx.Identifier{schema}.Sanitize(), pgx.Identifier{pgtest.User(t, login)}.Sanitize()
			conn := pgtest.Connect(t)
			for _, statement := range []string{"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}", test.table} {
				if _, err := conn.Exec(t.Context(), strings.NewReplacer("{schema}", in, "{role}", role).Replace(statement)); err != nil {
					t.Fatal(err)
				}
			}
			settings := map[string]any{"url": login, "schema": schema}
			maps.Copy(settings, test.settings)
			w := startWaiting(t, settings, "check", "--exit-code")
			if err := w.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			for line := range w.lines {
				w.seen = append(w.seen, line)
			}
			said := strings.ReplaceAll(strings.Join(w.seen, "\n"), `\"`, `"`)
			err := w.cmd.Wait()
			if succeeds := test.want == "SUCCEEDED"; succeeds != (err == nil) || !strings.Contains(said, test.want) {
				t.Errorf("it ended with %v, want %s:\n%s", err, test.want, said)
			}
		})
	}
}
