package docs

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"target-postgres/target/summary"
)

// The page of operations names every key that --summary writes of a run and of a stream.
func TestOperationsPageHasEveryKeyOfTheSummary(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "### The summary")
	tables, _, _ := strings.Cut(section, "```")
	for _, part := range []reflect.Type{reflect.TypeFor[summary.Run](), reflect.TypeFor[summary.Stream]()} {
		for field := range part.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !strings.Contains(tables, "`"+key+"`") {
				t.Errorf("docs/operations.md says nothing of %s", key)
			}
		}
	}
}
