//go:build unix

package faults

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
)

// examine checks how the run that was struck has ended.
func (tr *trial) examine(p *process) {
	tr.t.Helper()
	said := p.stderr.String()
	if strings.Contains(said, "DATA RACE") || strings.Contains(said, "panic:") {
		tr.problemf(p, "the program broke")
	}
	codes := []int{0}
	if tr.struck.Load() {
		codes = append(codes, tr.fault.codes...)
	}
	if !slices.Contains(codes, p.code) {
		tr.problemf(p, "exit code %d, want one of %v", p.code, codes)
	}
	switch {
	case p.code == 0 && !tr.fault.deafens:
		tr.complete(p)
	case tr.fault.flushed && !tr.mode.replaces() && !tr.mode.resumes:
		flushed.Add(1)
		if p.stderr.contains("while the database was not finished") {
			gaveUp.Add(1) // A signal ends the run within two seconds, and a busy server was not ready by then.
			break
		}
		tr.nothingHeldBack(p)
	}
	if p.code != 0 && tr.mode.whole {
		tr.interrupted(p)
	}
}

// complete checks that a run that succeeded has acknowledged everything and left nothing behind.
func (tr *trial) complete(p *process) {
	tr.t.Helper()
	tr.acknowledged(p)
	tr.tidy(p)
}

// acknowledged checks that the last STATE of the input has left.
func (tr *trial) acknowledged(p *process) {
	tr.t.Helper()
	if n := len(p.states); n == 0 || p.states[n-1] != len(p.tap.messages) {
		tr.problemf(p, "exit code %d, and the last STATE, of position %d, is not among those that left: %v", p.code, len(p.tap.messages), p.states)
	}
}

// tidy checks that there are no tables but those of the streams.
func (tr *trial) tidy(p *process) {
	tr.t.Helper()
	want := []string{}
	for _, s := range tr.mode.sources() {
		want = append(want, s.name)
	}
	if tr.mode.saved {
		want = append(want, "_singular_state")
	}
	slices.Sort(want)
	have, err := tr.monitor.tables()
	if diff := cmp.Diff(want, have); err != nil || diff != "" {
		tr.problemf(p, "the tables in the schema (-want +have), %v:\n%s", err, diff)
	}
}

// notCompleted is what the program says of how far it has read.
var notCompleted = regexp.MustCompile(`not completed lines=(\d+)`)

// nothingHeldBack checks that what was read is committed, and that the newest STATE whose records are all committed has
// left.
func (tr *trial) nothingHeldBack(p *process) {
	tr.t.Helper()
	tables, err := tr.monitor.tables()
	if err != nil {
		tr.problemf(p, "%v", err)
		return
	}
	rows, err := tr.monitor.rows(tables) // of whatever is there
	if err != nil {
		tr.problemf(p, "%v", err)
		return
	}
	if found := notCompleted.FindStringSubmatch(p.stderr.String()); found != nil && tr.read == 0 {
		tr.read, _ = strconv.Atoi(found[1])
	}
	covered := tr.read
	if tr.mode.saved { // what no STATE covers is to come again
		for covered = 0; tr.tap.next(covered) != 0 && tr.tap.next(covered) <= tr.read; {
			covered = tr.tap.next(covered)
		}
	}
	if err := tr.monitor.check(tr.tap, covered); err != nil {
		tr.problemf(p, "what was read is not committed: %v", err)
	}
	committed, due, left := covered, 0, 0
	for _, rows := range rows {
		rev, _ := newest(rows, false)
		committed = max(committed, rev)
	}
	for _, s := range tr.tap.states() {
		if s.position() <= committed {
			due = s.position()
		}
	}
	if n := len(p.states); n > 0 {
		left = p.states[n-1]
	}
	if left < due {
		tr.problemf(p, "message %d is committed, but the last STATE that left is that of position %d, not %d", committed, left, due)
	}
}

