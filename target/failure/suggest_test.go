package failure

import (
	"testing"
)

func TestTheNearestSettingIsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	settings := []string{"host", "port", "username", "password", "database", "schema", "table_prefix", "load_mode", "batch_max_rows", "batch_max_bytes"}
	tests := []struct{ key, want string }{
		{"hots", "host"},
		{"Host", "host"},
		{"SCHEMA", "schema"},
		{"shema", "schema"},
		{"scheme", "schema"},
		{"tableprefix", "table_prefix"},
		{"batch_max_row", "batch_max_rows"},
		{"batch_max_byte", "batch_max_bytes"},
		{"loadmode", "load_mode"},
		{"user_name", "username"},
		{"zzzz", ""},
		{"x", ""},
		{"", ""},
		{"completely_different", ""},
	}
	for _, test := range tests {
		if got := Suggest(test.key, settings); got != test.want {
			t.Errorf("nearest to %q is %q, want %q", test.key, got, test.want)
		}
	}
	if got := Suggest("host", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
}

func TestOfEquallyNearSettingsTheFirstIsTaken(t *testing.T) {
	t.Parallel()
	if got := Suggest("bast", []string{"cast", "fast", "last"}); got != "cast" {
		t.Errorf("nearest is %q, want the first", got)
	}
}

func TestEditDistanceCountsEdits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 1},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "acb", 2},
		{"kitten", "sitting", 3},
		{"flaw", "lawn", 2},
		{"saturday", "sunday", 3},
	}
	for _, test := range tests {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("from %q to %q are %d edits, want %d", test.a, test.b, got, test.want)
		}
		if got := editDistance(test.b, test.a); got != test.want {
			t.Errorf("from %q to %q are %d edits, want %d", test.b, test.a, got, test.want)
		}
	}
}
