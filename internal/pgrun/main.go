// Command pgrun runs a command with a temporary PostgreSQL beside it:
//
//	go run ./internal/pgrun -- go test ./target/...
//
// The command finds the server's URL in TEST_POSTGRES_DSN and gives pgrun its exit status; the server and its data are
// gone afterwards. Without a command, pgrun prints the URL and keeps the server until it is interrupted. When
// TEST_POSTGRES_DSN is set already, and nothing particular is asked for by a flag, the command gets that server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"target-postgres/internal/pgserver"
)

// variable is where tests, benchmarks and the conformance suite look for a server.
const variable = "TEST_POSTGRES_DSN"

// grace is how long an interrupted command may take to end before it is killed.
const grace = 30 * time.Second

// failure is the exit status for errors of pgrun itself, apart from any that a command would choose.
const failure = 125

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgrun:", err)
	}
	os.Exit(status)
}

// run starts the server, runs the command and stops the server, also if the command fails.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (status int, err error) {
	o, command, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0, nil
	}
	if err != nil {
		return failure, err
	}
	if url := os.Getenv(variable); url != "" && o.Version == "" && len(o.Settings) == 0 && len(command) > 0 {
		return execute(ctx, command, url, stdout, stderr)
	}
	o.Logf = func(format string, args ...any) { fmt.Fprintf(stderr, "pgrun: "+format+"\n", args...) }
	server, err := pgserver.Start(ctx, o)
	if err != nil {
		return failure, err
	}
	defer func() {
		// The context may be what ended the command; stopping must work all the same.
		if stopErr := server.Stop(context.WithoutCancel(ctx)); stopErr != nil {
			status, err = failure, errors.Join(err, stopErr)
		}
	}()
	if len(command) == 0 {
		fmt.Fprintln(stdout, server.URL)
		<-ctx.Done()
		return 0, nil
	}
	return execute(ctx, command, server.URL, stdout, stderr)
}

// parse reads pgrun's own flags and leaves the command.
func parse(args []string, stderr io.Writer) (pgserver.Options, []string, error) {
	o := pgserver.Options{Settings: map[string]string{}}
	flags := flag.NewFlagSet("pgrun", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Version, "version", "", "major `version` of PostgreSQL; any when empty")
	flags.Func("set", "server setting, as `name=value`; may be repeated", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return errors.New("want name=value")
		}
		o.Settings[name] = value
		return nil
	})
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: pgrun [flags] [--] [command [argument ...]]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return o, nil, err
	}
	return o, flags.Args(), nil
}

// execute runs the command to its end and returns its exit status. An interrupt is passed on as SIGTERM, because a
// terminal's SIGINT has reached the command already.
func execute(ctx context.Context, command []string, url string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), variable+"="+url)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return failure, fmt.Errorf("run %s: %w", command[0], err)
	}
	return 0, nil
}
