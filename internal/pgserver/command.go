package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// logFunc reports what takes time; nil is silent.
type logFunc func(format string, args ...any)

func (f logFunc) printf(format string, args ...any) {
	if f != nil {
		f(format, args...)
	}
}

// every repeats a message with the seconds that have passed, until the function that it returns is called.
func (f logFunc) every(interval time.Duration, message string) func() {
	started, done, over := time.Now(), make(chan struct{}), make(chan struct{})
	ticker := time.NewTicker(interval)
	go func() {
		defer close(over)
		for {
			select {
			case <-ticker.C:
				f.printf("%s, %d s so far", message, int(time.Since(started).Seconds()))
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-over
	}
}

// run executes one program of PostgreSQL in dir as the given account and returns what it printed. The error contains
// the last lines of that.
func (in install) run(ctx context.Context, as *account, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(in.bin, executable(program)), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	// The caller's directory may be closed to the account, and PostgreSQL's programs insist on knowing theirs.
	cmd.Dir = dir
	cmd.Env = environment(os.Environ())
	// On Windows the server inherits pg_ctl's output; do not wait for it to end.
	cmd.WaitDelay = 2 * time.Second
	as.apply(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return output.String(), fmt.Errorf("%s: %w%s", program, err, indented(lastLines(output.String(), 15)))
	}
	return output.String(), nil
}

// environment is env without what would change the meaning of PostgreSQL's programs: its own PG* variables, and
// locales, whose translations would also hide the messages that launch looks for.
func environment(env []string) []string {
	kept := make([]string, 0, len(env)+1)
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LC_") || name == "LANG" || name == "LANGUAGE" {
			continue
		}
		kept = append(kept, pair)
	}
	return append(kept, "LC_ALL=C")
}

func executable(program string) string {
	if runtime.GOOS == "windows" {
		return program + ".exe"
	}
	return program
}

// lastLines returns the last n non-empty lines of text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(strings.Join(lines[max(0, len(lines)-n):], "\n"))
}

// indented puts text on lines of its own below an error, or is empty for empty text.
func indented(text string) string {
	if text == "" {
		return ""
	}
	return "\n\t" + strings.ReplaceAll(text, "\n", "\n\t")
}
