package typemap

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// sample is a column with one value in it.
type sample struct {
	column string
	value  string // an SQL literal
	json   string // the value as a record would have brought it
}

func samples() []sample {
	return []sample{
		{"boolean", "true", `true`},
		{"boolean", "false", `false`},
		{"smallint", "-32768", `-32768`},
		{"integer", "2147483647", `2147483647`},
		{"bigint", "9007199254740993", `9007199254740993`}, // no double precision has it
		{"bigint", "-9223372036854775808", `-9223372036854775808`},
		{"numeric", "12345678901234567890.123456789012345678900", `12345678901234567890.123456789012345678900`},
		{"numeric", "'NaN'", `"NaN"`},
		{"numeric(10,2)", "12345678.90", `12345678.90`},
		{"numeric(12,8)", "-0.00000001", `-0.00000001`},
		{"real", "0.1", `0.1`},
		{"real", "16777217.0", `1.6777216e+07`}, // a real has 24 bits
		{"double precision", "0.1", `0.1`},
		{"double precision", "'123456789.12345678'", `123456789.12345678`},
		{"double precision", "'0.30000000000000004'", `0.30000000000000004`},
		{"double precision", "'5e-324'", `5e-324`},
		{"text", "'héllo \"quoted\" \\ {'", `"héllo \"quoted\" \\ {"`},
		{"text", "''", `""`},
		{"character varying", "'x'", `"x"`},
		{"character varying(5)", "'ab  '", `"ab  "`},
		{"character(5)", "'ab'", `"ab"`},
		{"bytea", `'\x00ff41'`, `"00ff41"`},
		{"json", `'{"a": [1, null]}'`, `{"a": [1, null]}`},
		{"jsonb", `'{"a": [1, null]}'`, `{"a": [1, null]}`},
		{"jsonb", `'"a\nb"'`, `"a\nb"`},
		{"uuid", "'123e4567-e89b-12d3-a456-426614174000'", `"123e4567-e89b-12d3-a456-426614174000"`},
		{"date", "'2020-02-29'", `"2020-02-29"`},
		{"date", "'infinity'", `"infinity"`},
		{"date", "'0044-03-15 BC'", `"0044-03-15 BC"`},
		{"date", "'12020-01-01'", `"12020-01-01"`},
		{"time without time zone", "'13:14:15.123456'", `"13:14:15.123456"`},
		{"time(3) without time zone", "'24:00:00'", `"24:00:00"`},
		{"time with time zone", "'13:14:15.5+05:30'", `"13:14:15.5+05:30"`},
		{"time with time zone", "'13:14:15-08'", `"13:14:15-08:00"`},
		{"timestamp without time zone", "'2020-03-08 02:30:00.123456'", `"2020-03-08T02:30:00.123456"`}, // no such hour in New York
		{"timestamp(3) without time zone", "'2020-07-01 12:00:00.5'", `"2020-07-01T12:00:00.5"`},
		{"timestamp without time zone", "'-infinity'", `"-infinity"`},
		{"timestamp without time zone", "'0044-03-15 01:02:03 BC'", `"0044-03-15T01:02:03 BC"`},
		{"timestamp with time zone", "'2020-07-01 23:30:00.25-04'", `"2020-07-02T03:30:00.25+00:00"`},
		{"timestamp with time zone", "'infinity'", `"infinity"`},
		{"timestamp with time zone", "'0044-03-15 01:02:03+00 BC'", `"0044-03-15T01:02:03+00:00 BC"`},
		{"timestamp(0) with time zone", "'12020-01-01 00:00:00+00'", `"12020-01-01T00:00:00+00:00"`},
		{"text[]", `'{a,NULL,"b c"}'`, `["a",null,"b c"]`},
		{"pg_temp.mood", "'happy'", `"happy"`},
	}
}

// hostile are session settings that an expression must not depend on.
const hostile = `set TimeZone = 'America/New_York'; set DateStyle = 'SQL, DMY'; set bytea_output = 'escape'`

const plain = `set TimeZone = 'UTC'; set DateStyle = 'ISO'; set bytea_output = 'hex'`

