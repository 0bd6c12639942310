package typemap

import "testing"

func TestEqualValuesHaveOneHashWhateverTheirSpelling(t *testing.T) {
	t.Parallel()
	plain, number := &Digest{Before: "s", Normal: true}, &Digest{Before: "s", Normal: true, Number: true}
	for _, same := range []struct {
		digest *Digest
		values []string
	}{
		{plain, []string{`1`, `1.0`, `1e0`, `10E-1`, `"1"`}},
		{plain, []string{`0`, `-0.00`, `0e5`}},
		{plain, []string{`1.5`, `1.50`, `15e-1`}},
		{number, []string{`1.5`, `"1.5"`, `"1.50"`, `"15e-1"`}},
		{plain, []string{`"1.50"`}},
		{plain, []string{`"a/\u00e9"`, `"a\/é"`}},
		{plain, []string{`{"a":1,"b":[2,{"c":null,"d":"x"}]}`, `{ "b" : [2.0, {"d":"\u0078","c":null}], "\u0061":1e0 }`, `{"a":2,"a":1,"b":[2,{"c":null,"d":"x"}]}`}},
		{plain, []string{`[1,2]`, `[ 1.0, 2 ]`}},
		{plain, []string{`{"a":["x\ny\u0001",{"\t":"\"\\\b"}]}`, `{"a":["x\u000Ay\u0001",{"\u0009":"\u0022\u005c\u0008"}]}`}},
		{plain, []string{`["\ud83d\ude00/"]`, `["😀\/"]`}},
		{plain, []string{`[2,1]`}},
		{plain, []string{`{"a":"1","b":[2,{"c":null,"d":"x"}]}`}},
		{plain, []string{`{}`}},
		{plain, []string{`[]`}},
		{plain, []string{`true`, `"true"`}},
		{plain, []string{`1e999999`}},
		{plain, []string{`"2026-01-01T00:00:00Z"`}},
		{plain, []string{`"2026-01-01T00:00:00+00:00"`}},
	} {
		first := string(same.digest.JSON([]byte(same.values[0])))
		for _, v := range same.values {
			if got := string(same.digest.JSON([]byte(v))); got != first || len(got) != 66 {
				t.Errorf("the hash of %s is %s, that of %s is %s", v, got, same.values[0], first)
			}
		}
	}
	seen := map[string]string{}
	for _, v := range []string{`0`, `1`, `1.5`, `"1.50"`, `[]`, `{}`, `[1,2]`, `[2,1]`, `{"a":1}`, `{"a":"1"}`, `{"a":[1]}`, `true`, `-1`, `1e5`, `1e6`} {
		hash := string(plain.JSON([]byte(v)))
		if seen[hash] != "" {
			t.Errorf("%s and %s have the same hash", v, seen[hash])
		}
		seen[hash] = v
	}
}
