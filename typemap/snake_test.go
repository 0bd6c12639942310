package typemap

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var updateNames = flag.Bool("update", false, "write what SnakeCase makes of the names into the table of them")

// TestSnakeCaseOfOddNames holds the rules to the names in the file: a name and what becomes of it, both as JSON, a line
// each.
func TestSnakeCaseOfOddNames(t *testing.T) {
	t.Parallel()
	const file = "testdata/snake_case.tsv"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	names := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			out.WriteString(line + "\n")
			continue
		}
		from, want, _ := strings.Cut(line, "\t")
		name := unquoted(t, from)
		got := SnakeCase(name)
		quoted, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if want != string(quoted) && !*updateNames {
			t.Errorf("%s becomes %s, want %s", from, quoted, want)
		}
		if names[name] {
			t.Errorf("%s is in the file twice", from)
		}
		names[name] = true
		out.WriteString(from + "\t" + string(quoted) + "\n")
	}
	if len(names) < 200 {
		t.Errorf("the file has %d names, want 200", len(names))
	}
	if *updateNames {
		if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func unquoted(t *testing.T, text string) (name string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &name); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return name
}

// unquotedName is what PostgreSQL reads as a name without quotes, and does not fold.
var unquotedName = regexp.MustCompile(`^[a-z_\x{80}-\x{10ffff}][a-z0-9_\x{80}-\x{10ffff}]*$`)

func checkSnakeCase(t *testing.T, name string) {
	t.Helper()
	got := SnakeCase(name)
	if again := SnakeCase(got); again != got {
		t.Errorf("%q becomes %q, and that %q", name, got, again)
	}
	if column := Identifier(got); SnakeCase(column) != column {
		t.Errorf("the column of %q is %q, and becomes %q", name, column, SnakeCase(column))
	}
	if !unquotedName.MatchString(got) {
		t.Errorf("%q becomes %q, which has to be quoted", name, got)
	}
}

func TestSnakeCaseDoesNotChangeItsOwnNames(t *testing.T) {
	t.Parallel()
	const last = 0x1ffff // the planes of all letters that have a case
	for r := rune(0); r <= last; r++ {
		if c := string(r); utf8.ValidRune(r) {
			checkSnakeCase(t, c)
			checkSnakeCase(t, "a"+c+"B"+c+"c")
		}
	}
}

func FuzzSnakeCase(f *testing.F) {
	for _, name := range []string{"", "orderID", "HTTPServer", "2nd", "a - b", "é", "_", "日本Name", strings.Repeat("Long", 40)} {
		f.Add(name)
	}
	f.Fuzz(checkSnakeCase)
}

func TestNamesThatBecomeOneInSnakeCaseStayApart(t *testing.T) {
	t.Parallel()
	names := []string{"orderID", "order_id", "Order Id", "ORDER-ID", "orderId ", "#", "%", "", strings.Repeat("x", 70), strings.Repeat("X", 70)}
	seen := map[string]string{}
	for i, column := range Identifiers(names, nil, SnakeCase) {
		if other, twice := seen[column]; twice {
			t.Errorf("%q and %q both become %q", other, names[i], column)
		}
		seen[column] = names[i]
		if SnakeCase(column) != column {
			t.Errorf("%q becomes %q with its suffix, which is no name of its own", names[i], column)
		}
	}
	if seen["order_id"] != "order_id" {
		t.Errorf("order_id is the column of %q", seen["order_id"])
	}
}
