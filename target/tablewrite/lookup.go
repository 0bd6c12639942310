package tablewrite

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/pgtx"
	"target-postgres/target/trace"
	"target-postgres/typemap"
)

// With on_conflict: ignore a row of a key that is there is never looked at again. So once most keys of a batch were
// there, the keys of the next one go first, by themselves, and then only the rows of those keys that have no row. The
// merge looks for them once more: a row that another loader inserts meanwhile stays as it is. A row that another
// session deletes meanwhile is deleted, as if its DELETE had come after the batch.

// lookup is what one attempt to copy has found out.
type lookup struct {
	// lacking are the rows that have been sent in place of the whole batch, nil for all.
	lacking *batch.Batch
	// failed says that the server did not take the question.
	failed bool
}

// MayLookUp reports whether the keys of the batch may be looked up before its rows are sent: the answer has to stay
// true until the merge, and a record that is left out must be one that the server would not have refused.
func (w *Write) MayLookUp() bool {
	s, j, b := w.Stream, w.Job, w.Batch
	switch {
	case !j.IgnoreConflicts || !j.Mode.NeedsUniqueKey() || !j.Unique || j.Place != merge.Here || w.Direct:
		return false
	case j.Version != "" || w.Seen.Table != "" || w.Superseded.Name.Table != "": // a record that changes no row is counted there
		return false
	case j.Mode == merge.Upsert && j.HardDelete && j.Gone != "": // a tombstone before the batch may delete what was found
		return false
	case b.Removed || b.NullKeys || b.Unnumbered || s.UserCode || s.Ruled || s.Partitioned || s.Chunked || s.Routed:
		return false
	default:
		return !slices.ContainsFunc(w.types(), func(t typemap.Type) bool { return !isOwn(t) })
	}
}

// isOwn reports whether a type is one that the program gives to columns. The encoder writes no value for it that COPY
// would refuse.
func isOwn(t typemap.Type) bool {
	return t.Base == nil && slices.ContainsFunc([]typemap.Type{
		typemap.Bool, typemap.BigInt, typemap.Integer, typemap.SmallInt, typemap.Numeric, typemap.Double, typemap.Text, typemap.JSONB,
		typemap.Date, typemap.Time, typemap.TimeTZ, typemap.Timestamp, typemap.TimestampTZ, typemap.UUID,
	}, t.Equal)
}

// looksUp reports whether to look the keys up now.
func (w *Write) looksUp(encoding string) bool {
	return w.Stream.MostThere.Load() && encoding == "UTF8" && w.MayLookUp()
}

// lookUp sends the keys, and notes which rows are left to be sent. before is what is to come first.
func (w *Write) lookUp(ctx context.Context, conn *pgx.Conn, before []string) error {
	began := time.Now()
	defer func() { w.took += time.Since(began) }()
	err := w.askForKeys(ctx, conn, before)
	w.looked.failed = err != nil
	return err
}

func (w *Write) askForKeys(ctx context.Context, conn *pgx.Conn, before []string) error {
	keys := merge.Name{Schema: "pg_temp", Table: w.Job.Staged.Table + "_keys"}
	look, err := merge.LookUp(w.Job, keys)
	if err != nil {
		return err
	}
	fields := make([]int, len(w.Job.Key))
	for i, key := range w.Job.Key {
		fields[i] = w.FieldOf(key.Name)
	}
	rows := w.Batch.Reader(batch.NumberedFields(fields), nil)
	defer rows.Close()
	script := strings.Join(append(slices.Clone(before), look.Create,
		fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", keys.SQL(), pgtx.QuoteAll(look.Columns))), ";\n")
	done := trace.Statement(conn, script)
	_, err = conn.PgConn().CopyFrom(ctx, rows, script)
	done(err)
	if err != nil {
		return err
	}
	question := []string{merge.PinnedPath}
	for _, s := range w.joins(keys) {
		question = append(question, s.SQL)
	}
	results, err := pgtx.Script(ctx, conn, append(question, look.Query))
	if err != nil {
		return err
	}
	return w.leaveOut(results[len(results)-1].Rows[0][0])
}

// leaveOut keeps the rows whose numbers are named.
func (w *Write) leaveOut(numbers []byte) error {
	if len(numbers) == 0 {
		w.looked.lacking = &batch.Batch{}
		return nil
	}
	lacks := make([]bool, w.Batch.Rows())
	for text := range strings.SplitSeq(string(numbers), ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		lacks[n] = true
	}
	w.looked.lacking = w.Batch.Without(func(i int) bool { return !lacks[i] })
	return nil
}

// rows are those that are sent, or were sent last.
func (w *Write) rows() *batch.Batch {
	if w.looked.lacking != nil {
		return w.looked.lacking
	}
	return w.Batch
}

// SendAll has all rows of a stream sent from now on if the server did not take the keys that were to be looked up, for
// a reason that trying again does not mend. It reports whether there is such a write: then all are to be sent again.
func SendAll(writes []*Write, err error, log *slog.Logger) bool {
	found := false
	for _, w := range writes {
		if !w.looked.failed || !saidNo(err) {
			continue
		}
		w.looked.failed, found = false, true
		w.Stream.MostThere.Store(false)
		log.Debug("all rows are sent from now on, because their keys could not be looked up", "stream", w.Stream.Name)
	}
	return found
}
