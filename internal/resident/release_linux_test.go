package resident

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestThePagesOfTheProgramAreGivenBack runs itself as a process of its own, so that no other test reads the pages again
// meanwhile.
func TestThePagesOfTheProgramAreGivenBack(t *testing.T) {
	t.Parallel()
	if os.Getenv("RESIDENT_TEST") != "" {
		ticks := make(chan time.Time)
		go follow(own(), ticks)
		before := resident(t)
		ticks <- time.Time{}
		ticks <- time.Time{} // the first is done with
		t.Logf("resident %d %d", before, resident(t))
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", t.Name(), "-test.v")
	cmd.Env = append(os.Environ(), "RESIDENT_TEST=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, found, _ := strings.Cut(string(out), "resident ")
	fields := strings.Fields(found)
	if len(fields) < 2 {
		t.Fatalf("%s", out)
	}
	before, _ := strconv.Atoi(fields[0])
	after, _ := strconv.Atoi(fields[1])
	if before == 0 || after >= before {
		t.Errorf("%d kB of files were resident, then %d kB", before, after)
	}
}

// resident is how much of files the process has in memory, in kB.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, is := strings.CutPrefix(line, "RssFile:"); is {
			kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes
		}
	}
	t.Skip("the system does not say how much of files is in memory")
	return 0
}
