package typemap

import "testing"

func TestATypeIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"int8":                        "bigint",
		" INT ":                       "integer",
		"varchar(20)":                 "character varying(20)",
		"character  varying ( 20 )":   "character varying(20)",
		"char":                        "character(1)",
		"numeric( 10 , 2 )":           "numeric(10,2)",
		"decimal(10)":                 "numeric(10,0)",
		"TIMESTAMPTZ":                 "timestamp with time zone",
		"timestamptz(3)":              "timestamp(3) with time zone",
		"timestamp(3) with time zone": "timestamp(3) with time zone",
		"timestamp":                   "timestamp without time zone",
		"pg_catalog.int4":             "integer",
		"text[]":                      "text[]",
		"int4[3]":                     "integer[]",
		"varchar(3) []":               "character varying(3)[]",
		"citext":                      "citext",
		"public.citext":               "public.citext",
		`"My Schema".mood`:            `"My Schema".mood`,
		`public."Odd; name"`:          `public."Odd; name"`,
		"public.geometry(Point,4326)": "public.geometry(point,4326)",
	} {
		if got, ok := DeclaredType(name); !ok || got.Name != want {
			t.Errorf("DeclaredType(%q) = %q, %v, want %q", name, got.Name, ok, want)
		}
	}
}

func TestWhatIsNoTypeIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", " ", "text; DROP TABLE t", "text -- x", "text)", "int /* */", `"half`, "numeric(10", "text, b text", "text DEFAULT 'x'"} {
		if got, ok := DeclaredType(name); ok {
			t.Errorf("DeclaredType(%q) = %q", name, got.Name)
		}
	}
}