// interrupted checks that a run that did not end well has not touched what only a whole run may touch.
func (tr *trial) interrupted(p *process) {
	tr.t.Helper()
	now, reference := tr.dump(tr.monitor), tr.reference()
	for stream, lines := range now {
		switch {
		case tr.mode.name == "full_snapshot":
			// The source's own removals are in the input; stock has full passes of its own.
			if old, marked := oldRows(lines), 0; stream != "stock" && stream != "orders" && stream != "users" {
				for _, line := range old {
					if strings.Contains(line, `"_singular_deleted": true`) {
						marked++
					}
				}
				if marked != 0 && marked != len(old) {
					tr.problemf(p, "%d of %d old rows of %s are marked", marked, len(old), stream)
				}
			}
		case tr.mode.resumes && len(tr.before[stream]) == 0:
			// There are no old rows to keep: the new ones are visible at once.
		case !slices.Equal(lines, reference[stream]) && !slices.Equal(without("extra", lines), without("extra", tr.before[stream])):
			tr.problemf(p, "%s holds neither the old rows (%d) nor the new ones (%d): %d rows, of which %d old",
				stream, len(tr.before[stream]), len(reference[stream]), len(lines), len(oldRows(lines)))
		}
	}
}

// oldRows are the rows that the run before brought.
func oldRows(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, `"rev": -`) })
}

// without leaves out a column that is NULL: one that the table has got since.
func without(column string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.Replace(line, `"`+column+`": null, `, "", 1)
	}
	slices.Sort(out)
	return out
}

// dump reads all tables.
func (tr *trial) dump(m *monitor) map[string][]string {
	tr.t.Helper()
	all := map[string][]string{}
	for _, s := range tr.mode.sources() {
		lines, err := m.dump(s.name)
		if err != nil {
			tr.problemf(nil, "read %s: %v", s.name, err)
		}
		all[s.name] = lines
	}
	return all
}

// compare holds the tables against the same input loaded undisturbed.
func (tr *trial) compare(p *process) {
	tr.t.Helper()
	reference := tr.reference()
	exactly := p.code == 0 && !tr.fault.deafens && !p.stderr.contains("may double")
	for stream, have := range tr.dump(tr.monitor) {
		want := reference[stream]
		if tr.mode.repeats && !exactly {
			if missing := minus(want, have); len(missing) > 0 {
				tr.problemf(p, "%d of %d rows of %s are lost, such as %.300s", len(missing), len(want), stream, missing[0])
			}
			want, have = slices.Compact(slices.Clone(want)), slices.Compact(slices.Clone(have))
		}
		if lost, more := minus(want, have), minus(have, want); len(lost)+len(more) > 0 {
			tr.problemf(p, "%s differs from the undisturbed load: %d rows are missing and %d too many\nmissing: %.700s\ntoo many: %.700s",
				stream, len(lost), len(more), strings.Join(lost, "\n  "), strings.Join(more, "\n  "))
		}
	}
}

// minus is what sorted a has more often than sorted b.
func minus(a, b []string) []string {
	var rest []string
	for _, line := range a {
		for len(b) > 0 && b[0] < line {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == line {
			b = b[1:]
			continue
		}
		rest = append(rest, line)
	}
	return rest
}

// references are the tables of undisturbed loads, by load mode and seed.
var references sync.Map

type reference struct {
	once   sync.Once
	tables map[string][]string
}

// reference loads the trial's input undisturbed, in one batch, once for all faults.
func (tr *trial) reference() map[string][]string {
	tr.t.Helper()
	type key struct {
		mode    string
		orderly bool
		seed    uint64
	}
	found, _ := references.LoadOrStore(key{tr.mode.name, tr.mode.orderly, tr.seed}, &reference{})
	r := found.(*reference)
	r.once.Do(func() {
		schema := uniqueName()
		m := newMonitor(tr.url, schema, tr.mode)
		defer m.close()
		if tr.mode.whole {
			tr.plain(tr.url, schema, oldTap(tr.seed, tr.mode))
		}
		tr.plain(tr.url, schema, tr.tap)
		if err := m.check(tr.tap, len(tr.tap.messages)); err != nil {
			tr.t.Errorf("undisturbed: %v", err)
		}
		r.tables = tr.dump(m)
		if err := m.exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			tr.t.Errorf("drop the reference: %v", err)
		}
	})
	if r.tables == nil {
		tr.t.Fatal("there is no reference: the undisturbed load failed")
	}
	return r.tables
}
