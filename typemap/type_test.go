package typemap

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTypeReadsEveryNameTheServerPrints(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]Kind{
		"boolean":                        KindBool,
		"smallint":                       KindInt2,
		"integer":                        KindInt4,
		"bigint":                         KindInt8,
		"numeric":                        KindNumeric,
		"numeric(10,2)":                  KindNumeric,
		"numeric(3,-2)":                  KindNumeric,
		"real":                           KindFloat4,
		"double precision":               KindFloat8,
		"text":                           KindText,
		"character varying":              KindText,
		"character varying(20)":          KindText,
		"character(3)":                   KindText,
		"bytea":                          KindBytea,
		"json":                           KindJSON,
		"jsonb":                          KindJSONB,
		"date":                           KindDate,
		"time without time zone":         KindTime,
		"time(0) without time zone":      KindTime,
		"time with time zone":            KindTimeTZ,
		"time(3) with time zone":         KindTimeTZ,
		"timestamp without time zone":    KindTimestamp,
		"timestamp(3) without time zone": KindTimestamp,
		"timestamp with time zone":       KindTimestampTZ,
		"timestamp(0) with time zone":    KindTimestampTZ,
		"uuid":                           KindUUID,

		`"char"`:               KindOther, // the one-byte type, not char(1)
		"bpchar":               KindOther,
		"name":                 KindOther,
		"citext":               KindOther,
		"public.citext":        KindOther,
		"inet":                 KindOther,
		"interval":             KindOther,
		"interval(3)":          KindOther,
		"bit(3)":               KindOther,
		"bit varying(5)":       KindOther,
		"xml":                  KindOther,
		"point":                KindOther,
		"tstzrange":            KindOther,
		"mood":                 KindOther,
		"public.mood":          KindOther,
		`"My Schema"."Weird"`:  KindOther,
		`"My Schema".text`:     KindOther, // a user's own type of that name
		`"numeric(10,2)"`:      KindOther,
		"extensions.vector(3)": KindOther,
		"-":                    KindOther,
		"???":                  KindOther,
		"":                     KindOther,
	} {
		got := ParseType(name)
		if got.Name != name || got.Kind != kind || got.Elem != nil {
			t.Errorf("ParseType(%q) = %+v, want kind %v", name, got, kind)
		}
	}
}

func TestParseTypeKnowsWhatAnArrayHolds(t *testing.T) {
	t.Parallel()
	for name, elem := range map[string]Type{
		"text[]":                            Text,
		"bigint[]":                          BigInt,
		"numeric(10,2)[]":                   NumericOf(10, 2),
		"character varying(20)[]":           {Name: "character varying(20)", Kind: KindText},
		"timestamp(3) without time zone[]":  {Name: "timestamp(3) without time zone", Kind: KindTimestamp},
		"public.mood[]":                     {Name: "public.mood"},
		`"My Schema"."Weird []"[]`:          {Name: `"My Schema"."Weird []"`},
		`"My Schema"."numeric(1,2), bad"[]`: {Name: `"My Schema"."numeric(1,2), bad"`},
		"timestamp with time zone[]":        TimestampTZ,
		"double precision[]":                Double,
		"time without time zone[]":          Time,
		"uuid[]":                            UUID,
		"character(3)[]":                    {Name: "character(3)", Kind: KindText},
		"jsonb[]":                           JSONB,
		"boolean[]":                         Bool,
		"real[]":                            Real,
		"extensions.vector(3)[]":            {Name: "extensions.vector(3)"},
		"timestamp(6) with time zone[]":     {Name: "timestamp(6) with time zone", Kind: KindTimestampTZ},
		"\"char\"[]":                        {Name: `"char"`},
		"interval second(3)[]":              {Name: "interval second(3)"},
		"time(3) with time zone[]":          {Name: "time(3) with time zone", Kind: KindTimeTZ},
		"interval day to second(3)[]":       {Name: "interval day to second(3)"},
	} {
		got := ParseType(name)
		if got.Kind != KindArray || got.Elem == nil || got.Name != name {
			t.Fatalf("ParseType(%q) = %+v, want an array", name, got)
		}
		// Type has an Equal method that looks at names only; compare the fields.
		if got.Elem.Name != elem.Name || got.Elem.Kind != elem.Kind {
			t.Errorf("ParseType(%q).Elem = %+v, want %+v", name, *got.Elem, elem)
		}
	}
	// A quoted name may itself end in brackets and is then no array.
	if got := ParseType(`"odd[]"`); got.Kind != KindOther {
		t.Errorf(`ParseType("odd[]" in quotes).Kind = %v, want KindOther`, got.Kind)
	}
}

func TestTheCommonTypesAreWhatParseTypeReturns(t *testing.T) {
	t.Parallel()
	for _, want := range []Type{
		Bool, SmallInt, Integer, BigInt, Numeric, NumericOf(38, 9), Real, Double, Text, Bytea, JSON, JSONB,
		Date, Time, TimeTZ, Timestamp, TimestampTZ, UUID,
	} {
		if got := ParseType(want.Name); got.Kind != want.Kind || !got.Equal(want) || got.String() != want.Name {
			t.Errorf("ParseType(%q) = %+v, want %+v", want.Name, got, want)
		}
	}
}

func TestModifiersAreReadFromTheName(t *testing.T) {
	t.Parallel()
	type modifiers struct {
		Length           int
		HasLength        bool
		Padded           bool
		Precision, Scale int
		Limited          bool
		Fraction         int
	}
	for name, want := range map[string]modifiers{
		"text":                           {},
		"character varying":              {},
		"character varying(20)":          {Length: 20, HasLength: true},
		"character(3)":                   {Length: 3, HasLength: true, Padded: true},
		"character":                      {Length: 1, HasLength: true, Padded: true},
		"numeric":                        {},
		"numeric(10,2)":                  {Precision: 10, Scale: 2, Limited: true},
		"numeric(3,-2)":                  {Precision: 3, Scale: -2, Limited: true},
		"numeric(3,5)":                   {Precision: 3, Scale: 5, Limited: true},
		"numeric(12)":                    {Precision: 12, Limited: true},
		"timestamp with time zone":       {Fraction: 6},
		"timestamp(0) with time zone":    {},
		"timestamp(3) without time zone": {Fraction: 3},
		"time(2) without time zone":      {Fraction: 2},
		"time with time zone":            {Fraction: 6},
		"date":                           {},
		"bigint":                         {},
		"bit(3)":                         {},
		"public.vector(3)":               {},
		`"character(3)"`:                 {},
		"interval(3)":                    {},
		"numeric(10":                     {},
	} {
		typ := ParseType(name)
		var got modifiers
		got.Length, got.HasLength = typ.Length()
		got.Padded = typ.Padded()
		got.Precision, got.Scale, got.Limited = typ.NumericLimits()
		got.Fraction = typ.Fraction()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("modifiers of %q (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzParseType(f *testing.F) {
	for _, seed := range []string{"numeric(10,2)", "text[][]", `"a""b".c`, "timestamp(3) with time zone", "(", ")("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		typ := ParseType(name)
		typ.Length()
		typ.NumericLimits()
		if typ.Name != name {
			t.Errorf("ParseType(%q).Name = %q", name, typ.Name)
		}
		if (typ.Kind == KindArray) != (typ.Elem != nil) {
			t.Errorf("ParseType(%q) = %+v: an element without an array or the reverse", name, typ)
		}
	})
}
