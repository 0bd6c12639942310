package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"target-postgres/internal/cli"
	"target-postgres/internal/pgtest"
)

// terminal opens a terminal at which a user types a text and ends the input.
func terminal(t *testing.T, typed string) *os.File {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	if _, err := keyboard.WriteString(typed + "\x04"); err != nil {
		t.Fatal(err)
	}
	return screen
}

func TestAUserAtATerminalIsToldWhatTheProgramWaitsFor(t *testing.T) {
	t.Parallel()
	const told = "reading messages from the terminal"
	cfg := configFile(t, map[string]any{"url": pgtest.URL(t), "schema": pgtest.Schema(t)})
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	spec, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		stdin *os.File
		want  bool
	}{{terminal(t, users), true}, {nothing, false}} {
		stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stderr.Close() })
		program := cli.Program{
			Spec: cli.ReadSpec(spec), Args: []string{"--config", cfg}, Stdin: tt.stdin, Stdout: &bytes.Buffer{}, Stderr: stderr, Getenv: func(string) string { return "" },
		}
		code := program.Run(t.Context())
		said, err := os.ReadFile(stderr.Name())
		if err != nil {
			t.Fatal(err)
		}
		if code != 0 || strings.Contains(string(said), told) != tt.want || strings.Contains(string(said), "records=1") != tt.want {
			t.Errorf("exit code %d, told %v:\n%s", code, tt.want, said)
		}
	}
}
