package typemap

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/jsonscan"
	"target-postgres/internal/pgtest"
)

// fuzzTypes are the columns which FuzzCSV offers every value to.
var fuzzTypes = []Type{
	Text, ParseType("character varying(3)"), JSONB, JSON, Bool, SmallInt, Integer, BigInt, Numeric, NumericOf(9, 3),
	Double, Real, Date, Time, TimeTZ, Timestamp, TimestampTZ, UUID, Bytea,
	ParseType("text[]"), ParseType("numeric[]"), ParseType("jsonb[]"), ParseType("timestamp with time zone[]"),
}

// FuzzCSV copies a value into a column of every type that takes it: the server must read what was written, and read it
// as the value that it was.
func FuzzCSV(f *testing.F) {
	for _, json := range []string{
		`"plain"`, `"\"\n\\.\r\u0000\ud800,"`, `{"a":["\u0000",1e5,{"b":null}]}`, `["a","b\"\\{}",null,""]`, `-0`, `1e400`, `-12.50e-3`,
		`9223372036854775808`, `"NaN"`, `true`, `"2020-02-30"`, `"2020-01-02T12:00:00.1234567+05:30"`, `"10:11:12"`, `"a0eebc999c0b4ef8bb6d6bb9bd380a11"`,
		`"\\xdead"`, `[[1,2],[3]]`, `["2020-01-02T12:00:00Z"]`, `"0044-03-15 BC"`, `"infinity"`, `"\\N"`, `"\\."`,
	} {
		f.Add([]byte(json))
	}
	conn := pgtest.Connect(f)
	var columns []string
	for i, typ := range fuzzTypes {
		columns = append(columns, string(rune('a'+i))+" "+typ.Name)
	}
	for _, sql := range []string{
		`set datestyle = 'SQL, DMY'`, `set timezone = 'Asia/Kolkata'`, `set intervalstyle = 'sql_standard'`,
		`create temp table fuzzed (` + strings.Join(columns, ", ") + `)`,
	} {
		execOn(f, conn, sql)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if !utf8.Valid(value) || !json.Valid(value) || len(value) > 1<<16 {
			return
		}
		raw := string(bytes.TrimSpace(value))
		var fields []string
		for _, typ := range fuzzTypes {
			csv, err := field(compileOne(Column{Type: typ}, PlanOptions{}), raw)
			var bad *ValueError
			if err != nil && !errors.As(err, &bad) {
				t.Fatal(err)
			}
			fields = append(fields, csv)
		}
		for i, got := range copyFuzzed(t, conn, strings.Join(fields, ",")) {
			if (got == nil) != (fields[i] == "") {
				t.Fatalf("%s in %s is written as %s, read as %s", raw, fuzzTypes[i], fields[i], show(got))
			}
			if got != nil {
				checkRead(t, fuzzTypes[i], raw, *got)
			}
		}
	})
}

// copyFuzzed copies one row and returns what each column says in text.
func copyFuzzed(t *testing.T, conn *pgx.Conn, row string) []*string {
	t.Helper()
	execOn(t, conn, `truncate fuzzed`)
	_, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(row+"\n"), `copy fuzzed from stdin (format csv)`)
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) && refusal.Code == "54001" {
		return nil // deeper than the server's stack
	}
	if conn.PgConn().ParameterStatus("server_version") < "14" && strings.Contains(strings.ToLower(row), "infinity") {
		return nil // whose numeric has no infinity
	}
	if err != nil {
		t.Fatalf("the server does not take %s: %v", row, err)
	}
	out := make([]*string, len(fuzzTypes))
	into := make([]any, len(out))
	for i := range out {
		into[i] = &out[i]
	}
	var texts []string
	for i := range fuzzTypes {
		texts = append(texts, string(rune('a'+i))+"::text")
	}
	if err := conn.QueryRow(t.Context(), `select `+strings.Join(texts, ", ")+` from fuzzed`).Scan(into...); err != nil {
		t.Fatal(err)
	}
	return out
}

// checkRead compares what the server holds with the value.
func checkRead(t *testing.T, typ Type, raw, got string) {
	t.Helper()
	switch typ.Kind {
	case KindText:
		if want := textOf(raw); got != want {
			t.Fatalf("%s in %s is read as %q, want %q", raw, typ, got, want)
		}
	case KindJSON:
		if want := storableJSON(raw); got != want {
			t.Fatalf("%s in %s is read as %s, want %s", raw, typ, got, want)
		}
	case KindJSONB:
		if diff := cmp.Diff(exactJSON(t, storableJSON(raw)), exactJSON(t, got)); diff != "" {
			t.Fatalf("%s in %s is read as %s:\n%s", raw, typ, got, diff)
		}
	case KindInt2, KindInt4, KindInt8, KindNumeric:
		text := numberText(raw)
		_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
		if len(text) > 1000 || len(exponent) > 4 {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		value, isNumber := new(big.Rat).SetString(got)
		if ok != isNumber || ok && want.Cmp(value) != 0 {
			t.Fatalf("%s in %s is read as %s", raw, typ, got)
		}
	}
}

// exactJSON decodes JSON with its numbers in lowest terms.
func exactJSON(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return exactNumbers(v)
}

func exactNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := parseNumber([]byte(v))
		if n.zero() {
			return json.Number("0")
		}
		if n.fits() {
			return json.Number(n.appendPlain(nil))
		}
	case []any:
		for i := range v {
			v[i] = exactNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exactNumbers(v[key])
		}
	}
	return v
}

// A JSON value deeper than anybody nests one still reaches a jsonb column.
func TestAThousandLevelsReachTheServer(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 1000) + `"\u0000"` + strings.Repeat(`]`, 1000)
	w := compileOne(Column{Type: JSONB}, PlanOptions{})
	csv, err := field(w, deep)
	if err != nil {
		t.Fatal(err)
	}
	got := copied(t, pgtest.Connect(t), "jsonb", []byte("1,"+csv+"\n"))
	want := strings.Repeat(`[`, 1000) + "\"\ufffd\"" + strings.Repeat(`]`, 1000)
	if len(got) != 1 || *got[0] != want {
		t.Errorf("%d rows, %.20s…", len(got), show(got[0]))
	}
	if end, _, err := jsonscan.Value([]byte(deep), 0); end != len(deep) || err != nil {
		t.Errorf("scanned to %d, %v", end, err)
	}
}
