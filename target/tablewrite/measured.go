package tablewrite

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
)

// A vacuum may look at a table while its rows are not committed yet, or after an attempt was rolled back. The planner
// then takes the table for an empty one: it reads all of it for every row of a batch instead of looking up the key,
// which takes hours for some hundred thousand rows. The server corrects that a minute after a commit, which is too late
// for the next batch. So a merge looks first, and has the table analyzed if need be.

const (
	// fewRows is what the planner may believe in a table that has manyRows.
	fewRows, manyRows = 100, 1000
	// mostMeasured bounds how often the table of a checkpoint is analyzed. A role that may not do so changes nothing by
	// it.
	mostMeasured = 3
)

// unmeasuredError says that the planner takes a table for an empty one.
type unmeasuredError struct{}

func (*unmeasuredError) Error() string { return "the planner takes the table for an empty one" }

// looksAtSize reports whether the merge of a write has to look.
func (w *Write) looksAtSize() bool {
	return !w.Direct && w.Job.Place == merge.Here && len(w.Job.Key) > 0 && w.Job.Mode != merge.Append &&
		!w.Stream.Partitioned && !w.Stream.RowSecurity && w.Measured.Load() < mostMeasured
}

// wellMeasured fails with division_by_zero (22012) where the planner takes a table for an empty one that is none.
func wellMeasured(table merge.Name) string {
	return strings.NewReplacer("{literal}", pgtx.Literal(table.SQL()), "{table}", table.SQL(), "{few}", strconv.Itoa(fewRows), "{many}", strconv.Itoa(manyRows)).
		Replace(wellMeasuredSQL)
}

//go:embed sql/well_measured.sql
var wellMeasuredSQL string

// unmeasured is the error of that statement, nil if it failed for another reason.
func unmeasured(stream string, err error) error {
	if failure.SQLState(err) != pgerrcode.DivisionByZero {
		return nil
	}
	return &failure.Error{Blame: failure.Connection, Stream: stream, Err: &unmeasuredError{}}
}

// IsUnmeasured reports whether an attempt ended because the planner takes a table for an empty one. [Measure] mends
// that.
func IsUnmeasured(err error) bool {
	_, is := errors.AsType[*unmeasuredError](err)
	return is
}

// Measure has the tables of some writes analyzed. If another session does so meanwhile, or the role may not, they stay
// as they are, without an error. The error is that of the server.
func Measure(ctx context.Context, conn *pgx.Conn, writes []*Write) error {
	for _, w := range writes {
		if !w.looksAtSize() {
			continue
		}
		w.Measured.Add(1)
		if _, err := conn.Exec(ctx, "ANALYZE (SKIP_LOCKED) "+w.Job.Target.SQL()); err != nil {
			return failure.FromServer(w.Stream.Name, "analyze "+w.Job.Target.SQL(), err)
		}
	}
	return nil
}
