package cli

import (
	"slices"
	"testing"
)

func TestSettingsGivenTwiceAreNamedWithTheirLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config string
		want   []string
	}{
		{`{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]}`, nil},
		{"\xef\xbb\xbf{\n\"password\": \"first\",\n\"password\": \"second\"\n}", []string{`setting "password" is given twice, in lines 2 and 3: the last one counts`}},
		{`{"streams": {"a.b": {"table": "x", "table": "y"}}}`, []string{`setting "streams.a.b.table" is given twice, both times in line 1: the last one counts`}},
		{`{"c": [[{"a": 1, "a": 1}]], "c": []}`, []string{
			`setting "c.a" is given twice, both times in line 1: the last one counts`, `setting "c" is given twice, both times in line 1: the last one counts`,
		}},
	} {
		if got := givenTwice([]byte(test.config)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.config, got, test.want)
		}
	}
}
