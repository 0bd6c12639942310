package batchfile

import (
	"errors"
	"fmt"
	"math"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// progress is how far the files of a message are read.
type progress struct {
	line  int64
	take  func(record []byte) error
	files []begun
	// records counts those that were taken, over all files.
	records int64
}

// begun is a file of which the first record is read, and how many records there were before it.
type begun struct {
	name   string
	before int64
}

// record takes the next record. The error may be about another one: a batch is committed long after its rows were read.
func (p *progress) record(record []byte) error {
	p.records++
	err := p.take(record)
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Line == p.line && (e.Record == 0 || e.Record == p.records) {
		return err
	}
	return &elsewhere{place: p.placeOf(e), err: err}
}

// placeOf says in which file the record of an error is, "" if it is in none of this message.
func (p *progress) placeOf(e *failure.Error) string {
	unknown := batch.PositionOf(p.line, math.MaxInt).Record()
	if e.Line != p.line || e.Record == 0 || e.Record == unknown {
		return ""
	}
	var in begun
	for _, file := range p.files {
		if file.before < e.Record {
			in = file
		}
	}
	return fmt.Sprintf("%s, record %d", in.name, e.Record-in.before)
}

// elsewhere is an error that is not about the record that was read last.
type elsewhere struct {
	place string
	err   error
}

func (e *elsewhere) Error() string {
	if e.place == "" {
		return e.err.Error()
	}
	return e.place + ": " + e.err.Error()
}

func (e *elsewhere) Unwrap() error { return e.err }

// at puts before an error the place of the record that was read last, unless it is not about that.
func at(place string, err error) error {
	if _, is := errors.AsType[*elsewhere](err); is {
		return err
	}
	return fmt.Errorf("%s: %w", place, err)
}
