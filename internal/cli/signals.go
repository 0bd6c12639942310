package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"target-postgres/target"
	"target-postgres/target/pipeline"
)

var (
	errInterrupted = errors.New("interrupted")
	errTerminated  = errors.New("terminated")
	errAborted     = errors.New("a second signal stopped the run immediately: the server rolls back uncommitted rows")
	errLeft        = errors.New("stopped by a signal: nothing was left to be committed")
)

// leaveAfter is how long a command that only waits may take to leave in good order, such as a check to roll back.
const leaveAfter = 1500 * time.Millisecond

// signals is what SIGINT and SIGTERM do to a command.
type signals struct {
	// engine is what the first signal stops, nil before there is something to stop in good order.
	engine atomic.Pointer[target.Target]
	log    atomic.Pointer[slog.Logger]
}

// run runs the engine, which the first signal then stops in good order.
func (s *signals) run(ctx context.Context, engine *target.Target) error {
	s.engine.Store(engine)
	return engine.Run(ctx)
}

// withSignals runs a command. The first SIGINT or SIGTERM ends it in good order: the engine, where it runs, commits
// what it can within two seconds; everything else is ended through its context. The second ends it at once, also while
// it waits for a reader of its output; the server rolls back what was not committed.
func (p *Program) withSignals(ctx context.Context, command func(context.Context, *signals) error) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	// A closed stdout is to be an error of the write that finds it, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGTERM)
	// They stay caught: one that comes while the outcome is written down must not take its place.
	s, ended := &signals{}, make(chan error, 1)
	go func() { ended <- command(ctx, s) }()
	var late <-chan time.Time
	for first := os.Signal(nil); ; {
		select {
		case err := <-ended:
			return outcome(first, s.engine.Load() != nil, err)
		case <-late:
			return bySignal(first, errLeft)
		case received := <-caught:
			if first != nil {
				return bySignal(first, errAborted)
			}
			first = received
			engine := s.engine.Load()
			p.announce(ctx, s, received, engine)
			if engine == nil {
				abort()
				late = time.After(leaveAfter)
				continue
			}
			engine.Stop()
		}
	}
}

// announce says that a signal came, what is still done, and how to end at once.
func (p *Program) announce(ctx context.Context, s *signals, received os.Signal, engine *target.Target) {
	doing := "there is nothing to commit"
	if engine != nil {
		doing = engine.Doing() + "; what can be committed is committed and its STATE emitted"
	}
	text := fmt.Sprintf("received %s: shutting down (%s); a second signal stops the run immediately", name(received), doing)
	said := make(chan struct{})
	go func() {
		defer close(said)
		if log := s.log.Load(); log != nil {
			log.WarnContext(ctx, text)
			return
		}
		fmt.Fprintf(p.Stderr, "target-postgres: %s\n", text)
	}()
	select {
	case <-said:
	case <-time.After(announceWithin): // there is no reader
	}
}

const announceWithin = 100 * time.Millisecond

func name(s os.Signal) string {
	if s == syscall.SIGINT {
		return "SIGINT"
	}
	return "SIGTERM"
}

// outcome is how a command ended that may have got a signal. A run that failed for a reason of its own has failed; a
// command that was only waiting has been left.
func outcome(received os.Signal, running bool, err error) error {
	switch {
	case received == nil || err == nil:
		return err
	case errors.Is(err, pipeline.ErrStopped):
		return bySignal(received, err)
	case !running || errors.Is(err, context.Canceled):
		return bySignal(received, errLeft)
	}
	return err
}

// bySignal is the outcome of a run that a signal ended: its code, and what became of the rows.
func bySignal(s os.Signal, outcome error) error {
	if s == syscall.SIGINT {
		return fmt.Errorf("%w: %w", errInterrupted, outcome)
	}
	return fmt.Errorf("%w: %w", errTerminated, outcome)
}
