package remedy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgtest"
	"target-postgres/target/config"
	"target-postgres/target/failure"
)

func TestWhatIsForbiddenNamesWhatAllowsIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ message, want string }{
		{"permission denied for schema raw", `run: GRANT USAGE, CREATE ON SCHEMA "raw" TO "lo""ader"`},
		{"permission denied for schema My Schema", `run: GRANT USAGE, CREATE ON SCHEMA "My Schema" TO "lo""ader"`},
		{"permission denied for table t", `run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "raw"."t" TO "lo""ader"`},
		{"permission denied for relation other", `run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "other" TO "lo""ader"`},
		{"must be owner of table t", `run: ALTER TABLE "raw"."t" OWNER TO "lo""ader"`},
		{`permission denied to create temporary tables in database "w"`, `run: GRANT TEMPORARY ON DATABASE "w" TO "lo""ader"`},
		{"permission denied for database w", `run: GRANT CREATE ON DATABASE "w" TO "lo""ader", or create the schema yourself and set skip_schema_creation`},
		{`permission denied to set role "owner"`, `run: GRANT "owner" TO "lo""ader", or leave out the setting role`},
		{`new row violates row-level security policy for table "t"`, `a policy of "raw"."t" keeps the role "lo""ader" from writing`},
		{`new row violates row-level security policy "p" for table "t"`, `a policy of "raw"."t" keeps the role "lo""ader" from writing`},
		{"permission denied for sequence t_id_seq", `run: GRANT USAGE, SELECT ON SEQUENCE "t_id_seq" TO "lo""ader"`},
		{"keine Berechtigung für Tabelle t", `the role "lo""ader" needs USAGE and CREATE on the schema "raw"`},
	}
	for _, test := range tests {
		e := &failure.Error{Denied: failure.DenialOf(&pgconn.PgError{Code: "42501", Message: test.message})}
		_ = failure.Concerning("raw", "t", e)
		if got := e.Denied.Unasked(`lo"ader`); !strings.HasPrefix(got, test.want) {
			t.Errorf("%q is answered with %q, want %q", test.message, got, test.want)
		}
	}
	if failure.DenialOf(&pgconn.PgError{Code: "42P01", Message: "permission denied for table t"}) != nil {
		t.Error("another error is taken for a missing privilege")
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
		"CREATE TABLE open.theirs (id bigint PRIMARY KEY)", "CREATE TABLE closed.theirs (id bigint)",
		"CREATE VIEW open.seen AS SELECT 1 AS id", "CREATE SEQUENCE open.numbers",
		"CREATE FUNCTION open.secret(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "REVOKE ALL ON FUNCTION open.secret FROM PUBLIC",
		"CREATE TABLE open.guarded (id bigint)", "ALTER TABLE open.guarded ENABLE ROW LEVEL SECURITY", "GRANT INSERT ON open.guarded TO " + role,
		fmt.Sprintf("DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', current_database()); EXECUTE format('GRANT CONNECT ON DATABASE %%I TO %s', current_database()); END $$", role),
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	conn := pgtest.ConnectTo(t, login)
	cfg := &config.Config{}
	database = pgx.Identifier{conn.Config().Database}.Sanitize()
	admins := pgtestSuperuser(t, pgtest.URL(t))
	for statement, want := range map[string]string{
		"CREATE TABLE closed.t (id bigint)":         `GRANT USAGE, CREATE ON SCHEMA "closed" TO %s`,
		"SELECT FROM open.theirs":                   `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "open"."theirs" TO %s`,
		"SELECT id FROM open.seen":                  `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "open"."seen" TO %s`,
		"ALTER TABLE open.theirs ADD COLUMN v text": `ALTER TABLE "open"."theirs" OWNER TO %s; or make the role a member of the owner: GRANT ` + admins + ` TO %s`,
		"CREATE INDEX ON open.theirs (id)":          `ALTER TABLE "open"."theirs" OWNER TO %s`,
		"DROP INDEX open.theirs_pkey":               `ALTER TABLE "open"."theirs" OWNER TO %s`,
		"SELECT pg_catalog.nextval('open.numbers')": `GRANT USAGE, SELECT ON SEQUENCE "open"."numbers" TO %s`,
		// As the default of a column, where a COPY brings the row.
		"DO $$BEGIN PERFORM pg_catalog.nextval('open.numbers'); END$$": `permission denied for sequence numbers: SQLSTATE 42501 (run: GRANT USAGE, SELECT ON SEQUENCE "open"."numbers" TO %s`,

		"SELECT open.secret(1)":                      `GRANT EXECUTE ON ROUTINE open.secret(integer) TO %s`,
		"CREATE TEMP TABLE mine (id bigint)":         "GRANT TEMPORARY ON DATABASE " + database + " TO %s",
		"CREATE SCHEMA mine":                         "GRANT CREATE ON DATABASE " + database + " TO %s",
		"INSERT INTO open.guarded VALUES (1)":        `a policy of "open"."guarded" keeps the role %s from writing`,
		"SET ROLE " + admins:                         "GRANT " + admins + " TO %s, or leave out the setting role",
		"COMMENT ON TABLE open.theirs IS 'anything'": `ALTER TABLE "open"."theirs" OWNER TO %s`,
	} {
		want = strings.ReplaceAll(want, "%s", role)
		_, err := conn.Exec(t.Context(), statement)
		err = failure.Concerning("open", "theirs", failure.FromServer("s", "prepare", err))
		if err = Tell(t.Context(), conn, cfg, err); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", statement, err, want)
		}
	}
}

