package target

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgtest"
)

func TestWhatIsForbiddenNamesWhatAllowsIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ message, want string }{
		{"permission denied for schema raw", "run: GRANT USAGE, CREATE ON SCHEMA raw TO <role>"},
		{"permission denied for schema My Schema", "run: GRANT USAGE, CREATE ON SCHEMA My Schema TO <role>"},
		{"permission denied for table t", "run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON t TO <role>"},
		{"permission denied for relation t", "run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON t TO <role>"},
		{"must be owner of table t", "run: ALTER TABLE t OWNER TO <role>"},
		{"must be owner of relation t", "run: ALTER TABLE t OWNER TO <role>"},
		{`permission denied to create temporary tables in database "w"`, `run: GRANT TEMPORARY ON DATABASE "w" TO <role>`},
		{"permission denied for database w", "run: GRANT CREATE ON DATABASE w TO <role>, or create the schema yourself and set skip_schema_creation"},
		{`permission denied to set role "owner"`, `run: GRANT "owner" TO <role>, or leave out the setting role`},
		{`new row violates row-level security policy for table "t"`, "a policy of the table keeps the role from writing"},
		{"permission denied for function f", ""},
		{"", ""},
	}
	for _, test := range tests {
		got := grantFor(&pgconn.PgError{Code: "42501", Message: test.message})
		if !strings.HasPrefix(got, test.want) || (test.want == "" && got != "") {
			t.Errorf("%q is answered with %q, want %q", test.message, got, test.want)
		}
	}
}

// TestTheServerStillSaysWhatIsForbiddenInTheseWords provokes each refusal.
func TestTheServerStillSaysWhatIsForbiddenInTheseWords(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	admin := pgtest.ConnectTo(t, database)
	login := pgtest.Role(t, database)
	role := pgx.Identifier{pgtest.User(t, login)}.Sanitize()
	for _, statement := range []string{
		"CREATE SCHEMA closed", "CREATE SCHEMA open", "GRANT USAGE ON SCHEMA open TO " + role,
		"CREATE TABLE open.theirs (id bigint PRIMARY KEY)",
		"CREATE TABLE open.guarded (id bigint)", "ALTER TABLE open.guarded ENABLE ROW LEVEL SECURITY", "GRANT INSERT ON open.guarded TO " + role,
		fmt.Sprintf("DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', current_database()); EXECUTE format('GRANT CONNECT ON DATABASE %%I TO %s', current_database()); END $$", role),
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	conn := pgtest.ConnectTo(t, login)
	for statement, want := range map[string]string{
		"CREATE TABLE closed.t (id bigint)":          "GRANT USAGE, CREATE ON SCHEMA",
		"SELECT FROM open.theirs":                    "GRANT SELECT, INSERT",
		"ALTER TABLE open.theirs ADD COLUMN v text":  "ALTER TABLE theirs OWNER TO",
		"CREATE INDEX ON open.theirs (id)":           "ALTER TABLE theirs OWNER TO",
		"CREATE TEMP TABLE mine (id bigint)":         "GRANT TEMPORARY ON DATABASE",
		"CREATE SCHEMA mine":                         "GRANT CREATE ON DATABASE",
		"INSERT INTO open.guarded VALUES (1)":        "a policy of the table",
		"SET ROLE " + pgtestSuperuser(t, database):   "or leave out the setting role",
		"COMMENT ON TABLE open.theirs IS 'anything'": "ALTER TABLE theirs OWNER TO",
	} {
		_, err := conn.Exec(t.Context(), statement)
		if err = dbError("s", "prepare", err); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", statement, err, want)
		}
	}
}

func pgtestSuperuser(t *testing.T, database string) string {
	t.Helper()
	return pgx.Identifier{pgtest.User(t, database)}.Sanitize()
}
