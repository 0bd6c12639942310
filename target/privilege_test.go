package target_test

import (
	"context"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// setupFromREADME runs the README's preparation of the database, as it is written there, in a database and for a role
// of the test's own. It returns the URL with which that role connects.
func setupFromREADME(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no SQL to prepare the database")
	}
	database := pgtest.Database(t)
	at, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(at.Path, "/")
	role := "loader_of_" + name
	conn := pgtest.ConnectTo(t, database)
	names := strings.NewReplacer("loader", pgx.Identifier{role}.Sanitize(), "warehouse", pgx.Identifier{name}.Sanitize())
	if _, err := conn.Exec(t.Context(), "REVOKE ALL ON DATABASE "+pgx.Identifier{name}.Sanitize()+" FROM PUBLIC"); err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(string(block[1])), ";\n") {
		if _, err := conn.Exec(t.Context(), names.Replace(statement)); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	t.Cleanup(func() { dropRole(t, database, role) })
	at.User = url.UserPassword(role, "choose-one")
	return at.String()
}

func dropRole(t *testing.T, database, role string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	quoted := pgx.Identifier{role}.Sanitize()
	for _, statement := range []string{"DROP OWNED BY " + quoted + " CASCADE", "DROP ROLE " + quoted} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestTheRoleOfTheREADMELoadsInEveryMode(t *testing.T) {
	t.Parallel()
	role := setupFromREADME(t)
	const properties = `{"id":{"type":"integer"},"v":{"type":["null","string"]}}`
	for _, mode := range []string{"append", "replace", "upsert", "history", "soft_delete"} {
		cfg := newConfig(t, "raw", settings{
			"url": role, "load_mode": mode, "table_prefix": mode + "_", "skip_schema_creation": true, "on_bad_record": "reject",
			"streams": map[string]any{"snap": map[string]any{"full_snapshot": mode == "history" || mode == "soft_delete"}},
		})
		for _, value := range []string{"a", "b"} {
			_, err := load(t, cfg,
				schemaOf("t", properties, "id"), record("t", `{"id":1,"v":"`+value+`"}`), record("t", `{"id":1.5}`),
				schemaOf("snap", properties, "id"), record("snap", `{"id":1}`), stateOf("1"))
			if err != nil {
				t.Errorf("%s: %v", mode, err)
			}
		}
	}
}

func TestAMissingPrivilegeNamesTheGrant(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, before, schema, want string
	}{
		{"create on the schema", "REVOKE CREATE ON SCHEMA raw FROM %s", "raw", `GRANT USAGE, CREATE ON SCHEMA "raw" TO %s`},
		{"usage of the schema", "REVOKE ALL ON SCHEMA raw FROM %s", "raw", `GRANT USAGE, CREATE ON SCHEMA "raw" TO %s`},
		{"temporary tables", "REVOKE TEMPORARY ON DATABASE %d FROM %s", "raw", "GRANT TEMPORARY ON DATABASE %d TO %s"},
		{"create schemas", "SELECT 1", "elsewhere", "GRANT CREATE ON DATABASE %d TO %s"},
		{"a table of somebody else", `CREATE TABLE raw.t (id bigint PRIMARY KEY)`, "raw", `ALTER TABLE "raw"."t" OWNER TO %s; or make`},
		{
			"writing to a table of somebody else", `CREATE TABLE raw.t (id bigint PRIMARY KEY, v text)`, "raw",
			`GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "raw"."t" TO %s`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role := setupFromREADME(t)
			at, err := url.Parse(role)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(at.Path, "/")
			admin, err := url.Parse(pgtest.URL(t))
			if err != nil {
				t.Fatal(err)
			}
			admin.Path = at.Path
			before := strings.NewReplacer("%s", pgx.Identifier{at.User.Username()}.Sanitize(), "%d", pgx.Identifier{name}.Sanitize())
			if _, err := pgtest.ConnectTo(t, admin.String()).Exec(t.Context(), before.Replace(test.before)); err != nil {
				t.Fatal(err)
			}
			_, err = load(t, newConfig(t, test.schema, settings{"url": role}),
				schemaOf("t", `{"id":{"type":"integer"},"v":{"type":"string"}}`, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":1,"v":"b"}`))
			if want := before.Replace(test.want); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, want one with %q", err, want)
			}
		})
	}
}

func TestSkipSchemaCreationSaysWhatToCreate(t *testing.T) {
	t.Parallel()
	_, err := load(t, newConfig(t, "not there", settings{"skip_schema_creation": true}), schemaOf("t", `{"id":{"type":"integer"}}`, "id"))
	if err == nil || !strings.Contains(err.Error(), `CREATE SCHEMA "not there"`) {
		t.Errorf("the error is %v, want one that says CREATE SCHEMA", err)
	}
}
