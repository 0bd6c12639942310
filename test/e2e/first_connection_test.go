//go:build unix

package e2e

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A server that was never reached is tried for all the time that the setting allows, and the message says how long that
// was.
func TestTheFirstConnectionIsTriedForAllItsTime(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]int{"first_connection_seconds": 1, "max_retry_seconds": 1} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			w := startWaiting(t, map[string]any{"host": "127.0.0.1", "port": 1, "username": "u", "database": "d", "schema": "s", setting: value})
			w.say(signalSchema, signalRecord, signalState)
			if err := w.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			for line := range w.lines {
				w.seen = append(w.seen, line)
			}
			if err := w.cmd.Wait(); err == nil || err.(*exec.ExitError).ExitCode() != 1 {
				t.Errorf("the program ended with %v", err)
			}
			took, said := time.Since(began), strings.Join(w.seen, "\n")
			found := regexp.MustCompile(`it was tried for (\S+);`).FindStringSubmatch(said)
			if found == nil {
				t.Fatalf("no line says for how long it was tried:\n%s", said)
			}
			tried, err := time.ParseDuration(found[1])
			if err != nil || tried < time.Duration(value)*time.Second || tried > took {
				t.Errorf("it says %s and took %s (%v):\n%s", found[1], took, err, said)
			}
		})
	}
}
