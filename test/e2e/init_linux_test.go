package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A signal that ends init while it waits for a password leaves the terminal as it was: what is typed is shown again.
func TestASignalLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		keyboard, screen := terminal(t)
		cmd := exec.Command(os.Args[0], "init", "--host", "127.0.0.1", "--port", "1", "--username", "u", "--database", "d", "--output", t.TempDir())
		cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = append(os.Environ(), asProgram, "TARGET_POSTGRES_PASSWORD="), screen, screen, screen
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, keyboard, "password: ")
		if shows(t, screen) {
			t.Errorf("%v: a password would be shown", signal)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		var ended *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != code {
			t.Errorf("%v: %v, want exit code %d", signal, err, code)
		}
		if !shows(t, screen) {
			t.Errorf("%v: the terminal does not show any longer what is typed", signal)
		}
	}
}

// terminal opens a terminal, as the program sees it and as its user does.
func terminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return keyboard, screen
}

// waitFor reads what a terminal shows until it shows a text and the program has hidden what is typed next.
func waitFor(t *testing.T, keyboard *os.File, text string) {
	t.Helper()
	found := make(chan error, 1)
	go func() {
		var shown strings.Builder
		for buffer := make([]byte, 1024); !strings.Contains(shown.String(), text); {
			n, err := keyboard.Read(buffer)
			if err != nil {
				found <- err
				return
			}
			shown.Write(buffer[:n])
		}
		found <- nil
	}()
	select {
	case err := <-found:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("the terminal does not show %q", text)
	}
}

// shows reports whether a terminal shows what is typed.
func shows(t *testing.T, screen *os.File) bool {
	t.Helper()
	how, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return how.Lflag&unix.ECHO != 0
}
