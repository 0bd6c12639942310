//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDirectoriesMayHaveAnyName runs the program in directories whose paths mean something in a URL.
func TestDirectoriesMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"c#", "50%", "why?", "a b", "%zz"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		run := exec.Command(os.Args[0], "spec")
		run.Dir, run.Env = dir, append(os.Environ(), asProgram)
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("in %q: %v\n%s", name, err, out)
		}
	}
}
