package shape

import (
	"slices"
	"strings"
	"testing"

	"target-postgres/typemap"
)

// The names are what PipelineWise's and the SDK's flattening make of the same paths.
func TestLongNamesAreThoseOfTheOtherTargets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 40)
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{"a", "b"}, "a__b"},
		{[]string{"customer_shipping_address_information", "delivery_instruction_text_and_more"}, "csai__delivery_instruction_text_and_more"},
		{[]string{"CamelCaseNameOfAnObject" + long, "b"}, "ccnoao__b"},
		{[]string{strings.Repeat("a", 62)}, strings.Repeat("a", 62)},
		{[]string{strings.Repeat("a", 63)}, "aaa"},
		{[]string{"_leading__double_under_" + long, "z_" + long}, "__ux__z_" + long},
		{[]string{"id_2_name_" + long, "x"}, "id_2_name_" + long + "__x"},
		{[]string{"A1_b2-C3.d4 e5" + long, "lower" + long}, "a1b2-c3.4 5__lower" + long},
		{[]string{strings.Repeat("trailing_", 8), "t"}, "tttttttt___t"},
		{[]string{"__" + long + long, "x"}, "_x__x"},
		{[]string{"a_" + strings.Repeat("b", 70)}, "ab"},
		{[]string{"lower" + long + long, "Q"}, "low__Q"},
	} {
		if got := (Flatten{}).name(c.path); got != c.want {
			t.Errorf("name of %q is %q, want %q", c.path, got, c.want)
		}
	}
}

func TestEveryPropertyHasANameOfItsOwnInWhateverOrder(t *testing.T) {
	t.Parallel()
	text := func(name string, inner ...typemap.Field) typemap.Field {
		return typemap.Field{Name: name, Type: typemap.Text, Properties: inner}
	}
	fields := []typemap.Field{text("o", text("a__b"), text("a", text("b")), text("c")), text("o__c"), text("o__a__b")}
	want := map[string]string{}
	for range 2 {
		for _, f := range (Flatten{MaxLevel: 2}).fields(fields) {
			path := strings.Join(f.At(), "/")
			if before, is := want[path]; is && before != f.Name {
				t.Errorf("%s is called %s and %s", path, before, f.Name)
			}
			want[path] = f.Name
		}
		slices.Reverse(fields)
	}
	names := map[string]bool{}
	for _, name := range want {
		names[name] = true
	}
	if len(names) != 5 || want["o__c"] != "o__c" || want["o__a__b"] != "o__a__b" {
		t.Errorf("names %v", want)
	}
}
