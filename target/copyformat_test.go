package target_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"target-postgres/protocol"
)

const (
	sentAsCSV  = "rows are sent as CSV from now on"
	textOnly   = "rows are sent as CSV: only the server reads values of a column's type"
	numbersFor = `{"id":{"type":"integer"},"n":{"type":"number"}}`
)

// TestANumberThatBinaryDoesNotWriteGoesAsCSV has more digits than are written in binary.
func TestANumberThatBinaryDoesNotWriteGoesAsCSV(t *testing.T) {
	t.Parallel()
	for _, key := range [][]string{nil, {"id"}} {
		d := look(t)
		long := strings.Repeat("7", 5000)
		var out strings.Builder
		told := 0
		messages := []string{schemaOf("t", numbersFor, key...), record("t", `{"id":1,"n":1.50}`), record("t", `{"id":2,"n":`+long+`}`), record("t", `{"id":3,"n":-3}`), stateOf("1")}
		err := hear(t, newConfig(t, d.schema, settings{"copy_format": "binary", "batch_max_rows": 2}), protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0), &out,
			func(said string) { told += strings.Count(said, sentAsCSV) })
		if err != nil || told != 1 || strings.TrimSpace(out.String()) != "1" {
			t.Errorf("%v, told %d times, STATE %q", err, told, out.String())
		}
		d.want("SELECT * FROM t ORDER BY id", "1 | 1.50", "2 | "+long, "3 | -3")
	}
}

// TestAColumnThatIsAlteredMeanwhileIsNotFilledWithOtherValues alters the type of a column after the first COPY in
// binary. As numeric the eight bytes of a bigint are a number, too.
func TestAColumnThatIsAlteredMeanwhileIsNotFilledWithOtherValues(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run("CREATE TABLE t (id bigint, n bigint)")
	var out strings.Builder
	told := 0
	in := io.MultiReader(strings.NewReader(schemaOf("t", `{"id":{"type":"integer"},"n":{"type":"integer"}}`)+"\n"+record("t", `{"id":1,"n":1}`)+"\n"),
		meanwhile(func() {
			again := time.NewTicker(5 * time.Millisecond)
			defer again.Stop()
			for rows := 0; rows == 0; <-again.C {
				if err := d.conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&rows); err != nil {
					t.Error(err) // the run has its own goroutine for this
					return
				}
			}
			if _, err := d.conn.Exec(t.Context(), "ALTER TABLE t ALTER n TYPE numeric"); err != nil {
				t.Error(err)
			}
		}), strings.NewReader(record("t", `{"id":2,"n":2}`)+"\n"+stateOf("1")))
	err := hear(t, newConfig(t, d.schema, settings{"copy_format": "binary", "batch_max_rows": 1}), protocol.NewSinger(in, 0), &out,
		func(said string) { told += strings.Count(said, sentAsCSV) })
	if err != nil || told != 1 || strings.TrimSpace(out.String()) != "1" {
		t.Errorf("%v, told %d times, STATE %q", err, told, out.String())
	}
	d.want("SELECT * FROM t ORDER BY id", "1 | 1", "2 | 2")
}

// TestAStreamWithATypeThatOnlyTheServerReadsGoesAsCSV has an enum. Domains over types that are known, and texts of all
// kinds, are no reason.
func TestAStreamWithATypeThatOnlyTheServerReadsGoesAsCSV(t *testing.T) {
	t.Parallel()
	d := look(t)
	d.run(`CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN percent AS smallint CHECK (value <= 100);
		CREATE TABLE moods (id bigint, v mood); CREATE TABLE domains (id bigint, v percent, name varchar(3), code char(2))`)
	copied := map[string]string{}
	told := ""
	heard := func(said string) {
		if strings.HasPrefix(said, textOnly) {
			told += said
		}
		for _, table := range []string{"moods", "domains"} {
			_, copies, is := strings.Cut(said, `COPY \"`+d.schema+`\".\"`+table)
			if !is {
				_, copies, is = strings.Cut(said, `COPY "`+d.schema+`"."`+table)
			}
			if _, format, found := strings.Cut(copies, "(FORMAT "); is && found {
				copied[table], _, _ = strings.Cut(format, ")")
			}
		}
	}
	var out strings.Builder
	messages := []string{
		schemaOf("moods", `{"id":{"type":"integer"},"v":{"type":"string"}}`), record("moods", `{"id":1,"v":"happy"}`),
		schemaOf("domains", `{"id":{"type":"integer"},"v":{"type":"integer"},"name":{"type":"string"},"code":{"type":"string"}}`),
		record("domains", `{"id":1,"v":100,"name":"abc","code":"x"}`),
	}
	if err := hear(t, newConfig(t, d.schema, settings{"copy_format": "binary"}), protocol.NewSinger(strings.NewReader(strings.Join(messages, "\n")), 0), &out, heard); err != nil {
		t.Fatal(err)
	}
	if strings.Count(told, textOnly) != 1 || !strings.Contains(told, "stream=moods column=v") {
		t.Errorf("it said %q", told)
	}
	if copied["moods"] != "csv" || copied["domains"] != "binary" {
		t.Errorf("formats %v", copied)
	}
	d.want("SELECT id, v FROM moods", "1 | happy")
	d.want("SELECT id, v, name, code FROM domains", "1 | 100 | abc | x ")
}
