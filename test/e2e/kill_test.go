//go:build unix

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// airbyteSync is one sync of stream t in a process of its own.
type airbyteSync struct {
	mode                      string
	generation, minimum, sync int
	// ids are the records, each emitted a second after the one before it.
	ids []int
	// complete says COMPLETE at the end.
	complete bool
}

// stateSeen starts the process, feeds it the records and a STATE, and returns once that STATE came back. The input
// stays open.
func (a airbyteSync) stateSeen(t *testing.T, schema string) (cmd *exec.Cmd, stdin io.WriteCloser) {
	t.Helper()
	dir := t.TempDir()
	cfg := fmt.Sprintf(`{"url": %q, "schema": %q, "batch_max_age": 0.02}`, pgtest.URL(t), schema)
	catalog := fmt.Sprintf(`{"streams": [{"stream": {"name": "t", "json_schema": {"properties": {"id": {"type": "integer"}}}}, "sync_mode": "incremental",
		"destination_sync_mode": %q, "primary_key": [["id"]], "generation_id": %d, "minimum_generation_id": %d, "sync_id": %d}]}`,
		a.mode, a.generation, a.minimum, a.sync)
	for name, text := range map[string]string{"config.json": cfg, "catalog.json": catalog} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd = exec.Command(os.Args[0], "write", "--config", filepath.Join(dir, "config.json"), "--catalog", filepath.Join(dir, "catalog.json"))
	cmd.Env = append(os.Environ(), asProgram)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for _, id := range a.ids {
		fmt.Fprintf(stdin, `{"type":"RECORD","record":{"stream":"t","data":{"id":%d},"emitted_at":%d}}`+"\n", id, 1_700_000_000_000+1000*a.sync)
	}
	fmt.Fprintln(stdin, `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"t"},"stream_state":{}}}}`)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"type":"STATE"`) {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return cmd, stdin
		}
	}
	t.Fatalf("the process ended before the STATE came back: %v", cmd.Wait())
	return nil, nil
}

// killed runs the sync until its STATE came back, and kills it.
func (a airbyteSync) killed(t *testing.T, schema string) {
	t.Helper()
	cmd, _ := a.stateSeen(t, schema)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// finished runs the sync to its end.
func (a airbyteSync) finished(t *testing.T, schema string) {
	t.Helper()
	cmd, stdin := a.stateSeen(t, schema)
	if a.complete {
		fmt.Fprintln(stdin, `{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.0,"stream_status":{"stream_descriptor":{"name":"t"},"status":"COMPLETE"}}}`)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// ids reads the table.
func ids(t *testing.T, schema string) []int {
	t.Helper()
	rows, err := pgtest.Connect(t).Query(t.Context(), "SELECT id FROM "+pgx.Identifier{schema, "t"}.Sanitize()+" ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWhatAnAcknowledgedStateCoversSurvivesAKill is Airbyte's testMidSyncCheckpointingStreamState, and
// testInterruptedTruncateWithPriorData, resumeAfterCancelledTruncate and testInterruptedTruncateWithoutPriorData with
// SIGKILL.
func TestWhatAnAcknowledgedStateCoversSurvivesAKill(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"append", "append_dedup", "overwrite"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			check := func(when string, want ...int) {
				t.Helper()
				if diff := cmp.Diff(want, ids(t, schema)); diff != "" {
					t.Fatalf("%s (-want +got):\n%s", when, diff)
				}
			}
			airbyteSync{mode: mode, generation: 41, sync: 1, ids: []int{1}}.killed(t, schema)
			airbyteSync{mode: mode, generation: 41, sync: 2, ids: []int{2}, complete: true}.finished(t, schema)
			check("after a killed sync and another", 1, 2)

			airbyteSync{mode: mode, generation: 42, minimum: 42, sync: 3, ids: []int{3}}.killed(t, schema)
			check("while a refresh is unfinished", 1, 2)
			airbyteSync{mode: mode, generation: 42, minimum: 42, sync: 4, ids: []int{4}, complete: true}.finished(t, schema)
			check("after the refresh was resumed", 3, 4)

			airbyteSync{mode: mode, generation: 43, minimum: 43, sync: 5, ids: []int{5}}.killed(t, schema)
			airbyteSync{mode: mode, generation: 44, sync: 6, ids: []int{6}, complete: true}.finished(t, schema)
			check("after a refresh was cancelled", 3, 4, 5, 6)

			airbyteSync{mode: mode, generation: 45, minimum: 45, sync: 7, ids: []int{7}}.killed(t, schema)
			airbyteSync{mode: mode, generation: 46, minimum: 46, sync: 8, ids: []int{8}, complete: true}.finished(t, schema)
			check("after another refresh took its place", 8)
		})
	}
}

// TestAFirstRefreshIsVisibleAtOnce is about an empty table: there is nothing to keep readers from.
func TestAFirstRefreshIsVisibleAtOnce(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	airbyteSync{mode: "append", generation: 42, minimum: 42, sync: 1, ids: []int{1}}.killed(t, schema)
	if diff := cmp.Diff([]int{1}, ids(t, schema)); diff != "" {
		t.Errorf("after the kill (-want +got):\n%s", diff)
	}
	airbyteSync{mode: "append", generation: 42, minimum: 42, sync: 2, ids: []int{2}, complete: true}.finished(t, schema)
	if diff := cmp.Diff([]int{1, 2}, ids(t, schema)); diff != "" {
		t.Errorf("after the end (-want +got):\n%s", diff)
	}
}
