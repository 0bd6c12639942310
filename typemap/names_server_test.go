package typemap

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

func TestTheServerKeepsIdentifiersAsTheyAre(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t)
	names := []string{
		"id", "ID", "select", "with space", `quote"s`, "back\\slash", "semi;colon--", "%s", "$1", "日本語", "😀", " ", "",
		"a\x00b", "a\uFFFDb", "\xff", "tab\tnewline\n", "ctid", "xmax",
		strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x", 65), strings.Repeat("é", 40),
		"a" + strings.Repeat("日", 30), Identifier(strings.Repeat("x", 64)),
	}
	want := Identifiers(names, SystemColumns(), nil)
	var columns []string
	for _, name := range want {
		columns = append(columns, Quote(name)+" int")
	}
	mustExec(t, conn, `create temp table names (`+strings.Join(columns, ", ")+`)`)
	rows, err := conn.Query(t.Context(), `select attname::text from pg_attribute
		where attrelid = 'names'::regclass and attnum > 0 order by attnum`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the server's names (-want +got):\n%s", diff)
	}
}

func TestSystemColumnsAreTheServers(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t)
	rows, err := conn.Query(t.Context(), `select attname::text from pg_attribute where attrelid = 'pg_class'::regclass and attnum < 0`)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	got := SystemColumns()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("system columns (-server +ours):\n%s", diff)
	}
}

// TestParseTypeAgreesWithTheServer asks the server for the names and the base types of columns.
func TestParseTypeAgreesWithTheServer(t *testing.T) {
	t.Parallel()
	conn := latticeConn(t)
	kinds := map[string]Kind{
		"bool": KindBool, "int2": KindInt2, "int4": KindInt4, "int8": KindInt8, "numeric": KindNumeric,
		"float4": KindFloat4, "float8": KindFloat8, "text": KindText, "varchar": KindText, "bpchar": KindText,
		"bytea": KindBytea, "json": KindJSON, "jsonb": KindJSONB, "uuid": KindUUID, "date": KindDate, "time": KindTime,
		"timetz": KindTimeTZ, "timestamp": KindTimestamp, "timestamptz": KindTimestampTZ,
	}
	ddl := []string{
		"bool", "int2", "int", "int8", "decimal", "decimal(7)", "numeric(10,2)", "float4", "float(53)", "text", "varchar",
		"varchar(20)", "char(3)", "char", `"char"`, "bytea", "json", "jsonb", "uuid", "date", "time", "time(3)", "timetz",
		"timetz(0)", "timestamp", "timestamp(3)", "timestamptz", "timestamptz(0)", "interval", "interval day to second(3)",
		"inet", "bit(3)", "varbit", "name", "oid", "xml", "point", "int4range", "text[]", "varchar(20)[]", "numeric(10,2)[]",
		"timestamptz(3)[]", "pg_temp.mood", "pg_temp.mood[]", `pg_temp."text"`, "tsvector", "money",
	}
	mustExec(t, conn, `create domain pg_temp."text" as text`)
	for _, column := range ddl {
		mustExec(t, conn, `drop table if exists types; create temp table types (c `+column+`)`)
		var formatted, name string
		var array bool
		if err := conn.QueryRow(t.Context(), `select format_type(a.atttypid, a.atttypmod), t.typname::text, t.typelem <> 0 and t.typlen = -1
			from pg_attribute a join pg_type t on t.oid = a.atttypid
			where a.attrelid = 'types'::regclass and a.attname = 'c'`).Scan(&formatted, &name, &array); err != nil {
			t.Fatal(err)
		}
		want := kinds[name] // KindOther for all the rest
		if strings.HasPrefix(formatted, "pg_temp") {
			want = KindOther
		}
		if array {
			want = KindArray
		}
		if got := ParseType(formatted); got.Kind != want || got.Name != formatted {
			t.Errorf("%s, printed %s: %+v, want kind %v", column, formatted, got, want)
		}
	}
}