// TestAMissingPrivilegeIsFoundWithoutWords has the server say in another language what is missing.
func TestAMissingPrivilegeIsFoundWithoutWords(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	login := pgtest.Role(t, database)
	role := pgx.Identifier{pgtest.User(t, login)}.Sanitize()
	for _, statement := range []string{
		"CREATE SCHEMA closed", "CREATE SCHEMA open", "GRANT USAGE ON SCHEMA open TO " + role,
		"CREATE TABLE open.theirs (id bigint)", "CREATE TABLE open.lent (id bigint)", "GRANT ALL ON open.lent TO " + role,
	} {
		if _, err := pgtest.ConnectTo(t, database).Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	conn := pgtest.ConnectTo(t, login)
	for _, test := range []struct{ schema, table, want string }{
		{"closed", "t", `GRANT USAGE, CREATE ON SCHEMA "closed" TO ` + role},
		{"open", "new", `GRANT USAGE, CREATE ON SCHEMA "open" TO ` + role},
		{"open", "theirs", `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "open"."theirs" TO ` + role},
		{"open", "lent", `ALTER TABLE "open"."lent" OWNER TO ` + role},
		{"gone", "t", "the role " + role + ` needs USAGE and CREATE on the schema "gone"`},
	} {
		err := failure.FromServer("s", "", &pgconn.PgError{Code: "42501", Message: "keine Berechtigung", Routine: "aclcheck_error"})
		err = Tell(t.Context(), conn, &config.Config{}, failure.Concerning(test.schema, test.table, err))
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s.%s: %v, want %q in it", test.schema, test.table, err, test.want)
		}
	}
}

// TestAFunctionOfTheTableNamesWhatItLacks has triggers of the loader's own table meet what the role may not do. A table
// of the same name that the role owns is not the one that was meant.
func TestAFunctionOfTheTableNamesWhatItLacks(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t)
	login := pgtest.Role(t, database)
	role := pgx.Identifier{pgtest.User(t, login)}.Sanitize()
	admin := pgtest.ConnectTo(t, database)
	for _, statement := range []string{
		"CREATE SCHEMA audit", "GRANT USAGE ON SCHEMA audit TO " + role, "CREATE TABLE audit.mine (n bigint)", "CREATE SCHEMA closed", "CREATE TABLE closed.t (n bigint)",
		"CREATE SCHEMA open AUTHORIZATION " + role, "CREATE FUNCTION open.secret() RETURNS int LANGUAGE sql AS 'SELECT 1'", "REVOKE ALL ON FUNCTION open.secret FROM PUBLIC",
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	conn := pgtest.ConnectTo(t, login)
	for i, test := range []struct{ does, want string }{
		{"INSERT INTO audit.mine VALUES (new.n)", `run: GRANT INSERT ON "audit"."mine" TO %s; or let it run as its owner: ALTER FUNCTION open.f() SECURITY DEFINER`},
		{"UPDATE audit.mine SET n = 1", `run: GRANT SELECT, UPDATE ON "audit"."mine" TO %s; or`},
		{"EXECUTE 'WITH a AS (SELECT) INSERT INTO audit.mine VALUES (4711)'", `run: GRANT SELECT, INSERT, UPDATE, DELETE ON "audit"."mine" TO %s; or`},
		{"INSERT INTO closed.t VALUES (new.n)", `run: GRANT USAGE ON SCHEMA "closed" TO %s; or`},
		{"PERFORM open.secret()", `run: GRANT EXECUTE ON ROUTINE open.secret() TO %s; or`},
	} {
		for _, statement := range []string{
			"CREATE OR REPLACE FUNCTION open.f() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN " + test.does + "; RETURN new; END$f$",
			"DROP TABLE IF EXISTS open.mine", "CREATE TABLE open.mine (n bigint)", "CREATE TRIGGER f BEFORE INSERT ON open.mine FOR EACH ROW EXECUTE FUNCTION open.f()",
		} {
			if _, err := conn.Exec(t.Context(), statement); err != nil {
				t.Fatalf("%d: %s: %v", i, statement, err)
			}
		}
		_, err := conn.CopyFrom(t.Context(), pgx.Identifier{"open", "mine"}, []string{"n"}, pgx.CopyFromRows([][]any{{int64(4711)}}))
		err = failure.Concerning("open", "mine", failure.FromServer("s", "copy rows", err))
		err = Tell(t.Context(), conn, &config.Config{}, err)
		want := "(the table calls the function open.f(), which lacks a privilege: " + strings.ReplaceAll(test.want, "%s", role)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: %v, want %q in it", test.does, err, want)
		}
	}
	// In another language, and from a function that no one knows.
	err := failure.FromServer("s", "", &pgconn.PgError{
		Code: "42501", Message: "keine Berechtigung", Routine: "aclcheck_error", Where: "PL/pgSQL function open.gone() line 1 at SQL statement",
	})
	err = Tell(t.Context(), conn, &config.Config{}, failure.Concerning("open", "mine", err))
	if want := "(a function that the table calls, such as a trigger's, lacks a privilege: grant the role " + role + " what it needs)"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q in it", err, want)
	}
}

func pgtestSuperuser(t *testing.T, database string) string {
	t.Helper()
	return pgx.Identifier{pgtest.User(t, database)}.Sanitize()
}
