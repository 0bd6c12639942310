package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"target-postgres/internal/pgtest"
)

// Where an order decides which record wins, or what there is of its key, the result does not depend on where batches
// end.
func TestScenariosOfAnOrderAtAnyBatchSize(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		"airbyte-soft-delete-goes-by-*", "airbyte-history-goes-by-*", "airbyte-history-counts-from-*", "airbyte-hard-delete-outlives-*",
		"airbyte-row-that-a-refresh-brings-back-*", "history-by-a-time-column-leaves-out-*", "history-leaves-out-a-late-tombstone-*",
		"order-by-decides-*", "order-by-orders-*", "airbyte-order-by-*", "insert-only-*", "update-only-*", "airbyte-insert-only-*", "airbyte-update-only-*",
	} {
		folders, err := filepath.Glob("testdata/scenarios/" + pattern)
		if err != nil || len(folders) == 0 {
			t.Fatalf("no scenario %s: %v", pattern, err)
		}
		for _, folder := range folders {
			sizes := []int{1, 2, 3} // TestScenarios has them whole
			if testing.Short() {
				sizes = []int{2}
			}
			for _, rows := range sizes {
				t.Run(fmt.Sprintf("%s/%d rows", filepath.Base(folder), rows), func(t *testing.T) {
					t.Parallel()
					s := &scenario{folder: folder, schema: pgtest.Schema(t), conn: pgtest.Connect(t), settings: fmt.Sprintf(`{"batch_max_rows": %d}`, rows)}
					s.run(t)
				})
			}
		}
	}
}
