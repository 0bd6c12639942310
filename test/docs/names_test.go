package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ownName finds a name of the program's own in the source.
var ownName = regexp.MustCompile(`_singular_[a-z]+`)

// unseenNames are those that no user meets, beside temporary tables and the columns of these ([isUnseen]): the names
// are given to something else before they are printed.
func unseenNames() []string { return []string{"_singular_index", "_singular_staged", "_singular_swap"} }

// isUnseen reports whether a line of the source names something that lasts no longer than a transaction: a temporary
// table, or a column beside those of the stream, which gets the first name that is free.
func isUnseen(line string) bool {
	return strings.Contains(line, "pg_temp") || strings.Contains(line, "nused(")
}

// The page of names says what every column and table of the program's own is.
func TestNamesPageHasEveryNameOfTheProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/names.md")
	if err != nil {
		t.Fatal(err)
	}
	page, found := string(text), 0
	for _, name := range namesInSource(t) {
		found++
		if !slices.Contains(unseenNames(), name) && !strings.Contains(page, name) {
			t.Errorf("docs/names.md says nothing of %s", name)
		}
	}
	if found < 10 {
		t.Errorf("the source has only %d names", found)
	}
}

// namesInSource are the names in the program's own files, without those in comments and tests.
func namesInSource(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, root := range []string{"merge", "target", "typemap", "protocol"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".sql" || strings.Contains(path, "testdata") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for line := range strings.Lines(string(text)) {
				code, _, _ := strings.Cut(line, "//")
				if isUnseen(line) {
					continue
				}
				names = append(names, ownName.FindAllString(code, -1)...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
