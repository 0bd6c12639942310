//go:build unix

package faults

import (
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// defaultSeeds keeps an ordinary test run short; FAULT_SEEDS asks for more.
const defaultSeeds = 1

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

// buildAndRun builds the program, runs the tests and says what they amount to.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	executable = filepath.Join(dir, "target-postgres")
	build := exec.Command("go", append(append([]string{"build"}, buildFlags()...), "-o", executable, "../..")...)
	if !raceEnabled {
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is shipped
	}
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, output)
		return 1
	}
	// Trials mostly wait: for processes, for the server, for retries.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("8")
	}
	began := time.Now()
	code := m.Run()
	fmt.Fprintf(os.Stderr, "faults: %d trials (%d faults × %d load modes × %d seeds, %d × %d of Airbyte), %d struck, %d resumed; "+
		"%d states checked as they left, %d rows compared; %d of %d runs that were to commit what they had read gave up; %d problems; %.0f s\n",
		trials.Load(), len(faults()), len(modes()), seeds(), len(airbyteFaults()), len(airbyteModes()), strikes.Load(), resumed.Load(),
		statesChecked.Load(), rowsCompared.Load(), gaveUp.Load(), flushed.Load(), problems.Load(), time.Since(began).Seconds())
	if code == 0 && 3*gaveUp.Load() > flushed.Load() {
		fmt.Fprintln(os.Stderr, "faults: more than a third of the runs that were to commit what they had read gave up")
		return 1
	}
	return code
}

// seeds is the number of seeds for each fault in each mode.
func seeds() int {
	if n, err := strconv.Atoi(os.Getenv("FAULT_SEEDS")); err == nil {
		return n
	}
	return defaultSeeds
}

// buildFlags builds the program with the race detector where the tests have it.
func buildFlags() []string {
	if raceEnabled {
		return []string{"-race"}
	}
	return nil
}

// uniqueName names a schema, and the sessions that load into it.
func uniqueName() string { return "faults_" + strings.ToLower(rand.Text()[:16]) }
