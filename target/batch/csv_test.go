package batch

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/internal/pgtest"
)

// csvLine writes fields as the plan does: NULL is nothing, a text is quoted.
func csvLine(fields []*string) string {
	written := make([]string, len(fields))
	for i, field := range fields {
		if field != nil {
			written[i] = `"` + strings.ReplaceAll(*field, `"`, `""`) + `"`
		}
	}
	return strings.Join(written, ",")
}

func TestCSVFieldsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	tests := []struct {
		line string
		want []*string
	}{
		{``, []*string{nil}},
		{`,`, []*string{nil, nil}},
		{`""`, []*string{text("")}},
		{`"",`, []*string{text(""), nil}},
		{`,""`, []*string{nil, text("")}},
		{`1,2.50,-3e5`, []*string{text("1"), text("2.50"), text("-3e5")}},
		{`"a,b",c`, []*string{text("a,b"), text("c")}},
		{`"a""b"`, []*string{text(`a"b`)}},
		{`""""`, []*string{text(`"`)}},
		{`"""",""""""`, []*string{text(`"`), text(`""`)}},
		{"\"a\nb\r\",x", []*string{text("a\nb\r"), text("x")}},
		{`"{""k"": ""v""}",t`, []*string{text(`{"k": "v"}`), text("t")}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, CsvFields([]byte(test.line))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.line, diff)
		}
	}
}

// TestCSVFieldsAreReadAsTheServerReadsThem has COPY as its reference.
func TestCSVFieldsAreReadAsTheServerReadsThem(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t)
	if _, err := conn.Exec(t.Context(), "CREATE TEMP TABLE copied (a text, b text, c text, n serial)"); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	var rows []string
	for range 500 {
		rows = append(rows, randomRow(random))
	}
	if _, err := conn.PgConn().CopyFrom(t.Context(), batchOf(rows...).Reader(nil, nil), "COPY copied (a, b, c) FROM STDIN WITH (FORMAT csv)"); err != nil {
		t.Fatal(err)
	}
	found, err := conn.Query(t.Context(), "SELECT a, b, c FROM copied ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for _, row := range rows {
		var want [3]*string
		if !found.Next() {
			t.Fatalf("the server has fewer rows: %v", found.Err())
		}
		if err := found.Scan(&want[0], &want[1], &want[2]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:], CsvFields([]byte(row))); diff != "" {
			t.Fatalf("%q (-server +got):\n%s", row, diff)
		}
	}
}

func FuzzCSVFieldsComeBack(f *testing.F) {
	f.Add("a", "b", true)
	f.Add(`"`, "\n,\"\r", false)
	f.Add("", `""`, false)
	f.Fuzz(func(t *testing.T, a, b string, null bool) {
		fields := []*string{&a, nil, &b}
		if null {
			fields[0] = nil
		}
		if diff := cmp.Diff(fields, CsvFields([]byte(csvLine(fields)))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
