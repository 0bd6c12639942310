package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"target-postgres/internal/pgtest"
)

// The tables, the STATE and the messages about refused rows are the same in every format of COPY. The flag -copy-format
// of TestScenarios runs all of them in one. With -short the formats take turns.
func TestScenariosInOtherFormatsOfCopy(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		"airbyte-basic-types", "airbyte-value-that-only-the-server-refuses-*", "existing-column-types-are-kept", "history-sets-many-refused-*",
		"patch-keeps-absent-fields", "replace-keeps-the-earlier-record-*", "rows-refused-with-any-sqlstate-*", "rows-that-break-constraints-*",
		"state-table-rejected-rows-*", "types-widen-with-the-data-in-place",
	} {
		folders, err := filepath.Glob("testdata/scenarios/" + pattern)
		if err != nil || len(folders) == 0 {
			t.Fatalf("no scenario %s: %v", pattern, err)
		}
		for n, folder := range folders {
			formats := []string{"text", "binary"}
			if testing.Short() {
				formats = formats[(n+len(pattern))%2:][:1]
			}
			for _, format := range formats {
				t.Run(filepath.Base(folder)+"/"+format, func(t *testing.T) {
					t.Parallel()
					s := &scenario{folder: folder, schema: pgtest.Schema(t), conn: pgtest.Connect(t), settings: fmt.Sprintf(`{"copy_format": %q}`, format)}
					s.run(t)
				})
			}
		}
	}
}
