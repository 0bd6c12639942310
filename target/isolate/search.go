package isolate

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/foresee"
	"target-postgres/target/fraction"
	"target-postgres/target/rejects"
	"target-postgres/target/revision"
	"target-postgres/target/scratch"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// Transaction is the open transaction of a checkpoint, with what a search needs of both. The checkpoint fills it.
type Transaction struct {
	// Conn is the connection that the transaction is open on.
	Conn *pgx.Conn
	// Writes are the batches that are searched.
	Writes []*tablewrite.Write
	// Rejects is the write into the table of rejected records, nil unless on_bad_record asks for it. Aside is true
	// where such rows go where they wait for their STATE.
	Rejects *tablewrite.Write
	Aside   bool
	// Records are the rejected records of the run, Pool has memory for rows that are changed.
	Records *rejects.Rejects
	Pool    *batch.Pool
	// LogsServer is true where everything that the server says about a row is logged: then each is tried.
	LogsServer bool
	// MayReject returns what ends the run if so many records of the stream may not be rejected.
	MayReject func(s *revision.Revision, all int, last *failure.Error) error
	// CopyError says what went wrong with the rows of a write.
	CopyError func(w *tablewrite.Write, err error) error
	// Renew commits what the transaction has and begins another. It is nil where rows may not be committed before
	// others.
	Renew func(ctx context.Context) error
}

// Search is the search for the rows of a transaction that the server refuses.
type Search struct {
	Transaction

	// Before is where the rows end that are looked at, 0 where that is at their end. It is set before Run.
	Before batch.Position
	// Strict checks deferred constraints after every fraction, because COMMIT failed. It is set before Run.
	Strict bool

	// Kept are the rows that the transaction has, Rejections those that it refused and on_bad_record sets aside.
	Kept       []*tablewrite.Write
	Rejections []Rejection
	// Failure ends the run at a row, which was at FailedAt. It is nil if no row does.
	Failure  error
	FailedAt batch.Position
	// Rewinds is true where the failure is about a row that comes before others which the transaction has.
	Rewinds bool

	// all are the rows that are looked at, order is where they stand.
	all     *fraction.Fraction
	order   []batch.Position
	counted rejects.Counted
	// works are the streams of which the server has taken a row.
	works map[*stats.Counters]bool
	// blamed is the column whose value was the last of a stream's to be set to NULL.
	blamed map[*stats.Counters]string
	// foresight knows of rows that the server is going to refuse.
	foresight *foresee.Foresight
	// refused is what the server said to the last rows that it refused. guess is the row that was last likely to be to
	// blame, misled is set by a guess that was wrong.
	refused error
	guess   batch.Position
	misled  bool
	// scratch are the tables that the merges of kept attempts have made, which the next ones use again.
	scratch scratch.Tables
	// merged counts the merges that the open transaction has.
	merged int
}

// Rejection is a row that is set aside, with its reason.
type Rejection struct {
	// Write has no other row. Reason is what the log and the table of rejected records say of it.
	Write  *tablewrite.Write
	Reason *failure.Error
}

// New is a search that has tried nothing.
func New(tx Transaction) *Search {
	return &Search{Transaction: tx, works: map[*stats.Counters]bool{}, blamed: map[*stats.Counters]string{}}
}

// Run tries the rows until every one of them is in the transaction, rejected, or the end of the run. The error is about
// the transaction or the connection: it is cause, what the server had said to all rows together, where the server says
// that of no rows, too.
func (s *Search) Run(ctx context.Context, cause error) error {
	s.all = fraction.Of(s.Writes)
	if s.Before > 0 {
		s.all, cause = s.all.Between(0, s.Before), nil
	}
	if bisect.NeedsProof(cause) {
		if err := s.probe(ctx, s.all.None()); err != nil {
			return cause
		}
	}
	s.foresight = foresee.New(s.Conn, s.all)
	if s.order = s.foresight.Order; len(s.order) > 0 {
		rows := bisect.Search{Rows: s}
		s.refused = cause
		if slices.ContainsFunc(s.all.Writes(), (*tablewrite.Write).Pointable) {
			cause, rows.Guessed = nil, true // COPY knows more
		}
		if err := rows.Run(ctx, bisect.Stretches{{To: int64(len(s.order))}}, cause); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.Rejections, func(a, b Rejection) int { return int(a.Write.Batch.RowsAt[0] - b.Write.Batch.RowsAt[0]) })
	return nil
}
