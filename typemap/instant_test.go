package typemap

import "testing"

func TestAppendInstantTakesTextWithAndWithoutQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`2020-01-02T12:00:00Z`:        `"2020-01-02T12:00:00Z"`,
		`"2020-01-02T12:00:00"`:       `"2020-01-02T12:00:00+00"`,
		`"2020-01-02 12:00 +05:30"`:   `"2020-01-02 06:30:00+00"`,
		`2020-01-02`:                  `"2020-01-02 00:00:00+00"`,
		`"0044-03-15 00:00:00Z BC"`:   `"0044-03-15 00:00:00+00 BC"`,
		`"2016-12-31T23:59:60.5Z"`:    `"2017-01-01 00:00:00.500000+00"`,
		`"2020-01-02T12:00:00+23:59"`: `"2020-01-01 12:01:00+00"`,
	} {
		if got, err := AppendInstant([]byte("1,"), []byte(text)); string(got) != "1,"+want || err != nil {
			t.Errorf("%s is written as %s, %v; want 1,%s", text, got, err, want)
		}
	}
	for _, text := range []string{``, `""`, `"soon"`, `1577836800`, `"294277-01-01T00:00:00Z"`, `"2020-01-02T12:00:00\u005a"`} {
		if got, err := AppendInstant([]byte("1,"), []byte(text)); string(got) != "1," || err == nil {
			t.Errorf("%s is written as %s, %v; want an error", text, got, err)
		}
	}
}
