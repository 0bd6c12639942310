package target_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// Who owns the schema may drop a view of another role's, but not give the new one to a role that it is no member of.
func TestAViewMadeAnewStaysWithARoleThatMayNotGiveItAway(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	role, other := pgtest.Role(t, database), pgtest.User(t, pgtest.Role(t, database))
	loader := pgtest.User(t, role)
	admin := pgtest.ConnectTo(t, database)
	exec := func(statement string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	quoted := func(name string) string { return pgx.Identifier{name}.Sanitize() }
	exec("CREATE SCHEMA s AUTHORIZATION " + quoted(loader))
	cfg := newConfig(t, "s", settings{"url": role, "load_mode": "history", "history_view": "{table}_current"})
	run := func(kind, value string) {
		t.Helper()
		schema := schemaOf("t", `{"id":{"type":"integer"},"v":{"type":["null","`+kind+`"]}}`, "id")
		if _, err := load(t, cfg, schema, record("t", `{"id":1,"v":`+value+`}`)); err != nil {
			t.Fatal(err)
		}
	}
	run("integer", "1")
	exec("GRANT USAGE, CREATE ON SCHEMA s TO " + quoted(other))
	exec("ALTER VIEW s.t_current OWNER TO " + quoted(other))
	exec("GRANT SELECT ON s.t_current TO " + quoted(loader))
	run("number", "1.5")
	var value string
	if err := admin.QueryRow(t.Context(), "SELECT v::text FROM s.t_current").Scan(&value); err != nil || value != "1.5" {
		t.Errorf("the view shows %q: %v", value, err)
	}
}
