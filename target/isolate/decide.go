package isolate

import (
	"context"
	"errors"

	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/revision"
	"target-postgres/target/tablewrite"
)

// Decide says what becomes of a row that the server refuses by itself.
func (s *Search) Decide(ctx context.Context, row int64, refused error, late bool) (over bool, err error) {
	f, lacked := s.asRead(row)
	if lacked {
		// The row has a fault beside the values that were taken away, so these must be given back.
		writes := f.Writes()
		if refused = s.try(ctx, writes); refused == nil {
			s.keep(writes)
			return false, nil
		} else if bisect.By(refused) == nil {
			return false, refused
		}
	}
	if !late {
		err := s.decideNow(ctx, f, refused, false)
		return s.Failure != nil, err
	}
	first, firstAt := s.Failure, s.FailedAt
	s.Failure = nil
	if err := s.decideNow(ctx, f, refused, true); err != nil || s.Failure != nil {
		s.Rewinds = s.Failure != nil
		return true, err
	}
	s.Failure, s.FailedAt = first, firstAt
	return false, nil
}

func (s *Search) decideNow(ctx context.Context, f *fraction.Fraction, err error, late bool) error {
	if failure.MayRepeatKey(err) && !late {
		// Another loader may have inserted the key meanwhile: the merge then finds its row.
		writes := f.Writes()
		if err = s.try(ctx, writes); err == nil {
			s.keep(writes)
			return nil
		} else if bisect.By(err) == nil {
			return err
		}
	}
	w := f.Writes()[0]
	if w.Stream.Rejects {
		return s.bare(ctx, w, err)
	}
	if taken, nullErr := s.withoutValue(ctx, w, err); taken || nullErr != nil {
		return nullErr
	}
	if guilty, proofErr := s.proven(ctx, w.Stream, f, err); proofErr != nil || !guilty {
		return errors.Join(proofErr, err)
	}
	e, cause := blame(w, err), err
	if e.Reason, err = w.WithText(ctx, s.Conn, e); err != nil {
		return err
	}
	if !w.Owner(0).SetsAside() {
		s.fail(w, e)
	} else if ends := s.MayReject(w.Owner(0), s.Records.Among(s.counted, w.Owner(0))+1, e); ends != nil {
		s.fail(w, ends)
	} else {
		s.putAside(Rejection{Write: w, Reason: e})
		if !s.LogsServer { // the server would say nothing to the rows that are left out
			return s.foresight.Rejected(ctx, w, cause)
		}
	}
	return nil
}

func (s *Search) fail(w *tablewrite.Write, err error) {
	s.Failure, s.FailedAt = err, w.Batch.RowsAt[0]
}

// blame is the error of a row that the server refuses.
func blame(w *tablewrite.Write, err error) *failure.Error {
	e := &failure.Error{Err: err}
	errors.As(err, &e)
	about := *e
	about.Blame, about.Stream = failure.Row, w.Owner(0).Name
	about.Line, about.Record = w.Batch.RowsAt[0].Line(), w.Batch.RowsAt[0].Record()
	about.Err = &bisect.RefusedError{Where: w.Batch.RowsAt[0], Known: true, Err: e.Err}
	return &about
}

// proven reports whether a row is to blame for what the server said to it, rather than the table: whether the server
// takes other rows of the stream, if the SQLSTATE leaves that open.
func (s *Search) proven(ctx context.Context, of *revision.Revision, f *fraction.Fraction, err error) (bool, error) {
	if !bisect.NeedsProof(err) || s.works[of.Stats] || of.Stats.LoadedRecords.Load()+of.Stats.Unswapped.Load() > 0 {
		return true, nil
	}
	all := fraction.Of(s.Writes).OfStream(of)
	n := all.Rows()
	for i := range min(bisect.Samples, n) {
		other := all.Row(i * (n - 1) / max(1, min(bisect.Samples, n)-1))
		if other.Shares[0].From == f.Shares[0].From {
			continue
		}
		switch err := s.probe(ctx, other); {
		case err == nil:
			s.works[of.Stats] = true
			return true, nil
		case bisect.By(err) == nil:
			return false, err
		}
	}
	return false, nil
}

// bare tries a rejected record that its own table refuses in plainer and plainer forms: with characters beyond ASCII
// written as escapes, then without the record. Line and reason say where to look.
func (s *Search) bare(ctx context.Context, w *tablewrite.Write, err error) error {
	forms := []*tablewrite.Write{w.WithNull("record", s.Pool)}
	if failure.Untranslatable(err) {
		forms = append([]*tablewrite.Write{w.InASCII()}, forms...)
	}
	for _, form := range forms {
		if form == nil {
			continue
		}
		writes := []*tablewrite.Write{form}
		tried := s.try(ctx, writes)
		if tried == nil {
			s.keep(writes)
			return nil
		}
		if bisect.By(tried) == nil {
			return tried
		}
	}
	cause := &failure.Error{Err: err}
	errors.As(err, &cause)
	bare := *cause
	bare.Stream, bare.Hint = "", ""
	return s.Records.Unusable(w.Batch.RowsAt[0], &bare)
}
