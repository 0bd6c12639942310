package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"target-postgres/protocol"
	"target-postgres/target/check"
	"target-postgres/target/config"
)

// check proves the path to the tables. The outcome is Airbyte's CONNECTION_STATUS on stdout, for configurations of both
// protocols, and the steps on stderr for people. Also after a failure the exit code is 0, as Airbyte's protocol
// demands, unless --exit-code asks for 1. With that it also refuses a setting that does not exist, as a run with
// Singer's messages does; Airbyte's protocol wants such settings to be ignored.
func (p *Program) check(ctx context.Context, args []string) error {
	fail := false
	if err := p.airbyteFlags("check", args, func(set *flag.FlagSet) { set.BoolVar(&fail, "exit-code", false, "") }); err != nil {
		return err
	}
	writer := protocol.NewWriter(p.Stdout)
	read := p.airbyteConfig
	if fail {
		read = p.singerConfig
	}
	err := p.withSignals(ctx, func(ctx context.Context, _ *signals) error { return p.prove(ctx, read, writer) })
	if errors.Is(err, errInterrupted) || errors.Is(err, errTerminated) {
		return err
	}
	if err == nil {
		return writer.ConnectionStatus(true, "")
	}
	if failed, ok := errors.AsType[*check.Error](err); ok {
		fmt.Fprintf(p.Stderr, "%-8s FAILED: %s\n", failed.Step, p.inWords(failed.Err))
	}
	if err := writer.ConnectionStatus(false, p.inWords(err)); err != nil {
		return err
	}
	if fail {
		return &reported{code: exitError, err: err}
	}
	return nil
}

// prove checks the settings, and then goes the whole way of a row.
func (p *Program) prove(ctx context.Context, read func(*slog.Logger) (*config.Config, error), writer *protocol.Writer) error {
	cfg, err := read(p.airbyteLog(writer))
	if err != nil {
		return &check.Error{Step: "settings", Err: err}
	}
	return check.Run(ctx, cfg, p.airbyteLog(writer), func(step string, took time.Duration) {
		fmt.Fprintf(p.Stderr, "%-8s ok (%d ms)\n", step, took.Milliseconds())
	})
}
