package settings

import (
	"strings"
	"testing"
)

// TestAMisspelledSettingGetsTheNearestName gives settings as they stand in a file: nested, dotted, or some of both.
func TestAMisspelledSettingGetsTheNearestName(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for _, test := range []struct{ given, setting, hint string }{
		{`{"load_mod": "append"}`, "load_mod", "did you mean load_mode?"},
		{`{"stremas.t.load_mode": "append"}`, "stremas.t.load_mode", "did you mean streams.t.load_mode?"},
		{`{"stremas.t.load_mod": "append"}`, "stremas.t.load_mod", "did you mean streams.t.load_mode?"},
		{`{"streams.t.load_mod": "append"}`, "streams.t.load_mod", "did you mean streams.t.load_mode?"},
		{`{"streams": {"a.b*.load_mod": "append"}}`, "streams.a.b*.load_mod", "did you mean streams.a.b*.load_mode?"},
		{`{"streams": {"t*": {"colums": {}}}}`, "streams.t*.colums", "did you mean streams.t*.columns?"},
		{`{"streams.t.migration_polcy.new_feilds": "fail"}`, "streams.t.migration_polcy.new_feilds", "did you mean streams.t.migration_policy.new_fields?"},
		{`{"streams.t.columns.a.b.typ": "text"}`, "streams.t.columns.a.b.typ", "did you mean streams.t.columns.a.b.type?"},
		{`{"streams.t": {"columns": {"a": {"typ": "text"}}}}`, "streams.t.columns.a.typ", "did you mean streams.t.columns.a.type?"},
		{`{"streams": {"t": {"indexes": [["a"], {"colums": ["a"]}]}}}`, "streams.t.indexes.1.colums", "did you mean streams.t.indexes.1.columns?"},
		{`{"streams": {"t": {"partition_by": {"fild": "a"}}}}`, "streams.t.partition_by.fild", "the settings of streams.t.partition_by are ahead, column, every, hash, keep"},
		{`{"ssh_tunel.host": "h"}`, "ssh_tunel.host", "did you mean ssh_tunnel.host?"},
		{`{"ssh_tunnel": {"hots": "h"}}`, "ssh_tunnel.hots", "did you mean ssh_tunnel.host?"},
		{`{"streams": {"load_mode": "append"}}`, "streams.load_mode", "did you mean streams.<stream>.load_mode?"},
		{`{"indexes": [["a"]]}`, "indexes", "did you mean streams.<stream>.indexes?"},
		{`{"streams": {"t": {"host": "h"}}}`, "streams.t.host", "host is a setting of the whole run: take it out of streams.t"},
		{`{"qqqq": 1}`, "qqqq", "see `target-postgres --about` for the settings"},
	} {
		given := map[string]any{}
		if err := Decode([]byte(test.given), &given); err != nil {
			t.Fatal(err)
		}
		spec.Undot(given)
		err := spec.Normalise(given)
		if want := `setting "` + test.setting + `" is not a setting of target-postgres (` + test.hint + ")"; err == nil || err.Error() != want {
			t.Errorf("%s: the error is %v, want %s", test.given, err, want)
		}
	}
}

// TestDottedNamesReachEveryDepth gives right ones, which stay what they are.
func TestDottedNamesReachEveryDepth(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for dotted, way := range map[string]string{
		"streams.t.columns.a.type":                     "streams|t|columns|a|type",
		"streams.public.t.columns.a.b.type":            "streams|public.t|columns|a.b|type",
		"streams.columns.load_mode":                    "streams|columns|load_mode",
		"streams.t.migration_policy.new_fields":        "streams|t|migration_policy|new_fields",
		"streams.migration_policy.partition_by.column": "streams|migration_policy|partition_by|column",
		"streams.t.columns.migration_policy.exclude":   "streams|t|columns|migration_policy|exclude",
		"migration_policy.new_streams":                 "migration_policy|new_streams",
	} {
		given := map[string]any{dotted: "x"}
		spec.Undot(given)
		value := any(given)
		for step := range strings.SplitSeq(way, "|") {
			object, ok := value.(map[string]any)
			if !ok || len(object) != 1 {
				t.Fatalf("%s became %v, want %s", dotted, given, way)
			}
			value = object[step]
		}
		if value != "x" {
			t.Errorf("%s became %v, want %s", dotted, given, way)
		}
	}
}
