package jsonscan

import "testing"

func TestAllSpellingsOfAValueHaveOneCanonicalForm(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"#1e0;":               {"1", "1.0", "1.00", "10e-1", "0.1E1", "1e+0", "1e0"},
		"#-15e-1;":            {"-1.5", "-15e-1", "-0.15E+1", "-1.50"},
		"#12e3;":              {"12000", "1.2e4", "12000.0"},
		"#0;":                 {"0", "-0", "0.00", "0e5", "-0.0e-7"},
		"#1e99999999999;":     {"1e99999999999", "10e99999999998"},
		"#nan;":               {"NaN"},
		"#-infinity;":         {"-Infinity"},
		"s3:h\u00e9":          {`"hé"`, `"h\u00e9"`, `"\u0068\u00E9"`},
		"{s1:a#1e0;s1:b[nt]}": {`{"a":1,"b":[null,true]}`, `{ "b" : [ null , true ] , "a" : 1.0 }`, `{"a":2,"a":1,"b":[null,true]}`},
		"{}":                  {"{}", "{ }"},
		"[]":                  {"[]", "[ ]"},
		"[{s0:f}]":            {`[{"":false}]`},
	} {
		for _, spelling := range spellings {
			if got := string(AppendCanonical(nil, []byte(spelling))); got != want {
				t.Errorf("%s is %s, not %s", spelling, got, want)
			}
		}
	}
}

func TestValuesThatDifferHaveCanonicalFormsThatDiffer(t *testing.T) {
	t.Parallel()
	forms := map[string]string{}
	for _, value := range []string{
		`1`, `"1"`, `[1]`, `[[1]]`, `[1,1]`, `[11]`, `["1","1"]`, `["11"]`, `{}`, `[]`, `""`, `null`, `"n"`, `true`, `{"a":null}`, `{"a":{}}`,
		`{"a":"b"}`, `{"a":"","b":""}`, `["a","b"]`, `10`, `0.1`, `-1`, `"s1:a"`, `["s1:a"]`, `1e400`, `1e-400`,
	} {
		form := string(AppendCanonical(nil, []byte(value)))
		if other, taken := forms[form]; taken {
			t.Errorf("%s and %s are both %s", value, other, form)
		}
		forms[form] = value
	}
}
