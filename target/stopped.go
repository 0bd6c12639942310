package target

import (
	"strconv"
	"strings"

	"target-postgres/target/pipeline"
	"target-postgres/target/summary"
)

// stopped is the error of a run that a signal ended once it had committed what it could. others reports whether some streams had
// failed before.
func (t *Target) stopped(others bool) error {
	if t.preparer.Dry {
		return &summary.StoppedError{Text: "a dry run changes nothing"}
	}
	except := t.uncommitted()
	withheld := t.committer.Failures.Withheld.Load() || len(t.states.ledger.Pending) > 0
	if !others && !withheld && len(except) == 0 {
		return pipeline.ErrStopped
	}
	text := "what was read is committed"
	if others {
		text = "what was read of the other streams is committed"
	}
	if !withheld {
		text += " and its STATE emitted"
	}
	if len(except) > 0 {
		text += ", except " + strings.Join(except, ", and ") + "; the next run sends that again"
	}
	if withheld {
		text += "; no STATE is emitted that would cover what is not committed"
	}
	return &summary.StoppedError{Text: text}
}

// uncommitted says what was read and not committed of the streams that did not fail.
func (t *Target) uncommitted() (parts []string) {
	var replaces, rows []string
	for _, s := range t.registry.All() {
		if _, failed := t.committer.Failures.Of(s.ID); failed || s.Rejects || s.Skip {
			continue
		}
		switch one := t.summaryOf(s, nil); {
		case s.SwapsAtEnd():
			replaces = append(replaces, strconv.Quote(s.Name))
		case one.Outcome() != "loaded":
			rows = append(rows, strconv.Quote(s.Name))
		}
	}
	if len(replaces) > 0 {
		parts = append(parts, "the replace of "+strings.Join(replaces, ", ")+", which needs the end of the input")
	}
	if len(rows) > 0 {
		parts = append(parts, "the rows of "+strings.Join(rows, ", ")+" that no STATE covers")
	}
	return parts
}
