package typemap

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foldsOf are the ways to name columns while one is in force and naming does nothing.
func foldsOf(fold func(string) string) Folds {
	return Folds{Now: fold, Else: fold, All: []func(string) string{nil, strings.ToLower, AirbyteName, SnakeCase}}
}

func TestAFieldKeepsItsColumn(t *testing.T) {
	t.Parallel()
	dash, percent := "net_kg_"+firstHash(t, "net-kg"), "net_kg_"+firstHash(t, "net%kg")
	for _, c := range []struct {
		name    string
		columns map[string]string
		names   []string
		fold    func(string) string
		want    []string
	}{
		{"no table", nil, []string{"net-kg", "net%kg"}, AirbyteName, []string{dash, percent}},
		{"one that fell together with another is left", map[string]string{dash: "", percent: ""}, []string{"net-kg"}, AirbyteName, []string{dash}},
		{"both are back", map[string]string{dash: "", percent: ""}, []string{"net%kg", "net-kg"}, AirbyteName, []string{percent, dash}},
		{"another joins one that was alone", map[string]string{"net_kg": "net-kg"}, []string{"net%kg", "net-kg"}, AirbyteName, []string{percent, "net_kg"}},
		{"another comes in its place", map[string]string{"net_kg": "net-kg"}, []string{"net%kg"}, AirbyteName, []string{percent}},
		{"the plain name itself comes later", map[string]string{"foo": "Foo"}, []string{"foo", "Foo"}, strings.ToLower, []string{"foo_" + firstHash(t, "foo"), "foo"}},
		{"whose a column is, is not known", map[string]string{"net_kg": ""}, []string{"net-kg"}, AirbyteName, []string{"net_kg"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, IdentifiersIn(c.columns, c.names, nil, foldsOf(c.fold))); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			slices.Reverse(c.names)
			slices.Reverse(c.want)
			if diff := cmp.Diff(c.want, IdentifiersIn(c.columns, c.names, nil, foldsOf(c.fold))); diff != "" {
				t.Errorf("columns in the other order (-want +got):\n%s", diff)
			}
		})
	}
}
