package typemap

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesThatDoNotCollideStayAsTheyAre(t *testing.T) {
	t.Parallel()
	names := []string{"id", "ID", "Id", "select", "a b", "é"}
	if diff := cmp.Diff(names, Identifiers(names, nil, nil)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := Identifiers(nil, nil, nil); len(got) != 0 {
		t.Errorf("Identifiers of no names = %q", got)
	}
}

func TestOneOfCollidingNamesKeepsThePlainForm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 70)
	for _, c := range []struct {
		name            string
		names, reserved []string
		fold            func(string) string
		want            []string
	}{
		{
			"the one that already is what all become",
			[]string{"Foo", "foo", "FOO", "bar"},
			nil, strings.ToLower,
			[]string{"foo_1cbec737", "foo", "foo_9520437c", "bar"},
		},
		{
			"none, when none is",
			[]string{"Foo", "FOO"},
			nil, strings.ToLower,
			[]string{"foo_1cbec737", "foo_9520437c"},
		},
		{
			"alone with its folded form",
			[]string{"Foo", "Bar"},
			nil, strings.ToLower,
			[]string{"foo", "bar"},
		},
		{
			"no reserved name",
			[]string{"ctid", "xmin_", "a"},
			SystemColumns(), nil,
			[]string{"ctid_" + firstHash(t, "ctid"), "xmin_", "a"},
		},
		{
			"a short name beats a long one that is cut to it",
			[]string{long, Identifier(long)},
			nil, nil,
			[]string{hashed(long, long, 16), Identifier(long)},
		},
		{
			"a name that is another's suffixed form",
			[]string{"Foo", "FOO", "foo_1cbec737"},
			nil, strings.ToLower,
			[]string{hashed("foo", "Foo", 16), "foo_9520437c", "foo_1cbec737"},
		},
		{
			"NUL and U+FFFD",
			[]string{"a\x00", "a\uFFFD"},
			nil, nil,
			[]string{"a\uFFFD_" + firstHash(t, "a\x00"), "a\uFFFD"},
		},
		{
			"after Airbyte's munging",
			[]string{"a-b", "a.b", "a_b"},
			nil, AirbyteName,
			[]string{"a_b_" + firstHash(t, "a-b"), "a_b_" + firstHash(t, "a.b"), "a_b"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, Identifiers(c.names, c.reserved, c.fold)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheSameNameTwiceGetsTwoNames(t *testing.T) {
	t.Parallel()
	got := Identifiers([]string{"a", "a", "a", "a", "a", "a", "a"}, nil, nil)
	if got[0] != "a" {
		t.Errorf("the first of seven is %q", got[0])
	}
	slices.Sort(got)
	if len(slices.Compact(got)) != 7 {
		t.Errorf("names %q are not all different", got)
	}
}

func TestNamesDoNotDependOnTheirOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Long", 20)
	names := []string{
		"Foo", "foo", "FOO", "bar", "BAR", "", "ctid", "CTID", long, strings.ToLower(long), Identifier(strings.ToLower(long)),
		"foo_1cbec737", "a\x00", "a\uFFFD", "é", "É",
	}
	byName := func(names []string) map[string]string {
		m := map[string]string{}
		for i, id := range Identifiers(names, SystemColumns(), strings.ToLower) {
			m[names[i]] = id
		}
		return m
	}
	want := byName(names)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		if diff := cmp.Diff(want, byName(names)); diff != "" {
			t.Fatalf("another order gives other names (-want +got):\n%s", diff)
		}
	}
}

func TestMoreNamesDoNotChangeAUniqueOne(t *testing.T) {
	t.Parallel()
	before := Identifiers([]string{"id", "Name"}, nil, strings.ToLower)
	after := Identifiers([]string{"x", "Name", "X", "id"}, nil, strings.ToLower)
	if before[0] != after[3] || before[1] != after[1] {
		t.Errorf("id and Name were %q and are %q", before, after)
	}
}
