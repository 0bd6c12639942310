package typemap

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// stored is a JSON value and what becomes of it.
type stored struct {
	json string
	csv  string // the field that is written
	// server is what PostgreSQL then prints in UTC and ISO, null for NULL; "" is the text of csv.
	server string
}

// refused is a JSON value that a column does not take.
type refused struct {
	json   string
	reason string // part of the reason
	widen  string // the name of the type that would hold it
}

func compileOne(c Column, opts PlanOptions) *Walker {
	c.Field, c.Name = "v", "v"
	return Compile([]Column{c}, opts).NewWalker()
}

func field(w *Walker, json string) (string, error) {
	if err := w.Walk([]byte(`{"v":` + json + `}`)); err != nil {
		return "", err
	}
	out, err := w.AppendFields(nil)
	return string(out), err
}

// stores checks the CSV field of every value, and that the server reads all of them as expected although its session is
// in another time zone, with another order of day and month.
func stores(t *testing.T, c Column, opts PlanOptions, cases []stored) {
	t.Helper()
	w := compileOne(c, opts)
	var rows bytes.Buffer
	for i, tt := range cases {
		got, err := field(w, tt.json)
		if err != nil {
			t.Errorf("%.80s in %s: %v", tt.json, c.Type, err)
			got = ""
		}
		if got != tt.csv {
			t.Errorf("%.80s in %s is written as %.200s, want %.200s", tt.json, c.Type, got, tt.csv)
		}
		fmt.Fprintf(&rows, "%d,%s\n", i, got)
	}
	for i, got := range copied(t, pgtest.Connect(t), c.Type.Name, rows.Bytes()) {
		tt := cases[i]
		want := tt.server
		if want == "" && tt.csv != `""` {
			want = unquoteCSV(tt.csv)
		}
		if got == nil && want != "null" || got != nil && *got != want {
			t.Errorf("%.80s in %s is read by the server as %.200s, want %.200s", tt.json, c.Type, show(got), want)
		}
	}
}

func show(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

func unquoteCSV(field string) string {
	if len(field) > 1 && field[0] == '"' {
		return strings.ReplaceAll(field[1:len(field)-1], `""`, `"`)
	}
	return field
}

// copied loads rows of a number and a value into a table and returns the values as text, in the order of the numbers.
func copied(t testing.TB, conn *pgx.Conn, typ string, rows []byte) []*string {
	t.Helper()
	ctx := t.Context()
	execOn(t, conn, `set timezone = 'America/New_York'`)
	execOn(t, conn, `set datestyle = 'SQL, DMY'`)
	execOn(t, conn, `create temp table loaded (i int, v `+typ+`)`)
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(rows), `copy loaded from stdin (format csv)`); err != nil {
		t.Fatalf("copy into %s: %v", typ, err)
	}
	execOn(t, conn, `set timezone = 'UTC'`)
	execOn(t, conn, `set datestyle = 'ISO, MDY'`)
	found, err := conn.Query(ctx, `select v::text from loaded order by i`)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(found, pgx.RowTo[*string])
	if err != nil {
		t.Fatal(err)
	}
	execOn(t, conn, `drop table loaded`)
	return values
}

func execOn(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// refuses checks that no value is written, why, and what would hold it.
func refuses(t *testing.T, c Column, opts PlanOptions, cases []refused) {
	t.Helper()
	w := compileOne(c, opts)
	for _, tt := range cases {
		got, err := field(w, tt.json)
		var bad *ValueError
		if !errors.As(err, &bad) || got != "" {
			t.Errorf("%.80s in %s gives %q, %v; want a *ValueError", tt.json, c.Type, got, err)
			continue
		}
		if bad.Column != "v" || !bad.Type.Equal(c.Type) || !strings.Contains(bad.Reason, tt.reason) {
			t.Errorf("%.80s in %s: %v, want %q", tt.json, c.Type, bad, tt.reason)
		}
		widen := ""
		if bad.Widen != nil {
			widen = bad.Widen.Name
			if !bad.Widen.Equal(ParseType(widen)) || bad.Widen.Kind != ParseType(widen).Kind {
				t.Errorf("%.80s in %s: the wider type %+v is not one that the server prints", tt.json, c.Type, bad.Widen)
			}
			wider := compileOne(Column{Type: *bad.Widen}, opts)
			if _, err := field(wider, tt.json); err != nil {
				t.Errorf("%.80s does not fit the wider type either: %v", tt.json, err)
			}
		}
		if widen != tt.widen {
			t.Errorf("%.80s in %s: the wider type is %q, want %q", tt.json, c.Type, widen, tt.widen)
		}
		if secret := strings.Trim(tt.json, `"{}[]`); len(secret) > 5 && strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q shows the value", err)
		}
	}
}
