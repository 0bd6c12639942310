package cli

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"target-postgres/internal/logging"
	"target-postgres/target"
)

// refreshEvery is how often the line of progress is drawn.
const refreshEvery = 250 * time.Millisecond

// console is where log lines go: standard error, or above the line of progress while there is one.
type console struct{ to atomic.Pointer[io.Writer] }

func newConsole(out io.Writer) *console {
	c := &console{}
	c.to.Store(&out)
	return c
}

// Write sends p to where lines go now.
func (c *console) Write(p []byte) (int, error) { return (*c.to.Load()).Write(p) }

// meter counts the bytes that are read through it.
type meter struct {
	io.Reader

	bytes atomic.Int64
}

// Read reads and counts.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.bytes.Add(int64(n))
	return n, err
}

// watched reports whether a user may be watching the run: standard error is a terminal that can redraw a line, and the
// log is for people.
func (p *Program) watched() bool {
	return logging.IsTerminal(p.Stderr) && p.Getenv("TERM") != "dumb" && p.Getenv("SINGER_SDK_LOG_CONFIG") == ""
}

// showProgress keeps a line at the bottom of the terminal up to date until the function that it returns is called.
func (p *Program) showProgress(run *target.Target, input *meter, lines *console) func() {
	ctx, cancel := context.WithCancel(context.Background())
	progress := mpb.NewWithContext(ctx, mpb.WithOutput(p.Stderr), mpb.WithRefreshRate(refreshEvery))
	started := time.Now()
	bar := progress.New(0, mpb.NopStyle(), mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
		return progressLine(run.Progress(), input.bytes.Load(), time.Since(started), time.Now())
	})))
	var above io.Writer = progress
	lines.to.Store(&above)
	return func() {
		var stderr io.Writer = p.Stderr
		bar.Abort(true)
		progress.Wait()
		cancel()
		lines.to.Store(&stderr)
	}
}

// progressLine is what a run looks like in one line.
func progressLine(at target.Progress, bytes int64, took time.Duration, now time.Time) string {
	state := "no STATE yet"
	if !at.LastState.IsZero() {
		state = fmt.Sprintf("STATE %s ago", now.Sub(at.LastState).Truncate(time.Second))
	}
	rate := float64(bytes) / 1e6 / max(took.Seconds(), refreshEvery.Seconds())
	return fmt.Sprintf("%d rows  %.1f MB/s  %s  %s", at.Rows, rate, at.Stream, state)
}
