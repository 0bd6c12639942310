package ddl

import (
	"fmt"
	"testing"

	"target-postgres/target/migrate"
)

func TestBlockersAreNamedInASentence(t *testing.T) {
	t.Parallel()
	views := func(n int) (found []blocker) {
		for i := range n {
			found = append(found, blocker{what: fmt.Sprintf("view v%d", i)})
		}
		return found
	}
	for _, test := range []struct {
		found []blocker
		want  string
	}{
		{views(1), "the view v0 uses it"},
		{views(2), "the view v0 and the view v1 use it"},
		{views(3), "the view v0, the view v1 and the view v2 use it"},
		{
			views(migrate.MostNamed + 1),
			"the view v0, the view v1, the view v2, the view v3, the view v4, the view v5, the view v6, the view v7, the view v8, the view v9 and 1 more use it",
		},
	} {
		if got := inUse(test.found); got != test.want {
			t.Errorf("%d views: %q, want %q", len(test.found), got, test.want)
		}
	}
}
