package target_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// columnless is a subquery over a table of the user's that selects no column.
var columnless = regexp.MustCompile(`\(SELECT FROM (?:%|\{|"\s*\+)`)

// whole is a subquery over a table of the user's that stands for itself and selects all rows.
var whole = regexp.MustCompile(`EXISTS \(SELECT 1 FROM (?:%s|\{|").*`)

// Citus keeps the result of a subquery for its workers as a table, and refuses one without columns (42601: "a column
// definition list is required"). So refreshes of distributed tables ended with an error. Without a LIMIT it fetches all
// rows of the subquery.
func TestSubqueriesSuitCitus(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		kind := filepath.Ext(path)
		if err != nil || entry.IsDir() || (kind != ".go" && kind != ".sql") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if found := columnless.Find(text); found != nil {
			t.Errorf("%s: %s…: say SELECT 1", path, found)
		}
		for _, found := range whole.FindAll(text, -1) {
			if !strings.Contains(string(found), "LIMIT 1") {
				t.Errorf("%s: %s…: say LIMIT 1", path, found)
			}
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files: %v", files, err)
	}
}