// latticeConn returns a session of its own with an enum in it.
func latticeConn(t *testing.T) *pgx.Conn {
	t.Helper()
	conn := pgtest.Connect(t)
	mustExec(t, conn, `create type pg_temp.mood as enum ('happy', 'sad')`)
	return conn
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// create makes the table c with the column "c %" and s's value and a NULL in it.
func (s sample) create(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	mustExec(t, conn, plain)
	mustExec(t, conn, `drop table if exists lattice; create temp table lattice (n int, "c %" `+s.column+`);
		insert into lattice values (1, `+s.value+`), (2, null)`)
}

// check fails unless the column holds what it would hold had the value been loaded into a column of that type in the
// first place.
func (s sample) check(t *testing.T, conn *pgx.Conn, to Type) {
	t.Helper()
	mustExec(t, conn, plain)
	json := "'" + strings.ReplaceAll(s.json, "'", "''") + "'::json"
	loaded := "(" + json + " #>> '{}')::" + to.Name
	switch {
	case to.Kind == KindJSON || to.Kind == KindJSONB:
		loaded = json + "::" + to.Name
	case to.Kind == KindText && strings.ContainsAny(s.json[:1], "-0123456789tf"):
		// Text of a number or boolean: as the column's own type writes it.
		loaded = "(" + s.value + ")::" + s.column + "::" + to.Name
	}
	var got, want string
	var nulls int
	err := conn.QueryRow(t.Context(), `select "c %"::text, (`+loaded+`)::text,
		(select count(*) from lattice where n = 2 and "c %" is null) from lattice where n = 1`,
		pgx.QueryExecModeSimpleProtocol).Scan(&got, &want, &nulls)
	if err != nil {
		t.Errorf("%s %s as %s: %v", s.column, s.value, to, err)
		return
	}
	if got != want || nulls != 1 {
		t.Errorf("%s %s as %s is %q, want %q (nulls %d)", s.column, s.value, to, got, want, nulls)
	}
	var name string
	if err := conn.QueryRow(t.Context(), `select format_type(atttypid, atttypmod) from pg_attribute
		where attrelid = 'lattice'::regclass and attname = 'c %'`).Scan(&name); err != nil || name != to.Name {
		t.Errorf("%s became %q (%v), want %s", s.column, name, err, to)
	}
}

func filenode(t *testing.T, conn *pgx.Conn) (node uint32) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), `select pg_relation_filenode('lattice')`).Scan(&node); err != nil {
		t.Fatal(err)
	}
	return node
}

func TestEveryConversionKeepsTheValues(t *testing.T) {
	t.Parallel()
	conn := latticeConn(t)
	for _, s := range samples() {
		for _, to := range universe() {
			w, ok := Convert(ParseType(s.column), to)
			if !ok || !w.Change() || to.Kind == KindOther || !serverHas(to) {
				continue
			}
			s.create(t, conn)
			before := filenode(t, conn)
			mustExec(t, conn, hostile)
			using := ""
			if w.Using != "" {
				using = " using " + fmt.Sprintf(w.Using, Quote("c %"))
			}
			mustExec(t, conn, `alter table lattice alter column "c %" type `+to.Name+using)
			if rewritten := filenode(t, conn) != before; rewritten != w.Rewrites {
				t.Errorf("%s to %s: rewritten %t, said %t", s.column, to, rewritten, w.Rewrites)
			}
			s.check(t, conn, to)
		}
	}
}

// serverHas reports whether every server has the type: before PostgreSQL 15 a scale could neither be negative nor pass
// the precision.
func serverHas(t Type) bool {
	precision, scale, limited := t.NumericLimits()
	return !limited || scale >= 0 && scale <= precision
}

func TestTimestampsChangeForFreeInUTC(t *testing.T) {
	t.Parallel()
	conn := latticeConn(t)
	checked := 0
	for _, s := range samples() {
		w, ok := Widen(ParseType(s.column), TimestampTZ)
		if !ok || !w.FreeInUTC {
			continue
		}
		s.create(t, conn)
		before := filenode(t, conn)
		mustExec(t, conn, `alter table lattice alter column "c %" type timestamptz`)
		if filenode(t, conn) != before {
			t.Errorf("%s was rewritten", s.column)
		}
		s.check(t, conn, TimestampTZ)
		checked++
	}
	if checked == 0 {
		t.Error("no sample is a timestamp")
	}
}
