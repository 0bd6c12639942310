package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"target-postgres/protocol"
	"target-postgres/target"
)

var (
	errInterrupted = errors.New("interrupted")
	errTerminated  = errors.New("terminated")
)

// garbagePercent bounds the heap to a third more than the batches that are in it. Steady loading makes next to no garbage,
// so that collecting early costs nothing one can measure, while Go's default would double the peak.
const garbagePercent = 30

// load is the Singer target: messages in, STATE out.
func (p *Program) load(ctx context.Context) error {
	debug.SetGCPercent(garbagePercent)
	log := slog.New(protocol.NewSingerHandler(p.Stderr, p.Getenv))
	p.log = log
	spec, err := target.ParseSpec(p.Spec)
	if err != nil {
		return err
	}
	given, err := p.settings(spec)
	if err != nil {
		return err
	}
	input, closeInput, err := p.open()
	if err != nil {
		return err
	}
	defer closeInput()
	var server *embedded
	if p.flags.embedded {
		if server, err = p.startEmbedded(ctx, given, log); err != nil {
			return err
		}
	}
	config, err := spec.Config(given)
	if err != nil {
		return err
	}
	for _, note := range config.Notes {
		log.Warn(note)
	}
	reader := protocol.NewSinger(input, 0)
	defer reader.Close()
	run, err := target.New(config, reader, protocol.NewWriter(p.Stdout), log)
	if err != nil {
		return err
	}
	if p.flags.dryRun {
		run.DryRun(p.Stdout)
	}
	err = withSignals(ctx, run)
	if err := errors.Join(err, p.summarise(run, err)); err != nil {
		return err
	}
	if server != nil {
		return server.show(ctx, run)
	}
	return nil
}

// summarise says what became of a run, in the log and in the file of --summary, also when it failed.
func (p *Program) summarise(run *target.Target, outcome error) error {
	if p.flags.dryRun {
		return nil
	}
	summary := run.Summary(outcome)
	summary.Log(p.log)
	if p.flags.summary == "" {
		return nil
	}
	data, err := json.MarshalIndent(summary, "", "  ")
	if err == nil {
		err = os.WriteFile(p.flags.summary, append(data, '\n'), 0o644) //nolint:gosec // counts, for whoever runs the pipeline
	}
	if err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// withSignals runs the engine. The first SIGINT or SIGTERM ends the run in good order; the second ends the process.
func withSignals(ctx context.Context, run *target.Target) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	// A closed stdout is to be an error of the write that finds it, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	received := make(chan os.Signal, 1)
	go func() {
		select {
		case s := <-signals:
			received <- s
			run.Stop()
		case <-ctx.Done():
			return
		}
		select {
		case <-signals:
			abort()
		case <-ctx.Done():
		}
	}()
	err := run.Run(ctx)
	if !errors.Is(err, target.ErrStopped) {
		return err
	}
	if <-received == syscall.SIGINT {
		return errInterrupted
	}
	return errTerminated
}
