//go:build unix

package faults

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"target-postgres/internal/pgtest"
)

// TestTwoLoadersAtOnce runs the same input twice at the same time, into tables and a schema that are not there yet.
func TestTwoLoadersAtOnce(t *testing.T) {
	t.Parallel()
	for _, m := range modes() {
		m.orderly = true
		for seed := range seeds() {
			t.Run(m.name+"/"+strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				newTrial(t, &fault{name: "two at once"}, m, uint64(seed), pgtest.URL(t), nil).runTwice()
			})
		}
	}
}

func (tr *trial) runTwice() {
	trials.Add(1)
	strikes.Add(1)
	if tr.mode.whole {
		tr.plain(tr.program, tr.schema, oldTap(tr.seed, tr.mode))
	}
	cfg := tr.config(tr.program, tr.schema, nil)
	cfg["batch_max_rows"] = tr.batch
	var both [2]*process
	var fed sync.WaitGroup
	for i := range both {
		cfg["state_id"] = "loader " + strconv.Itoa(i) // two of one id would exclude each other
		p := launch(tr.t, cfg, nil, tr.tap, func(p *process, line []byte) { p.states = append(p.states, positionIn(line)) })
		both[i] = p
		fed.Go(func() {
			p.say(tr.tap.messages, func(int) {})
			_ = p.stdin.Close()
		})
	}
	fed.Wait()
	succeeded := 0
	for _, p := range both {
		switch err := p.finish(); {
		case err != nil:
			tr.problemf(nil, "%v", err)
		case p.code == 0:
			succeeded++
			tr.acknowledged(p)
		case !tr.mode.whole || p.code != 1 || len(p.states) > 0 && tr.mode.replaces():
			// Where a run brings everything, an older one gives way to a newer one.
			tr.problemf(p, "exit code %d, states %v", p.code, p.states)
		}
	}
	if succeeded == 0 {
		tr.problemf(both[0], "neither succeeded; the other said:\n%s", both[1].complaints())
	}
	if tr.mode.whole {
		tr.plain(tr.program, tr.schema, tr.tap) // it clears away what the older one left
	}
	tr.tidy(both[0])
	for stream, have := range tr.dump(tr.monitor) {
		want := slices.Clone(tr.reference()[stream])
		if tr.mode.name == "append" || tr.mode.saved {
			want = append(want, want...)
			slices.Sort(want)
		}
		if lost, more := minus(want, have), minus(have, want); len(lost)+len(more) > 0 {
			tr.problemf(both[0], "%s differs from a single load: %d rows are missing and %d too many\nmissing: %.700s\ntoo many: %.700s\nthe other said:\n%s",
				stream, len(lost), len(more), strings.Join(lost, "\n  "), strings.Join(more, "\n  "), both[1].complaints())
		}
	}
}
