//go:build unix

package faults

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// executable is the program under test, built once by TestMain.
var executable string

// killed stands for the exit code of a process that SIGKILL ended.
const killed = -1

// process is one run of the program.
type process struct {
	cmd    *exec.Cmd
	stdin  *os.File
	out    *outlet
	stderr *safeBuffer
	// tap is what it is fed from.
	tap *tap
	// states are the positions of the states that left, in order; left hands over each as it comes.
	states []int
	// from is the position that it began at, and counted the number of records that its states counted.
	from, counted int
	left          chan int
	// exited is closed when the process has ended and everything it wrote was handled; then code is its exit code.
	exited chan struct{}
	code   int
	// overdue is set when the process had to be ended because it did not end.
	overdue atomic.Bool
}

// safeBuffer can be read while it is being written to.
type safeBuffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

func (b *safeBuffer) contains(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.data.Bytes(), []byte(text))
}

// launch starts the program with a configuration. wrap is a command line to put before the program's, nil for none.
func launch(t testing.TB, cfg map[string]any, wrap []string, says *tap, line func(p *process, line []byte)) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	if format := os.Getenv("FAULT_COPY_FORMAT"); format != "" {
		cfg = maps.Clone(cfg)
		cfg["copy_format"] = format
	}
	if err := os.WriteFile(file, []byte(asJSON(cfg)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{}, wrap...), executable)
	if says.catalog != "" {
		catalog := filepath.Join(filepath.Dir(file), "catalog.json")
		if err := os.WriteFile(catalog, []byte(says.catalog), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "write", "--catalog", catalog)
	}
	args = append(args, "--config", file)
	p := &process{
		tap: says, stderr: &safeBuffer{}, exited: make(chan struct{}), left: make(chan int, len(says.messages)),
		cmd: exec.Command(args[0], args[1:]...),
	}
	in, stdin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, in, out, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	_ = out.Close()
	p.out = newOutlet(stdout, func(text []byte) { line(p, text) })
	go p.wait()
	go p.watch()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		_ = p.stdin.Close()
		_ = stdout.Close()
	})
	return p
}

func (p *process) wait() {
	defer close(p.exited)
	err := p.cmd.Wait()
	p.out.unstick()
	<-p.out.ended
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		p.code = failed.ExitCode() // -1 after a signal
	}
}

// say writes the messages to the program's stdin, calling before with the number of each. It ends when the program
// does.
func (p *process) say(messages []message, before func(n int)) {
	for i, m := range messages {
		before(i)
		if _, err := p.stdin.WriteString(m.raw + "\n"); err != nil {
			return
		}
	}
}

// listened waits until the program has read what was said, though not for a program that has stopped to read.
func (p *process) listened() {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for range 500 {
		if pending(p.stdin) == 0 {
			return
		}
		select {
		case <-p.exited:
			return
		case <-again.C:
		}
	}
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

// complaints are what the program has said on stderr, less the reports of what went well.
func (p *process) complaints() string {
	var b strings.Builder
	for line := range strings.Lines(p.stderr.String()) {
		if !strings.Contains(line, "| INFO") && b.Len() < 8000 {
			b.WriteString(line)
		}
	}
	return b.String()
}

// signalUntilExit sends a signal again and again, as somebody does who has lost patience. After the second the program
// listens to none: one that comes while it is about to exit kills it.
func (p *process) signalUntilExit(s os.Signal) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		p.signal(s)
		select {
		case <-p.exited:
			return
		case <-again.C:
		}
	}
}

// watch ends a process that does not end, after making it say where it stands.
func (p *process) watch() {
	select {
	case <-p.exited:
		return
	case <-time.After(patience):
	}
	p.overdue.Store(true)
	p.signal(syscall.SIGQUIT)
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		p.signal(syscall.SIGKILL)
	}
}

// finish waits for the end.
func (p *process) finish() error {
	<-p.exited
	if p.overdue.Load() {
		return fmt.Errorf("the program did not end:\n%s", p.complaints())
	}
	return nil
}
