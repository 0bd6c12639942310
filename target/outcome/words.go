package outcome

import (
	"strconv"
	"strings"

	"target-postgres/target/pipeline"
	"target-postgres/target/summary"
)

// Stopped is the error of a run that a signal ended once it had committed what it could. withheld reports whether a
// STATE did not leave.
func (o Streams) Stopped(withheld bool) error {
	except, others := o.uncommitted(), len(o.Failures.Errors()) > 0
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
func (o Streams) uncommitted() (parts []string) {
	var replaces, rows []string
	for _, s := range o.All {
		if _, failed := o.Failures.Of(s.ID); failed || s.Rejects || s.Skip {
			continue
		}
		switch one := o.Of(s, nil); {
		case s.SwapsAtEnd():
			replaces = append(replaces, strconv.Quote(s.Name))
		case !one.Complete():
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

// Others says what became of the streams that did not fail. A stream may have rows that only a STATE after the failure
// covers.
func (o Streams) Others() string {
	loaded := 0
	var unfinished []string
	for _, s := range o.All {
		if s.Rejects {
			continue
		}
		one := o.Of(s, nil)
		switch {
		case one.Error != "" || one.Skipped:
		case one.Complete():
			loaded++
		default:
			unfinished = append(unfinished, strconv.Quote(one.Stream))
		}
	}
	switch {
	case len(unfinished) > 0:
		return "; not all records were loaded of: " + strings.Join(unfinished, ", ")
	case loaded > 1:
		return "; the other streams were loaded"
	case loaded == 1:
		return "; the other stream was loaded"
	}
	return ""
}
