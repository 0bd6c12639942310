package pgtest

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgserver"
)

// text returns the single text that a statement yields.
func text(t *testing.T, connString, statement string, args ...any) string {
	t.Helper()
	var got string
	if err := ConnectTo(t, connString).QueryRow(t.Context(), statement, args...).Scan(&got); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return got
}

// within runs a test of its own, whose fixtures are removed when it returns.
func within(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, test) {
		t.FailNow()
	}
}

func exists(t *testing.T, catalog, column, name string) bool {
	t.Helper()
	return text(t, URL(t), "select exists (select from "+catalog+" where "+column+" = $1)::text", name) == "true"
}

func TestTheServerIsTheVersionAskedFor(t *testing.T) {
	t.Parallel()
	version := text(t, URL(t), "show server_version")
	if want := os.Getenv("TEST_POSTGRES_VERSION"); !strings.HasPrefix(version, want) {
		t.Errorf("it is %s, want %s", version, want)
	}
	schema := Schema(t) // made over another connection
	if got := text(t, URL(t), "select coalesce(to_regnamespace($1)::text, '')", schema); got != schema {
		t.Error("every call has a server of its own")
	}
}

func TestConnectionsAreClosedWhenTheTestEnds(t *testing.T) {
	t.Parallel()
	var conn *pgx.Conn
	within(t, "connect", func(t *testing.T) {
		conn = Connect(t)
		if err := conn.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if !conn.IsClosed() {
		t.Error("it is open")
	}
}

func TestASchemaAndWhatIsInItEndWithTheTest(t *testing.T) {
	t.Parallel()
	var name string
	within(t, "A name with spaces, Ümlauts, and of more than the 63 bytes that PostgreSQL allows", func(t *testing.T) {
		name = Schema(t)
		if other := Schema(t); other == name {
			t.Error("two schemas have one name")
		}
		if quoted := (pgx.Identifier{name}).Sanitize(); quoted != `"`+name+`"` || len(name) > 63 {
			t.Errorf("%s is no plain name", name)
		}
		if _, err := Connect(t).Exec(t.Context(), "create table "+name+".t (id int); create view "+name+".v as select id from "+name+".t"); err != nil {
			t.Fatal(err)
		}
	})
	if exists(t, "pg_namespace", "nspname", name) {
		t.Errorf("%s is still there", name)
	}
}

func TestADatabaseEndsWithTheTestWhoeverIsConnected(t *testing.T) {
	t.Parallel()
	var name string
	var conn *pgx.Conn
	within(t, "database", func(t *testing.T) {
		connString := Database(t, "template template0 encoding 'SQL_ASCII' locale 'C'")
		if encoding := text(t, connString, "show server_encoding"); encoding != "SQL_ASCII" {
			t.Errorf("encoding is %s", encoding)
		}
		name = text(t, connString, "select current_database()")
		if schema := SchemaIn(t, connString); text(t, connString, "select to_regnamespace($1)::text", schema) != schema {
			t.Error("SchemaIn made its schema elsewhere")
		}
		var err error
		if conn, err = pgx.Connect(t.Context(), connString); err != nil {
			t.Fatal(err)
		}
	})
	if exists(t, "pg_database", "datname", name) {
		t.Errorf("%s is still there", name)
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("its connection is still there")
	}
}

func TestARoleMayOnlyWhatItIsGrantedAndEndsWithTheTest(t *testing.T) {
	t.Parallel()
	var name string
	within(t, "role", func(t *testing.T) {
		connString := Database(t)
		schema := SchemaIn(t, connString)
		role := Role(t, connString, "connection limit 3")
		name = User(t, role)
		if got := text(t, role, "select current_user::text"); got != name {
			t.Errorf("logged in as %s", got)
		}
		var refused *pgconn.PgError
		create := "create table " + schema + ".t (id int)"
		if _, err := ConnectTo(t, role).Exec(t.Context(), create); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("without CREATE on the schema: %v", err)
		}
		if _, err := ConnectTo(t, connString).Exec(t.Context(), "grant all on schema "+schema+" to "+name); err != nil {
			t.Fatal(err)
		}
		if _, err := ConnectTo(t, role).Exec(t.Context(), create); err != nil {
			t.Errorf("with it: %v", err)
		}
	})
	if exists(t, "pg_roles", "rolname", name) {
		t.Errorf("%s is still there", name)
	}
}

func TestAServerOfItsOwnMayCrash(t *testing.T) {
	t.Parallel()
	var s *pgserver.Server
	within(t, "server", func(t *testing.T) {
		s = Server(t, map[string]string{"work_mem": "5MB"})
		if s.URL == URL(t) {
			t.Fatal("it is the shared one")
		}
		if err := s.Restart(t.Context(), "immediate"); err != nil {
			t.Fatal(err)
		}
		if got := text(t, s.URL, "show work_mem"); got != "5MB" {
			t.Errorf("work_mem is %s", got)
		}
	})
	if conn, err := pgx.Connect(t.Context(), s.URL); err == nil {
		_ = conn.Close(t.Context())
		t.Error("it still runs")
	}
}

func TestDirIsOpenToTheServer(t *testing.T) {
	t.Parallel()
	var dir string
	within(t, "dir", func(t *testing.T) {
		dir = Dir(t)
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%v, %v", info, err)
		}
		s, err := pgserver.Start(t.Context(), pgserver.Options{Durable: true, DataDir: filepath.Join(dir, "server")})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestWithAnotherServer is run by TestTheServerCanBeGiven in a process of its own.
func TestWithAnotherServer(t *testing.T) {
	if want := os.Getenv("PGTEST_WANT_SERVER"); want != "" && URL(t) != want {
		t.Error("URL is not the server that was given")
	}
}

func TestTheServerCanBeGiven(t *testing.T) {
	t.Parallel()
	for dsn, problem := range map[string]string{
		"postgres://somebody:secret@db.example/tests": "",
		"host=localhost password=secret":              "TEST_POSTGRES_DSN must be a URL",
		"mysql://somebody:secret@localhost/tests":     "TEST_POSTGRES_DSN must be a URL",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWithAnotherServer$")
		cmd.Env = append(os.Environ(), "TEST_POSTGRES_DSN="+dsn, "PGTEST_WANT_SERVER="+dsn)
		output, err := cmd.CombinedOutput()
		if (err != nil) != (problem != "") || !strings.Contains(string(output), problem) {
			t.Errorf("%s: %v\n%s", dsn, err, output)
		}
		if strings.Contains(string(output), "secret") {
			t.Errorf("%s: the password is printed", dsn)
		}
	}
}

func TestUserOfAURL(t *testing.T) {
	t.Parallel()
	u := url.URL{Scheme: "postgres", User: url.UserPassword("a b@c", "x"), Host: "localhost"}
	if got := User(t, u.String()); got != "a b@c" {
		t.Errorf("%q", got)
	}
}
