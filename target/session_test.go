package target_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

func TestTheRoleOwnsWhatIsCreated(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	owner := pgtest.User(t, pgtest.Role(t, database))
	conn := pgtest.ConnectTo(t, database)
	name, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	grant := fmt.Sprintf("GRANT CREATE, TEMPORARY ON DATABASE %s TO %s", pgx.Identifier{strings.TrimPrefix(name.Path, "/")}.Sanitize(), owner)
	if _, err := conn.Exec(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	cfg := newConfig(t, "raw", settings{"url": database, "role": owner})
	messages := []string{schemaOf("t", `{"id":{"type":"integer"}}`, "id"), record("t", `{"id":1}`), record("t", `{"id":1}`)}
	if _, err := load(t, cfg, messages...); err != nil {
		t.Fatal(err)
	}
	var schemaOwner, tableOwner string
	query := "SELECT (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'raw'), relowner::regrole::text FROM pg_class WHERE oid = 'raw.t'::regclass"
	if err := conn.QueryRow(t.Context(), query).Scan(&schemaOwner, &tableOwner); err != nil {
		t.Fatal(err)
	}
	if schemaOwner != owner || tableOwner != owner {
		t.Errorf("the schema belongs to %s and the table to %s, want %s", schemaOwner, tableOwner, owner)
	}
}

func TestTheSessionIsNamed(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	conn := pgtest.Connect(t)
	setup := fmt.Sprintf(`SET search_path TO %s; CREATE TABLE t (id bigint, name text DEFAULT current_setting('application_name'), zone text DEFAULT current_setting('TimeZone'))`,
		pgx.Identifier{schema}.Sanitize())
	if _, err := conn.Exec(t.Context(), setup); err != nil {
		t.Fatal(err)
	}
	cfg := newConfig(t, schema, settings{"application_name": "nightly load"})
	if _, err := load(t, cfg, schemaOf("t", `{"id":{"type":"integer"}}`), record("t", `{"id":1}`)); err != nil {
		t.Fatal(err)
	}
	var name, zone string
	if err := conn.QueryRow(t.Context(), "SELECT name, zone FROM "+pgx.Identifier{schema, "t"}.Sanitize()).Scan(&name, &zone); err != nil {
		t.Fatal(err)
	}
	if name != "nightly load" || zone != "UTC" {
		t.Errorf("application_name %q and TimeZone %q, want the setting and UTC", name, zone)
	}
}
