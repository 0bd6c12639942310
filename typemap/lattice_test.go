package typemap

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// universe returns a type of every kind and of every sort of modifier.
func universe() []Type {
	var types []Type
	for _, name := range []string{
		"boolean", "smallint", "integer", "bigint", "numeric", "numeric(5,0)", "numeric(10,2)", "numeric(12,8)",
		"numeric(1000,3)", "numeric(3,-2)", "numeric(2,5)", "real", "double precision",
		"text", "character varying", "character varying(5)", "character varying(20)", "character(5)", "character(10)",
		"bytea", "json", "jsonb", "uuid", "date", "time without time zone", "time(3) without time zone",
		"time with time zone", "time(0) with time zone", "timestamp without time zone",
		"timestamp(3) without time zone", "timestamp with time zone", "timestamp(0) with time zone",
		"text[]", "public.mood",
	} {
		types = append(types, ParseType(name))
	}
	return types
}

// same reports whether two types hold each other, as text and jsonb do.
func same(a, b Type) bool { return a.holds(b) && b.holds(a) }

func TestHoldsIsAPartialOrder(t *testing.T) {
	t.Parallel()
	for _, a := range universe() {
		if !a.holds(a) {
			t.Errorf("%s does not hold itself", a)
		}
		for _, b := range universe() {
			for _, c := range universe() {
				if a.holds(b) && b.holds(c) && !a.holds(c) {
					t.Errorf("%s holds %s, which holds %s, but not that", a, b, c)
				}
			}
		}
	}
}

func TestJoinIsTheLeastUpperBound(t *testing.T) {
	t.Parallel()
	for _, a := range universe() {
		if j := join(a, a); !j.Equal(a) {
			t.Errorf("join(%s, itself) = %s", a, j)
		}
		for _, b := range universe() {
			j := join(a, b)
			if !j.holds(a) || !j.holds(b) {
				t.Errorf("join(%s, %s) = %s, which does not hold both", a, b, j)
			}
			if back := join(b, a); !same(j, back) {
				t.Errorf("join(%s, %s) = %s, the other way round %s", a, b, j, back)
			}
			for _, c := range universe() {
				if c.holds(a) && c.holds(b) && !c.holds(j) {
					t.Errorf("join(%s, %s) = %s, but %s is less and holds both", a, b, j, c)
				}
			}
		}
	}
}

func TestJoinIsAssociative(t *testing.T) {
	t.Parallel()
	for _, a := range universe() {
		for _, b := range universe() {
			for _, c := range universe() {
				left, right := join(join(a, b), c), join(a, join(b, c))
				if !same(left, right) {
					t.Errorf("(%s + %s) + %s = %s, but %s + (%s + %s) = %s", a, b, c, left, a, b, c, right)
				}
			}
		}
	}
}

func TestWidenHoldsBothAndIsDoneAfterwards(t *testing.T) {
	t.Parallel()
	for _, have := range universe() {
		for _, want := range universe() {
			w, ok := Widen(have, want)
			if !ok {
				if want.Kind != KindOther {
					t.Errorf("Widen(%s, %s) is not ok", have, want)
				}
				continue
			}
			if have.keeps() {
				if w.Change() {
					t.Errorf("Widen(%s, %s) changes the column to %s", have, want, w.To)
				}
				continue
			}
			if !w.To.holds(have) || !w.To.holds(want) {
				t.Errorf("Widen(%s, %s) = %s, which does not hold both", have, want, w.To)
			}
			if again, ok := Widen(w.To, want); !ok || again.Change() {
				t.Errorf("Widen(%s, %s) = %s, and then %s", have, want, w.To, again.To)
			}
			if w.Change() == have.holds(want) {
				t.Errorf("Widen(%s, %s) changes = %t", have, want, w.Change())
			}
		}
	}
}

func TestUsingMentionsTheColumnOnce(t *testing.T) {
	t.Parallel()
	for _, from := range universe() {
		for _, to := range universe() {
			w, ok := Convert(from, to)
			if ok != to.holds(from) {
				t.Errorf("Convert(%s, %s) ok = %t", from, to, ok)
			}
			if !ok || w.Using == "" {
				continue
			}
			if !w.Change() || !w.Rewrites {
				t.Errorf("Convert(%s, %s) has an expression and no rewrite: %+v", from, to, w)
			}
			if strings.Count(w.Using, "%s") != 1 || strings.Count(w.Using, "%") != 1 {
				t.Errorf("Convert(%s, %s).Using = %q", from, to, w.Using)
			}
		}
	}
}

func TestWidenAsTheGuideSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ have, want, to string }{
		{"smallint", "bigint", "bigint"},
		{"bigint", "numeric", "numeric"},
		{"bigint", "boolean", "text"},
		{"bigint", "double precision", "numeric"},
		{"integer", "double precision", "double precision"},
		{"bigint", "numeric(10,2)", "numeric(21,2)"},
		{"numeric(10,2)", "bigint", "numeric(21,2)"},
		{"numeric(10,2)", "numeric(12,4)", "numeric(12,4)"},
		{"numeric(12,4)", "numeric(10,2)", "numeric(12,4)"},
		{"numeric(1000,0)", "numeric(10,2)", "numeric"},
		{"double precision", "numeric", "numeric"},
		{"double precision", "bigint", "numeric"},
		{"real", "integer", "double precision"},
		{"numeric", "bigint", "numeric"},
		{"date", "timestamp with time zone", "timestamp with time zone"},
		{"timestamp with time zone", "date", "timestamp with time zone"},
		{"timestamp(3) without time zone", "date", "timestamp(3) without time zone"},
		{"timestamp(3) without time zone", "timestamp without time zone", "timestamp without time zone"},
		{"timestamp(3) without time zone", "timestamp with time zone", "timestamp with time zone"},
		{"timestamp(6) without time zone", "timestamp without time zone", "timestamp(6) without time zone"},
		{"time without time zone", "time with time zone", "time with time zone"},
		{"time without time zone", "date", "text"},
		{"character varying(20)", "text", "text"},
		{"character varying(20)", "bigint", "text"},
		{"character varying(20)", "jsonb", "text"},
		{"character(5)", "text", "text"},
		{"character varying", "text", "character varying"},
		{"character varying", "jsonb", "character varying"},
		{"text", "bigint", "text"},
		{"text", "jsonb", "text"},
		{"text", "bytea", "text"},
		{"jsonb", "text", "jsonb"},
		{"json", "jsonb", "json"},
		{"bigint", "jsonb", "jsonb"},
		{"uuid", "bigint", "text"},
		{"uuid", "text", "text"},
		{"bigint", "timestamp with time zone", "text"},
		{"bytea", "text", "text"},
		{"public.mood", "text", "public.mood"},
		{"inet", "text", "inet"},
		{"text[]", "jsonb", "text[]"},
		{"bigint", "text[]", "jsonb"},
	} {
		w, ok := Widen(ParseType(c.have), ParseType(c.want))
		if !ok || w.To.Name != c.to {
			t.Errorf("Widen(%s, %s) = %s, %t, want %s", c.have, c.want, w.To, ok, c.to)
		}
	}
	if _, ok := Widen(BigInt, ParseType("public.mood")); ok {
		t.Error("a bigint column is said to come to hold an enum")
	}
}

func TestConvertIsForValuesThatDidNotFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, using string }{
		{"text[]", "jsonb", "to_jsonb(%s)"},
		{"text[]", "text", "to_json(%s)::text"},
		{"public.mood", "text", "%s::text"},
		{"text", "jsonb", "to_jsonb(%s::text)"},
		{"jsonb", "text", "%s #>> '{}'"},
	} {
		w, ok := Convert(ParseType(c.from), ParseType(c.to))
		if !ok || w.Using != c.using || !w.Change() {
			t.Errorf("Convert(%s, %s) = %+v, %t, want %q", c.from, c.to, w, ok, c.using)
		}
	}
	if w, ok := Convert(Text, BigInt); ok {
		t.Errorf("Convert(text, bigint) = %+v", w)
	}
	if w, ok := Convert(Text, Text); !ok || w.Change() {
		t.Errorf("Convert(text, text) = %+v, %t", w, ok)
	}
}

// golden compares got with a file of testdata, which UPDATE_GOLDEN=1 writes.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestEveryWideningIsWrittenDown shows in testdata/joins.txt what each type of a column becomes for each type that a
// schema can ask for.
func TestEveryWideningIsWrittenDown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	fmt.Fprintf(&b, "# column | schema asks for | column becomes | how\n")
	for _, have := range universe() {
		for _, want := range []Type{
			Bool, BigInt, Numeric, NumericOf(10, 2), Double, Text, Bytea, JSONB, UUID, Date, Time, TimeTZ, Timestamp, TimestampTZ,
		} {
			w, ok := Widen(have, want)
			if !ok {
				t.Fatalf("Widen(%s, %s) is not ok", have, want)
			}
			how := "stays"
			switch {
			case w.Using != "":
				how = "using " + fmt.Sprintf(w.Using, "c")
			case w.Change() && w.Rewrites:
				how = "cast"
			case w.Change():
				how = "no rewrite"
			}
			if w.FreeInUTC {
				how += " (no rewrite where TimeZone is UTC)"
			}
			fmt.Fprintf(&b, "%s | %s | %s | %s\n", have, want, w.To, how)
		}
	}
	golden(t, "joins.txt", b.String())
}
