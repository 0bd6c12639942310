package target_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
	"target-postgres/target/failure"
)

// database is a test's look at its own schema: names in its statements need no schema, and times are UTC.
type database struct {
	t      *testing.T
	conn   *pgx.Conn
	schema string
}

// look makes a schema for a test and a connection that looks into it.
func look(t *testing.T) *database {
	t.Helper()
	return lookInto(t, pgtest.Schema(t), pgtest.URL(t))
}

// lookInto is look for an existing schema, as the role in the URL.
func lookInto(t *testing.T, schema, url string) *database {
	t.Helper()
	d := &database{t: t, conn: pgtest.ConnectTo(t, url), schema: schema}
	d.run("SET search_path TO " + pgx.Identifier{schema}.Sanitize() + "; SET TimeZone TO 'UTC'")
	return d
}

// run executes statements.
func (d *database) run(statements string) {
	d.t.Helper()
	if _, err := d.conn.PgConn().Exec(d.t.Context(), statements).ReadAll(); err != nil {
		d.t.Fatalf("%s: %v", statements, err)
	}
}

// rows are the rows of a query as text, values separated by " | "; NULL is "∅".
func (d *database) rows(query string) []string {
	d.t.Helper()
	results, err := d.conn.PgConn().Exec(d.t.Context(), query).ReadAll()
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	var rows []string
	for _, row := range results[0].Rows {
		values := make([]string, len(row))
		for i, value := range row {
			values[i] = "∅"
			if value != nil {
				values[i] = string(value)
			}
		}
		rows = append(rows, strings.Join(values, " | "))
	}
	return rows
}

// one is the one value of a query.
func (d *database) one(query string) string {
	d.t.Helper()
	rows := d.rows(query)
	if len(rows) != 1 {
		d.t.Fatalf("%s: %d rows, want one", query, len(rows))
	}
	return rows[0]
}

// await asks until the one value of a query is what is wanted, while a run goes on whose end ended tells.
func (d *database) await(ended <-chan error, query, want, otherwise string) {
	d.t.Helper()
	for d.one(query) != want {
		select {
		case err := <-ended:
			d.t.Fatalf("the run ended first: %v", err)
		case <-d.t.Context().Done():
			d.t.Fatal(otherwise)
		case <-time.After(5 * time.Millisecond): // ask again
		}
	}
}

// want compares a query's rows.
func (d *database) want(query string, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.rows(query)); diff != "" {
		d.t.Errorf("%s (-want +got):\n%s", query, diff)
	}
}

// typeOf is the type of a column.
func (d *database) typeOf(table, column string) string {
	d.t.Helper()
	return d.one("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '" + table + "'::regclass AND attname = '" + column + "'")
}

// load loads messages into the schema.
func (d *database) load(more settings, messages ...string) error {
	d.t.Helper()
	_, err := load(d.t, newConfig(d.t, d.schema, more), messages...)
	return err
}

// mustLoad is load of what has to succeed.
func (d *database) mustLoad(more settings, messages ...string) {
	d.t.Helper()
	if err := d.load(more, messages...); err != nil {
		d.t.Fatal(err)
	}
}

// refused fails unless err is an error of the kind given whose text has every part.
func refused(t *testing.T, err error, blame failure.Blame, parts ...string) {
	t.Helper()
	if err == nil {
		t.Error("the run succeeded")
		return
	}
	if got := failure.BlameOf(err); got != blame {
		t.Errorf("the error is of blame %d, want %d: %v", got, blame, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %q, want %q in it", err, part)
		}
	}
}
