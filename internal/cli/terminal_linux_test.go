package cli_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
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

// initAt runs init at a terminal at which a user types a text, and returns the configuration that it writes.
func initAt(t *testing.T, typed string, env map[string]string, args ...string) (code int, said string, written map[string]any) {
	t.Helper()
	spec, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(t.TempDir(), "config.json")
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	program := cli.Program{
		Spec: cli.ReadSpec(spec), Args: append([]string{"init", "--output", output}, args...), Stdin: terminal(t, typed), Stdout: &bytes.Buffer{}, Stderr: stderr,
		Getenv: func(name string) string { return env[name] },
	}
	code = program.Run(t.Context())
	if data, err := os.ReadFile(output); err == nil {
		if err := json.Unmarshal(data, &written); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(text), written
}

func TestAPasswordIsTakenAsItIsTyped(t *testing.T) {
	t.Parallel()
	role := pgtest.User(t, pgtest.Role(t, pgtest.URL(t), "superuser"))
	pgtest.Execute(t, "ALTER ROLE "+role+" PASSWORD ' two  words	and \"\\ '")
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	code, said, written := initAt(t, " two  words\x16\tand \"\\ \n", nil,
		"--host", at.Hostname(), "--port", at.Port(), "--username", role, "--database", strings.TrimPrefix(at.Path, "/"), "--schema", pgtest.Schema(t))
	if code != 0 || written["password"] != " two  words\tand \"\\ " {
		t.Errorf("exit code %d, the password is %q: %s", code, written["password"], said)
	}
}

// A setting without a default is asked for until there is an answer.
func TestInitAsksAgainForWhatItNeeds(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	code, said, written := initAt(t, "\n \n"+at.User.Username()+"\n", nil, "--host", at.Hostname(), "--port", at.Port(),
		"--database", strings.TrimPrefix(at.Path, "/"), "--schema", pgtest.Schema(t), "--password", cmp.Or(password, "any"))
	if code != 0 || written["username"] != at.User.Username() || strings.Count(said, "username: ") != 3 {
		t.Errorf("exit code %d, the configuration is %v: %s", code, written, said)
	}
}

func TestThePasswordOfAURLWithoutOneIsAskedFor(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	if password == "" {
		password = "any" // the server trusts everybody
	}
	bare := *at
	bare.User = url.User(at.User.Username())
	own := *at
	own.User = url.UserPassword(at.User.Username(), password)
	for name, test := range map[string]struct {
		url, typed string
		env        map[string]string
		want       any
	}{
		"it is typed":           {bare.String(), password + "\n", nil, password},
		"it is in a variable":   {bare.String(), "", map[string]string{"TARGET_POSTGRES_PASSWORD": password}, password},
		"the URL has one":       {own.String(), "", map[string]string{"TARGET_POSTGRES_PASSWORD": "another"}, nil},
		"the server wants none": {bare.String(), "\n", nil, nil},
	} {
		if name == "the server wants none" && password != "any" {
			continue
		}
		code, said, written := initAt(t, test.typed, test.env, "--url", test.url, "--schema", pgtest.Schema(t))
		if code != 0 || written["password"] != test.want {
			t.Errorf("%s: exit code %d, the password is %v: %s", name, code, written["password"], said)
		}
	}
}
