package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"target-postgres/internal/logging"
	"target-postgres/internal/report"
	"target-postgres/protocol"
	"target-postgres/target"
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
func (p *Program) load(ctx context.Context, signals *signals) error {
	boundGarbage()
	lines := newConsole(p.Stderr)
	log := slog.New(logging.NewSingerHandler(lines, logging.IsTerminal(p.Stderr), p.Getenv))
	p.log = log
	signals.log.Store(log)
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
	states, err := p.states()
	if err != nil {
		return err
	}
	var server *embedded
	if p.flags.embedded {
		if server, err = p.startEmbedded(ctx, given, log); err != nil {
			return err
		}
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
	if p.flags.dryRun {
		run.DryRun(p.Stdout)
	}
	endProgress := func() {}
	if p.watched() && !p.flags.dryRun {
		endProgress = p.showProgress(run, counted, lines)
	}
	err = signals.run(ctx, run)
	endProgress()
	if err := errors.Join(err, p.summarise(run, err)); err != nil {
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
	data, err := written(p.flags.summary, summary)
	if err == nil {
		err = os.WriteFile(p.flags.summary, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the summary to --summary: %w", withoutPath(err))
	}
	return nil
}

// written is the summary in the form that the file's name asks for: a page for .html, else JSON.
func written(name string, summary *target.Summary) ([]byte, error) {
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".html" || ext == ".htm" {
		var page bytes.Buffer
		err := report.Write(&page, summary)
		return page.Bytes(), err
	}
	data, err := json.MarshalIndent(summary, "", "  ")
	return append(data, '\n'), err
}
