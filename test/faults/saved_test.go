//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// saved runs the command state as the script that starts a tap would, and returns the position in what it prints.
func (tr *trial) saved(p *process) int {
	tr.t.Helper()
	file := filepath.Join(tr.t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(asJSON(tr.config(tr.program, tr.schema, nil))), 0o600); err != nil {
		tr.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, executable, "state", "--config", file)
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	position := positionIn(out)
	if err != nil || position < 0 {
		tr.problemf(p, "target-postgres state printed %.200q: %v", out, err)
		return 0
	}
	if position > 0 && tr.tap.messages[position-1].state+"\n" != string(out) {
		tr.problemf(p, "target-postgres state printed what the tap has not said: %.200s", out)
	}
	if n := len(p.states); n > 0 && position < p.states[n-1] {
		tr.problemf(p, "the STATE of position %d has left, and that of %d is saved", p.states[n-1], position)
	}
	return position
}

// next is the position of the first STATE after a position, 0 when there is none.
func (t *tap) next(position int) int {
	for _, s := range t.states() {
		if s.position() > position {
			return s.position()
		}
	}
	return 0
}

// saved reads the STATE past the program.
func (m *monitor) saved() (state string, err error) {
	err = m.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT coalesce(state, '') FROM "+m.table("_singular_state")).Scan(&state)
	})
	return state, err
}

// TestExactlyOnceThroughManyEnds ends run after run of one input, each at another point, and resumes each from what the
// command state prints. Some of the streams are merged by key, so that rows of both kinds share transactions.
func TestExactlyOnceThroughManyEnds(t *testing.T) {
	t.Parallel()
	ends := []*fault{
		{name: "SIGKILL", strike: func(_ *trial, p *process) { p.signal(syscall.SIGKILL) }},
		{name: "SIGTERM", strike: func(_ *trial, p *process) { p.signal(syscall.SIGTERM) }},
		{name: "stdout closed", strike: func(_ *trial, p *process) { go p.out.close() }},
	}
	m := mode{
		name: "exactly_once_mixed", keyless: true, saved: true, owes: owesTheNewest,
		settings: map[string]any{
			"load_mode": "append", "state_table": true, "state_id": "mixed",
			"streams": map[string]any{"users": map[string]any{"load_mode": "upsert"}, "prices": map[string]any{"load_mode": "history"}},
		},
	}
	for _, m := range []mode{modes()[0], m} {
		for seed := range 3 * seeds() {
			t.Run(m.name+"/"+strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				newTrial(t, ends[seed%len(ends)], m, uint64(seed), pgtest.URL(t), nil).endAgainAndAgain()
			})
		}
	}
}

func (tr *trial) endAgainAndAgain() {
	trials.Add(1)
	position := 0
	var p *process
	for range 6 {
		tr.once, tr.point = sync.Once{}, tr.fault.choose(tr.r, tr.tap, tr.mode, tr.batch)
		if tr.point.kind == atLine || tr.point.kind == atByte {
			tr.point.n = 1 + tr.r.IntN(tr.point.n) // there is less left every time
		}
		tr.batch = []int{3, 7, 20, 50, 1000}[tr.r.IntN(5)]
		p = tr.load(position, true)
		position = tr.saved(p)
		if p.code == 0 && position == len(tr.tap.messages) {
			break
		}
		resumed.Add(1)
	}
	if tr.struck.Load() {
		strikes.Add(1)
	}
	if position < len(tr.tap.messages) {
		p = tr.load(position, false)
		tr.complete(p)
	}
	for stream, have := range tr.dump(tr.monitor) {
		if want := tr.reference()[stream]; !slices.Equal(want, have) {
			lost, more := minus(want, have), minus(have, want)
			tr.problemf(p, "%s differs from the undisturbed load: %d rows are missing and %d too many\nmissing: %.700v\ntoo many: %.700v",
				stream, len(lost), len(more), lost, more)
		}
	}
}
