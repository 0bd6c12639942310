package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// TestMain lets this test binary be the command that pgrun runs, so that the tests need no shell.
func TestMain(m *testing.M) {
	switch os.Getenv("PGRUN_TEST_COMMAND") {
	case "":
		os.Exit(m.Run())
	case "print":
		os.Stdout.WriteString(os.Getenv(variable))
	case "fail":
		os.Exit(7)
	case "wait":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		os.Stdout.WriteString("ready")
		<-asked
		os.Exit(9)
	}
}

// itself runs pgrun with this test binary, told by as to behave like that command.
func itself(ctx context.Context, t *testing.T, as string, stdout io.Writer, flags ...string) (int, error) {
	t.Helper()
	t.Setenv("PGRUN_TEST_COMMAND", as)
	return run(ctx, append(flags, "--", os.Args[0]), stdout, io.Discard)
}

func TestCommandFindsAServerWithTheWantedSettingsThatIsGoneAfterwards(t *testing.T) {
	t.Setenv(variable, "")
	ctx := t.Context()
	var url, setting string
	stdout := writerFunc(func(p []byte) {
		url = string(p)
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			t.Errorf("connect while the command runs: %v", err)
			return
		}
		defer conn.Close(ctx)
		if err := conn.QueryRow(ctx, "SHOW work_mem").Scan(&setting); err != nil {
			t.Errorf("read a setting: %v", err)
		}
	})

	status, err := itself(ctx, t, "print", stdout, "-set", "work_mem=7MB")
	if status != 0 || err != nil {
		t.Fatalf("run = %d, %v, want 0, nil", status, err)
	}
	if setting != "7MB" {
		t.Errorf("work_mem = %q, want 7MB", setting)
	}
	if conn, err := pgx.Connect(ctx, url); err == nil {
		conn.Close(ctx)
		t.Error("the server still answers after pgrun returned")
	}
}

func TestGivenServerIsUsedAsItIs(t *testing.T) {
	t.Setenv(variable, "postgres://given.example/db")
	var stdout bytes.Buffer

	status, err := itself(t.Context(), t, "print", &stdout)
	if status != 0 || err != nil {
		t.Fatalf("run = %d, %v, want 0, nil", status, err)
	}
	if got := stdout.String(); got != "postgres://given.example/db" {
		t.Errorf("the command saw %q, want the given URL", got)
	}
}

func TestExitStatusIsTheCommands(t *testing.T) {
	t.Setenv(variable, "postgres://given.example/db")

	status, err := itself(t.Context(), t, "fail", io.Discard)
	if status != 7 || err != nil {
		t.Errorf("run = %d, %v, want 7, nil", status, err)
	}
}

func TestInterruptedCommandMayEndInOrder(t *testing.T) {
	t.Setenv(variable, "postgres://given.example/db")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	status, err := itself(ctx, t, "wait", writerFunc(func([]byte) { interrupt() }))
	if status != 9 || err != nil {
		t.Errorf("run = %d, %v, want 9, nil", status, err)
	}
}

func TestMissingCommandIsPgrunsOwnFailure(t *testing.T) {
	t.Setenv(variable, "postgres://given.example/db")

	status, err := run(t.Context(), []string{"--", "no-such-command-anywhere"}, io.Discard, io.Discard)
	if status != failure || err == nil || !strings.Contains(err.Error(), "no-such-command-anywhere") {
		t.Errorf("run = %d, %v, want %d and an error naming the command", status, err, failure)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		args     []string
		version  string
		settings map[string]string
		command  []string
		fails    bool
	}{
		{name: "no argument asks for any server", settings: map[string]string{}},
		{
			name: "flags end where the command begins", args: []string{"-version", "15", "go", "test", "-set", "a=b"},
			version: "15", settings: map[string]string{}, command: []string{"go", "test", "-set", "a=b"},
		},
		{
			name: "settings may contain equals signs", args: []string{"-set", "a=b=c", "-set", "d="},
			settings: map[string]string{"a": "b=c", "d": ""},
		},
		{name: "a setting without a value is refused", args: []string{"-set", "fsync"}, fails: true},
		{name: "a setting without a name is refused", args: []string{"-set", "=on"}, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o, command, err := parse(tt.args, io.Discard)
			if tt.fails {
				if err == nil {
					t.Error("parse succeeded, want an error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if o.Version != tt.version {
				t.Errorf("version = %q, want %q", o.Version, tt.version)
			}
			if diff := cmp.Diff(tt.settings, o.Settings); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
			if len(command) != len(tt.command) || !cmp.Equal(append([]string{}, command...), append([]string{}, tt.command...)) {
				t.Errorf("command = %q, want %q", command, tt.command)
			}
		})
	}
}

// writerFunc sees what the command prints while it still runs.
type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
