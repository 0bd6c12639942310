// Package cli turns the command line into a run of the engine and the outcome into an exit code. Everything it needs of
// the process comes in through [Program], so that a test can run it whole.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"target-postgres/internal/pgserver"
	"target-postgres/target/settings"
)

// The exit codes.
const (
	exitOK = 0
	// exitError is every failed run.
	exitError = 1
	// exitUsage is a command line that cannot be understood.
	exitUsage = 2
	// exitInterrupted and exitTerminated are runs ended by SIGINT and SIGTERM: what was read is committed and its STATE
	// emitted, but the input was not read to its end.
	exitInterrupted = 130
	exitTerminated  = 143
)

// ReadSpec returns a function that reads spec.json when it is first called. Programs of one process may have it in
// common.
func ReadSpec(data []byte) func() (*settings.Spec, error) {
	return sync.OnceValues(func() (*settings.Spec, error) { return settings.Parse(data) })
}

// Program is one invocation of target-postgres.
type Program struct {
	// Name is how the program was called, the first argument of its process; empty for target-postgres.
	Name string
	// Version is printed by --version.
	Version string
	// Spec is what spec.json says; see [ReadSpec].
	Spec func() (*settings.Spec, error)
	// Args are the arguments without the program's name.
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr *os.File
	Getenv func(string) string
	// Environ lists the environment, to find variables that nothing answers to; nil for none.
	Environ func() []string

	// startServer starts the server of --embedded; nil for [pgserver.Start].
	startServer func(context.Context, pgserver.Options) (*pgserver.Server, error)

	flags options
	// command is one that stood behind the flags, "" for none.
	command string
	log     *slog.Logger // nil before there is anything to load
	// words puts a message in the words of the protocol whose configuration was read, nil for those of Singer.
	words func(string) string
}

// options are the flags of the Singer command line.
type options struct {
	configs  list
	input    string
	format   string
	version  bool
	about    bool
	embedded bool
	dryRun   bool
	summary  string
	// stateFile is where the newest STATE is kept beside standard output, "" for nowhere.
	stateFile string
}

// list is a flag that may be repeated.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// usage fits a screen.
const usage = `target-postgres loads streams of records into PostgreSQL.

Singer:  some-tap | target-postgres --config config.json > state.jsonl
  -c, --config FILE    settings as JSON; may be repeated, later ones win; ENV is
                       the TARGET_POSTGRES_* variables, which win over files
  --input FILE         read the messages from FILE instead of stdin
  --dry-run            show the DDL that a run would execute, change nothing
  --summary FILE       write a report on every stream to FILE (.json, .html)
  --state-file FILE    keep the newest STATE in FILE too, for the tap's next run
  --embedded           start a PostgreSQL, load into it and show the result
  --about              settings (--format text, json, json-schema, markdown)
  --version, --help    print the version, this text
  state --config FILE  print the STATE that state_table has saved, for the tap

Airbyte:
  spec                                print the settings, as Airbyte reads them
  check --config FILE [--exit-code]   test every step of a load, change nothing
  write --config FILE --catalog FILE  load Airbyte's messages from stdin

  init | keygen             make a configuration; a key pair for an SSH tunnel
  embedded stop | remove    stop the server of --embedded; remove its data too
  completion bash|zsh|fish  print a script that completes the command line
Exit codes: 0 done, 1 failed (rows before the failure are committed and their
STATE is emitted), 2 wrong usage, 130 and 143 ended by SIGINT and SIGTERM.
`

// Run does what the arguments ask for and returns the exit code.
func (p *Program) Run(ctx context.Context) int {
	err := p.dispatch(ctx)
	var wrong *usageError
	var told *reported
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &told):
		return told.code
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(p.Stdout, usage)
		return exitOK
	case errors.As(err, &wrong):
		p.complain(ctx, err)
		return exitUsage
	case errors.Is(err, errInterrupted):
		p.complain(ctx, err)
		return exitInterrupted
	case errors.Is(err, errTerminated):
		p.complain(ctx, err)
		return exitTerminated
	default:
		p.complain(ctx, err)
		return exitError
	}
}

