package settings

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readSpec(t *testing.T) *Spec {
	t.Helper()
	data, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// Settings that are a stream's alone, or mean another thing at the top.
func ofStreamsAlone() []string {
	return []string{"columns", "indexes", "key_properties", "partition_by", "schema", "table"}
}

func TestEverySettingThatIsMarkedPerStreamIsOneOfTheEntriesOfStreams(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	entries := spec.root.Properties["streams"].Open.Properties
	var marked []string
	for name, setting := range spec.root.Properties {
		if setting.PerStream {
			marked = append(marked, name)
			sameSetting(t, name, setting, entries[name])
		}
	}
	want := slices.Sorted(slices.Values(append(marked, ofStreamsAlone()...)))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(entries))); diff != "" {
		t.Errorf("entries of streams (-marked +there):\n%s", diff)
	}
}

// sameSetting compares a setting with that of an entry: the values that they take have to be the same.
func sameSetting(t *testing.T, name string, all, one *node) {
	t.Helper()
	if one == nil {
		return // the names are compared by themselves
	}
	if all.Type != one.Type || !cmp.Equal(all.Enum, one.Enum) {
		t.Errorf("%s takes %s %v for all streams and %s %v for one", name, all.Type, all.Enum, one.Type, one.Enum)
	}
	if one.Default != nil {
		t.Errorf("%s has a default for one stream, so that the setting for all would not count", name)
	}
	for inner, setting := range all.Properties {
		if one.Properties[inner] == nil {
			t.Errorf("%s.%s cannot be set for one stream", name, inner)
		}
		sameSetting(t, name+"."+inner, setting, one.Properties[inner])
	}
}
