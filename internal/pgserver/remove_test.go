package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRemoveTakesARunningServerAndItsDataAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), "server")
	s := durable(t, dir)
	stranger := filepath.Join(dir, "a file of somebody else")
	if err := os.WriteFile(stranger, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Remove(t.Context(), dir); err == nil {
		t.Error("Remove took a directory that holds other files")
	}
	if got := query(t, s.URL, "select 1::text"); got != "1" {
		t.Error("the server of a refused directory does not answer any more")
	}
	if err := os.Remove(stranger); err != nil {
		t.Fatal(err)
	}
	removed, err := Remove(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{dir}, removed); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
	if again, err := Remove(t.Context(), dir); err != nil || len(again) > 0 {
		t.Errorf("Remove of nothing: %v, %v", again, err)
	}
}
