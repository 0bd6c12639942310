package cli

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"

	"target-postgres/internal/logging"
	"target-postgres/protocol"
	"target-postgres/target"
)

// garbagePercent bounds the heap to a fifth more than the batches that are in it. Steady loading makes next to no
// garbage, so that collecting early costs nothing one can measure, while Go's default would double the peak.
const garbagePercent = 20

// firstGarbagePercent lets the heap reach sixteen megabytes before anything is collected, which a small run never does.
// A small heap would be collected a dozen times on its way there, for what one collection does as well.
const firstGarbagePercent = 400

// boundGarbage sets how often garbage is collected: seldom until it was collected once, which lets go of the sentinel.
func boundGarbage() {
	debug.SetGCPercent(firstGarbagePercent)
	type sentinel struct{ _ *int }
	runtime.AddCleanup(&sentinel{}, func(percent int) { debug.SetGCPercent(percent) }, garbagePercent)
}

// load is the Singer target: messages in, STATE out.
func (p *Program) load(ctx context.Context, signals *signals) (err error) {
	boundGarbage()
	lines := newConsole(p.Stderr)
	log := slog.New(logging.NewSingerHandler(lines, logging.IsTerminal(p.Stderr), p.Getenv))
	p.log = log
	signals.log.Store(log)
	told, tell := p.telemetry(ctx, log)
	defer func() { tell(signals.engine.Load(), err) }()
	spec, given, notes, err := p.given()
	if err != nil {
		return err
	}
	for _, note := range notes {
		log.Warn(note)
	}
	input, closeInput, err := p.open(log)
	if err != nil {
		return err
	}
	defer closeInput()
	states, err := p.states()
	if err == nil {
		err = p.proveSummary()
	}
	if err != nil {
		return err
	}
	var server *embedded
	if p.flags.embedded {
		if server, err = p.startEmbedded(ctx, given, log); err != nil {
			return err
		}
		defer server.keepsRunning()
	}
	cfg, err := p.configured(log, spec, given)
	if err != nil {
		return err
	}
	p.tellSettings(log, cfg)
	counted := &meter{Reader: input}
	reader := protocol.NewSinger(counted, 0)
	defer reader.Close()
	run, err := target.New(cfg, reader, protocol.NewWriter(states), log)
	if err != nil {
		return err
	}
	run.Observe(told)
	if p.flags.dryRun {
		run.DryRun(p.Stdout)
	}
	endProgress := func() {}
	if p.watched() && !p.flags.dryRun {
		endProgress = p.showProgress(run, counted, lines)
	}
	err = signals.run(ctx, run)
	endProgress()
	if err := p.summarise(run, err); err != nil {
		return err
	}
	if server != nil {
		return server.show(ctx, run)
	}
	return nil
}

// states returns where STATE goes: standard output, and the file of --state-file if there is one.
func (p *Program) states() (io.Writer, error) {
	if p.flags.stateFile == "" || p.flags.dryRun {
		return p.Stdout, nil
	}
	return openStateFile(p.flags.stateFile, p.Stdout)
}
