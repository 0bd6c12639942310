package target

import (
	"errors"
	"strconv"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/failure"
)

// othersOf says what became of the streams that did not fail. A stream may have rows that only a STATE after the failure covers.
func (t *Target) othersOf() string {
	loaded := 0
	var unfinished []string
	for _, one := range t.Summary(nil).Streams {
		switch {
		case one.Error != "" || one.Skipped:
		case one.Outcome() == "loaded":
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

// contain makes an error of one stream that stream's own where the setting on_stream_error asks for it.
func (t *Target) contain(m *protocol.Message, err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || m.Stream == (protocol.Stream{}) || e.Stream != m.Stream.String() {
		return err
	}
	s := t.registry.Undescribed(m.Stream)
	if !t.committer.GoesOn(m.Stream, err) {
		return err
	}
	t.committer.Fail(&s.View, t.input.position(m.Line), err)
	return nil
}

// leaveOut counts a message of a stream that has failed.
func (t *Target) leaveOut(m *protocol.Message) {
	if s := t.registry.Find(m.Stream); s != nil && m.Kind == protocol.KindRecord {
		s.Stats.Read.Add(1)
		if t.loads.log != nil {
			s.Stats.Bytes.Add(int64(len(m.Record)))
		}
		t.metrics.rows.Add(1)
	}
}

// noneFailed reports whether no stream has failed.
func (t *Target) noneFailed() bool { return len(t.committer.Failures.Errors()) == 0 }
