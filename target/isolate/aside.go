package isolate

import (
	"context"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/fraction"
	"target-postgres/target/revision"
	"target-postgres/target/staged"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// keep takes note of rows that the transaction has.
func (s *Search) keep(writes []*tablewrite.Write) {
	for _, w := range writes {
		s.works[w.Stream.Stats] = true
		if !w.Direct {
			s.merged++
		}
	}
	s.Kept = append(s.Kept, writes...)
}

// asideOnce is how many rejected rows are sent together, and how many bytes of them.
const (
	asideOnce      = 500
	asideOnceBytes = 1 << 20
)

// SetAside puts the rejected rows into the table of rejected records: many at once, and one by one where that table
// refuses any of them. It fails if that table refuses a row even without its record, or the connection is lost.
func (s *Search) SetAside(ctx context.Context) error {
	for n := 0; n < len(s.Rejections); {
		rows, refused := &batch.Batch{}, error(nil)
		some := s.Rejections[n:min(n+asideOnce, len(s.Rejections))]
		for i := 0; i < len(some) && refused == nil; i++ {
			if refused = s.addRejected(rows, some[i], false); rows.Size > asideOnceBytes {
				some = some[:i+1]
			}
		}
		if refused == nil {
			if refused = s.insertRejected(ctx, s.rejected(rows), len(s.Rejections)+n); refused != nil && bisect.By(refused) == nil {
				return refused
			}
		}
		for i := 0; i < len(some) && refused != nil; i++ {
			if err := s.setOneAside(ctx, some[i], n+i); err != nil {
				return err
			}
		}
		n += len(some)
	}
	return nil
}

// setOneAside puts a rejected row into the table of rejected records.
func (s *Search) setOneAside(ctx context.Context, r Rejection, n int) error {
	for _, bare := range []bool{false, true} {
		rows := &batch.Batch{}
		err := s.addRejected(rows, r, bare)
		if err != nil && !bare {
			continue
		}
		if err != nil {
			return err
		}
		w := s.rejected(rows)
		if err = s.insertRejected(ctx, w, n); err == nil || bisect.By(err) == nil {
			return err
		}
		if bare || failure.Untranslatable(err) {
			return s.bare(ctx, fraction.Of([]*tablewrite.Write{w}).Writes()[0], err)
		}
	}
	return nil
}

// insertRejected brings rows into the table of rejected records. n tells its staging table from those of others.
func (s *Search) insertRejected(ctx context.Context, w *tablewrite.Write, n int) error {
	if !w.Direct {
		w.Job.Staged.Table = tablewrite.StagedName(len(s.Writes) + n)
		if _, err := s.Conn.Exec(ctx, w.CreateStaged()); err != nil {
			return failure.FromServer(w.Stream.Name, "set a rejected record aside", err)
		}
	}
	writes := []*tablewrite.Write{w}
	err := s.try(ctx, writes)
	if err == nil {
		s.keep(writes)
	}
	return err
}

// SetRecordAside puts a row that had waited for its STATE into the table of rejected records: without its record, if
// that table refuses it with it. n tells its staging table from those of others. It fails if the table refuses it even
// then.
func (s *Search) SetRecordAside(ctx context.Context, of *revision.Revision, r staged.Rejection, n int) error {
	for _, record := range [][]byte{r.Record, nil} {
		rows := &batch.Batch{}
		err := s.Records.Encode(rows, s.Rejects.Layout, s.Pool, of, r.At, r.Reason, record)
		if err == nil {
			err = s.insertRejected(ctx, s.rejected(rows), n)
		}
		if err == nil || record == nil || (bisect.By(err) == nil && typemap.AsValueError(err) == nil) {
			return err
		}
	}
	return nil
}

// addRejected adds the rejection of a row that only the server refused. Only the columns to which its record was
// encoded are left of it. The rejection itself has no record if bare is true.
func (s *Search) addRejected(rows *batch.Batch, r Rejection, bare bool) error {
	record, err := r.Write.Record(bare)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: r.Write.Stream.Name, Reason: "write down a rejected row", Err: err}
	}
	return s.Records.Encode(rows, s.Rejects.Layout, s.Pool, r.Write.Owner(0), r.Write.Batch.RowsAt[0], r.Reason, record)
}

// rejected writes rows into the table of rejected records.
func (s *Search) rejected(rows *batch.Batch) *tablewrite.Write {
	rejected := s.Rejects.With(rows)
	if s.Aside {
		rejected = rejected.Aside()
	}
	return rejected
}