// complain says what ended the run: as a log line where there is a log, so that Meltano can read it as one.
func (p *Program) complain(ctx context.Context, err error) {
	if p.log == nil || !p.log.Enabled(ctx, slog.LevelError) {
		fmt.Fprintf(p.Stderr, "target-postgres: %v\n", err)
		return
	}
	p.log.ErrorContext(ctx, err.Error())
}

// usageError is a command line that cannot be understood.
type usageError struct{ reason string }

func (e *usageError) Error() string { return e.reason + "; see target-postgres --help" }

func (p *Program) dispatch(ctx context.Context) error {
	if asksForHelp(p.Args) {
		return flag.ErrHelp
	}
	if len(p.Args) > 0 {
		switch p.Args[0] {
		case "init":
			return p.initialise(ctx, p.Args[1:])
		case "keygen":
			return p.keygen(p.Args[1:])
		case "spec":
			return p.airbyteSpec(p.Args[1:])
		case "check":
			return p.check(ctx, p.Args[1:])
		case "state":
			if err := p.airbyteFlags("state", p.Args[1:], func(*flag.FlagSet) {}); err != nil {
				return err
			}
			return p.withSignals(ctx, p.state)
		case "write":
			return p.airbyteWrite(ctx, p.Args[1:])
		case "completion":
			return p.completion(p.Args[1:])
		case "embedded":
			return p.embeddedCommand(ctx, p.Args[1:])
		}
	}
	if err := p.parse(p.Args); err != nil {
		return err
	}
	switch {
	case p.command == "state":
		return p.withSignals(ctx, p.state)
	case p.flags.version:
		_, err := fmt.Fprintf(p.Stdout, "target-postgres v%s\n", p.plainVersion())
		return err
	case p.flags.about:
		return p.about()
	default:
		return p.withSignals(ctx, p.load)
	}
}

// asksForHelp reports whether a command that has no flags is asked for help.
func asksForHelp(args []string) bool {
	return len(args) > 1 && slices.Contains([]string{"completion", "embedded", "spec"}, args[0]) && slices.Contains([]string{"--help", "-help", "-h"}, args[len(args)-1])
}

// flagSet are the flags of the Singer command line, those of the whole program.
func (p *Program) flagSet() *flag.FlagSet {
	set := flag.NewFlagSet("target-postgres", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Var(&p.flags.configs, "config", "")
	set.Var(&p.flags.configs, "c", "")
	set.StringVar(&p.flags.input, "input", "", "")
	set.BoolVar(&p.flags.version, "version", false, "")
	set.BoolVar(&p.flags.about, "about", false, "")
	set.StringVar(&p.flags.format, "format", "", "")
	set.BoolVar(&p.flags.dryRun, "dry-run", false, "")
	set.StringVar(&p.flags.summary, "summary", "", "")
	set.StringVar(&p.flags.stateFile, "state-file", "", "")
	set.BoolVar(&p.flags.embedded, "embedded", false, "")
	return set
}

func (p *Program) parse(args []string) error {
	set := p.flagSet()
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return wrongFlag(err)
	}
	// `meltano invoke target-postgres state` puts the configuration before the command.
	if set.NArg() == 1 && set.Arg(0) == "state" && len(p.flags.configs) > 0 {
		p.command = "state"
		return nil
	}
	if set.NArg() > 0 {
		return &usageError{unexpected(set.Arg(0))}
	}
	return nil
}

// open returns the input: stdin, or the file that --input names. A user who has piped nothing into the program is told
// what it waits for.
func (p *Program) open(log *slog.Logger) (io.Reader, func(), error) {
	if p.flags.input == "" {
		if stdin, ok := p.Stdin.(*os.File); ok {
			widenPipe(stdin)
			if isTerminal(stdin) {
				log.Info("reading messages from the terminal: pipe a tap into target-postgres, or give --input FILE; Ctrl+D ends the input")
			}
		}
		return p.Stdin, func() {}, nil
	}
	file, err := os.Open(p.flags.input)
	if err != nil {
		return nil, nil, unreadable("--input", p.flags.input, err)
	}
	return file, func() { _ = file.Close() }, nil
}
