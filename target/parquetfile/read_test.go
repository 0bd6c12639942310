package parquetfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// rows reads a file of testdata, or one made from it.
func rows(content []byte, within limits) ([]string, error) {
	var all []string
	base16 := func(field string) bool { return field == "base16" }
	err := read(bytes.NewReader(content), int64(len(content)), base16, within, func(row int64, record []byte) error {
		if all = append(all, string(record)); row != int64(len(all)) {
			return errors.New("rows are not counted one by one")
		}
		return nil
	})
	return all, err
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// same compares numbers by their value, however they are written.
var same = cmp.Comparer(func(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
})

func decoded(t *testing.T, record string) map[string]any {
	t.Helper()
	values := map[string]any{}
	d := json.NewDecoder(strings.NewReader(record))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		t.Fatalf("%v in %s", err, record)
	}
	return values
}

// Every value is the one that pyarrow reads, with every encoding and compression, also if the pages do not fit in
// memory.
func TestValuesAreThoseThatPyarrowReads(t *testing.T) {
	t.Parallel()
	wants := strings.Split(strings.TrimSpace(string(file(t, "want.jsonl"))), "\n")
	for _, name := range []string{"dictionary", "pages", "deltas", "old"} {
		for _, within := range []limits{usual, {}, {all: 3000}} {
			got, err := rows(file(t, name+".parquet"), within)
			if err != nil || len(got) != len(wants) {
				t.Fatalf("%s: %d rows of %d, %v", name, len(got), len(wants), err)
			}
			for i := range got {
				have, want := decoded(t, got[i]), decoded(t, wants[i])
				if name == "old" {
					for _, absent := range []string{"time_ns", "zone_ns", "local_ms", "utc_us", "float16"} {
						delete(want, absent)
					}
				}
				if diff := cmp.Diff(want, have, same); diff != "" {
					t.Fatalf("%s, row %d (-want +got):\n%s", name, i+1, diff)
				}
			}
		}
	}
}

// A decimal keeps its digits, also those that are zero.
func TestDecimalsKeepTheirScale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  []byte
		scale int
		want  string
	}{
		{[]byte{0}, 0, "0"},
		{[]byte{0}, 3, "0.000"},
		{[]byte{0xff}, 3, "-0.001"},
		{[]byte{0x80}, 2, "-1.28"},
		{[]byte{0x0f, 0x42, 0x40}, 6, "1.000000"},
		{bytes.Repeat([]byte{0xff}, 16), 10, "-0.0000000001"},
		{append([]byte{0x7f}, bytes.Repeat([]byte{0xff}, 15)...), 0, "170141183460469231731687303715884105727"},
		{append([]byte{0x80}, make([]byte, 15)...), 38, "-1.70141183460469231731687303715884105728"},
		{append([]byte{0x80}, make([]byte, 16)...), 0, "-43556142965880123323311949751266331066368"},
		{append([]byte{1}, make([]byte, 8)...), 0, "18446744073709551616"},
		{nil, 1, "0.0"},
		{[]byte{5}, -2, "5e2"},
	} {
		digits, negative := digitsOfBytes(nil, c.text)
		if got := string(appendScaled(nil, digits, negative, c.scale)); got != c.want {
			t.Errorf("%x with scale %d: %s, want %s", c.text, c.scale, got, c.want)
		}
	}
}

// Timestamps of Impala have nanoseconds and no zone.
func TestInt96(t *testing.T) {
	t.Parallel()
	got, err := rows(file(t, "int96.parquet"), usual)
	want := []string{
		`{"at":null}`, `{"at":"1969-12-31T23:59:59.999999999"}`, `{"at":"1970-01-01T00:00:00"}`, `{"at":"2006-07-14T23:58:24.606846976"}`,
		`{"at":"1823-11-12T00:06:21.572612096"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestDaysBeforeAndAfterTheUsualYears(t *testing.T) {
	t.Parallel()
	for day, want := range map[int64]string{
		0: "1970-01-01", -1: "1969-12-31", -719162: "0001-01-01", -719163: "0000-12-31", -719528: "0000-01-01", -719529: "-0001-12-31",
		2932897: "10000-01-01", 11016: "2000-02-29", -25509: "1900-02-28", -25508: "1900-03-01", 2147483647: "5881580-07-11",
	} {
		if got := string(appendDay(nil, day)); got != want {
			t.Errorf("day %d is %s, want %s", day, got, want)
		}
	}
}

// Names are members as they are, also those that repeat, and row groups without rows have none.
func TestNamesAndEmptyRowGroups(t *testing.T) {
	t.Parallel()
	got, err := rows(file(t, "names.parquet"), usual)
	row := `{"id":1,"ID":"x","id":2,"a.b \"c\"":true,"":3}`
	if diff := cmp.Diff([]string{row, row}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// What is no Parquet file, or not all of one, says so.
func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	whole := file(t, "dictionary.parquet")
	for words, content := range map[string][]byte{
		"too short": nil, "does not begin with PAR1": []byte("{\"a\": 1}\n{\"a\": 2}"), "cut off": whole[:len(whole)/2], "encrypted": []byte("PARE........PARE"),
	} {
		var e *Error
		if _, err := rows(content, usual); !errors.As(err, &e) || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", words, err)
		}
	}
}

// A damaged file is an error or other values, never a crash.
func TestDamagedFilesDoNotCrash(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for _, name := range []string{"dictionary", "pages", "deltas"} {
		whole := file(t, name+".parquet")
		for n := range 300 {
			damaged := bytes.Clone(whole)
			from := 4
			if n%3 == 0 {
				from = max(from, len(damaged)-4000) // in the footer
			}
			for range 1 + n%4 {
				damaged[from+random.IntN(len(damaged)-from)] ^= byte(1 + random.IntN(255))
			}
			var e *Error
			_, err := rows(damaged, usual)
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s: %v", name, err)
			}
			if err != nil {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was damaged")
	}
}

// An error of who takes the rows ends the reading.
func TestAnErrorOfTheCallerIsPassedOn(t *testing.T) {
	t.Parallel()
	content, failed, n := file(t, "dictionary.parquet"), errors.New("no more"), 0
	err := Read(bytes.NewReader(content), int64(len(content)), func(string) bool { return false }, func(int64, []byte) error {
		if n++; n == 3 {
			return failed
		}
		return nil
	})
	if !errors.Is(err, failed) || n != 3 {
		t.Errorf("after %d rows: %v", n, err)
	}
}

// Values of dictionaries are looked for ahead, in stretches that end within pages and with them.
func TestLongColumnsOfDictionariesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	type row struct {
		A *string `parquet:"a,optional,dict"`
		B int64   `parquet:"b,dict"`
	}
	var file bytes.Buffer
	w := parquet.NewGenericWriter[row](&file, parquet.PageBufferSize(333), parquet.MaxRowsPerRowGroup(700))
	var want []string
	for i := range 2000 {
		next, a := row{B: int64(i / 3)}, "null"
		if i%5 != 0 && i%400 < 300 {
			text := strings.Repeat("x", i%37)
			next.A, a = &text, strconv.Quote(text)
		}
		if _, err := w.Write([]row{next}); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf(`{"a":%s,"b":%d}`, a, i/3))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, within := range []limits{usual, {}, {all: 3000}} {
		got, err := rows(file.Bytes(), within)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", within, diff)
		}
	}
}
