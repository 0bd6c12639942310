package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"target-postgres/protocol"
	"target-postgres/target"
)

var (
	errInterrupted = errors.New("interrupted")
	errTerminated  = errors.New("terminated")
	errAborted     = errors.New("a second signal ended the run at once: the server rolls back what was not committed")
)

// garbagePercent bounds the heap to a fifth more than the batches that are in it. Steady loading makes next to no garbage,
// so that collecting early costs nothing one can measure, while Go's default would double the peak.
const garbagePercent = 20

// firstGarbagePercent lets the heap reach sixteen megabytes before anything is collected, which a small run never does. A
// small heap would be collected a dozen times on its way there, for what one collection does as well.
const firstGarbagePercent = 400

// boundGarbage sets how often garbage is collected: seldom until it was collected once, which lets go of the sentinel.
func boundGarbage() {
	debug.SetGCPercent(firstGarbagePercent)
	type sentinel struct{ _ *int }
	runtime.AddCleanup(&sentinel{}, func(percent int) { debug.SetGCPercent(percent) }, garbagePercent)
}

// load is the Singer target: messages in, STATE out.
func (p *Program) load(ctx context.Context) error {
	boundGarbage()
	lines := newConsole(p.Stderr)
	log := slog.New(protocol.NewSingerHandler(lines, protocol.IsTerminal(p.Stderr), p.Getenv))
	p.log = log
	spec, given, notes, err := p.given()
	if err != nil {
		return err
	}
	for _, note := range notes {
		log.Warn(note)
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
	counted := &meter{Reader: input}
	reader := protocol.NewSinger(counted, 0)
	defer reader.Close()
	run, err := target.New(config, reader, protocol.NewWriter(p.Stdout), log)
	if err != nil {
		return err
	}
	if p.flags.dryRun {
		run.DryRun(p.Stdout)
	}
	endProgress := func() {}
	if p.watched() && !p.flags.dryRun {
		endProgress = p.showProgress(run, counted, lines)
	}
	err = withSignals(ctx, run)
	endProgress()
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
		err = os.WriteFile(p.flags.summary, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the summary to --summary: %w", withoutPath(err))
	}
	return nil
}

// withSignals runs the engine. The first SIGINT or SIGTERM ends the run in good order. The second ends it at once, also
// where it waits for somebody to read its output; the server rolls back what was not committed.
func withSignals(ctx context.Context, run *target.Target) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	// A closed stdout is to be an error of the write that finds it, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	// They stay caught: one that comes while the outcome is written down must not take its place.
	ended := make(chan error, 1)
	go func() { ended <- run.Run(ctx) }()
	for first := os.Signal(nil); ; {
		select {
		case err := <-ended:
			if !errors.Is(err, target.ErrStopped) {
				return err
			}
			return bySignal(first, err)
		case s := <-signals:
			if first != nil {
				return bySignal(first, errAborted)
			}
			first = s
			run.Stop()
		}
	}
}

// bySignal is the outcome of a run that a signal ended: its code, and what became of the rows.
func bySignal(s os.Signal, outcome error) error {
	if s == syscall.SIGINT {
		return fmt.Errorf("%w: %w", errInterrupted, outcome)
	}
	return fmt.Errorf("%w: %w", errTerminated, outcome)
}
