package tablewrite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/target/telemetry"
	"target-postgres/target/trace"
	"target-postgres/typemap"
)

// Write is one stream's batch on its way into its table, with everything that the stream may change while it waits.
type Write struct {
	// Stream is the stream as it was when the rows were encoded.
	Stream *revision.Revision
	// Sharers are the streams whose rows its batch may have, nil where all are the stream's own.
	Sharers []*revision.Revision
	Layout  *revision.Layout
	Batch   *batch.Batch
	Job     merge.Job
	// Seen is the table that the batch's keys are added to, without a name when they are not needed.
	Seen merge.Name
	// Superseded is the table that keeps records of keys that come more than once, without a name where none are kept.
	Superseded merge.Superseded
	// Direct is true when the rows go straight into the table, because the merge would change nothing about them: in
	// mode append, and as long as every key is new.
	Direct bool
	// Keys are from the least to the greatest key of the rows, nil where that is not known.
	Keys *merge.Stretch
	// NewKeys is true where the run has brought none of the keys before, and may be able to tell its rows of the table
	// from others.
	NewKeys bool
	// Independent reports whether they may be copied before the earlier checkpoints commit.
	Independent bool

	// Spills is true for rows that go beside the table, to wait there for their STATE.
	Spills bool
	// Spill is the table beside the stream's own that those go to, SpillLines its column for where they stood.
	Spill      merge.Name
	SpillLines string
	// Merges is true where rows of a keyed mode have to be merged: the stream's ops, which may change while the write
	// waits.
	Merges bool

	// InCSV is true for rows that go as CSV although copy_format may ask for another format. sent is how they were sent
	// last.
	InCSV bool
	sent  sending
	// looked is what the lookup of keys that came last has found out.
	looked lookup

	// Measured counts how often the table was analyzed for the write and its parts.
	Measured *atomic.Int32

	// Inserted and the others count what the merge did to rows of the table, in the attempt that succeeded.
	Inserted, updated, deleted, ignored, passed int64
	// took is the time that the database spent on the batch, in the attempt that succeeded.
	took time.Duration
}

// Record is the write's only row as JSON, nil if it is to be left out.
func (w *Write) Record(bare bool) ([]byte, error) {
	if bare {
		return nil, nil
	}
	columns := map[string]any{}
	fields := batch.CsvFields(w.Batch.Row(0))
	for i, c := range w.Layout.Columns {
		if i < len(fields) && fields[i] != nil {
			columns[c.Name] = *fields[i]
		}
	}
	return json.Marshal(columns)
}

// Any reports whether a row of the batch is one of those that are to be dropped.
func (w *Write) Any(drop func(i int) bool) bool {
	for i := range w.Batch.Rows() {
		if drop(i) {
			return true
		}
	}
	return false
}

// numbersItself reports whether the server would have to number rows of the batch, which COPY does not ask it for.
func (w *Write) numbersItself(b *batch.Batch) bool {
	return b.Unnumbered && w.Job.Target.Table == w.Stream.TableName
}

// StagedName names the table that the nth batch of a checkpoint is staged in.
func StagedName(n int) string { return "_singular_staged_" + strconv.Itoa(n) }

// With is the same write of another batch.
func (w *Write) With(b *batch.Batch) *Write {
	other := *w
	other.Batch = b
	other.Job.Has = merge.Has{Duplicates: b.Duplicates, Patched: b.Patched, Removed: b.Removed, Unnumbered: b.Unnumbered, Unavailable: b.Unavailable}
	other.Job.NullKeys = b.NullKeys
	other.Direct = w.MayBeDirect(b)
	return &other
}

// MayBeDirect reports whether a batch may go straight into the table. One of a keyed mode may while the table was empty
// at the start: where a key is there already its index objects, and the batch takes the long way.
func (w *Write) MayBeDirect(b *batch.Batch) bool {
	s := w.Stream
	switch {
	case w.Job.IgnoreMissing || w.Job.Hash != "" || s.RowSecurity || s.Ruled || w.Seen.Table != "" || w.numbersItself(b):
		return false
	case w.Job.Mode == merge.Append:
		return true
	default:
		plain := !b.Duplicates && !b.NullKeys && !b.Patched && !b.Removed && !b.Timeless && !w.Merges
		objects := s.Unique
		if w.Job.Mode == merge.History {
			objects = s.OneActive
		}
		return plain && s.StartedEmpty.Load() && (objects || w.Keys != nil || w.NewKeys)
	}
}

// MakesChunks reports whether copying the rows ahead may have TimescaleDB make chunks for them.
func (w *Write) MakesChunks() bool { return w.Direct && w.Independent && w.Stream.Chunked }

// CreateStaged is the DDL of the table that the rows are copied into: the columns have the types they have in the
// target, so that it is COPY which converts and refuses values.
func (w *Write) CreateStaged() string {
	columns := make([]string, 0, len(w.Layout.Columns)+len(w.Layout.Extras))
	for _, c := range w.Layout.Columns {
		columns = append(columns, typemap.Quote(c.Name)+" "+c.Type.DDL())
	}
	for _, e := range w.Layout.Extras {
		columns = append(columns, typemap.Quote(e.Name)+" "+e.Type.Name)
	}
	return fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", typemap.Quote(w.Job.Staged.Table), strings.Join(columns, ", "))
}

// probe makes sure that the table still has the unique index which objects to a key that is there: it may have been
// dropped. The server plans the statement, looking for that index, and does not run it. From then on the transaction's
// lock keeps the index.
func (w *Write) probe() []string {
	if !w.Direct || w.Job.Mode == merge.Append {
		return nil
	}
	names := make([]string, len(w.Job.Key))
	for i, key := range w.Job.Key {
		names[i] = key.Name
	}
	active := ""
	if w.Job.Mode == merge.History {
		active = " WHERE " + typemap.Quote(w.Job.Active)
	}
	into, key := w.Job.Target.SQL(), pgtx.QuoteAll(names)
	row := "DEFAULT VALUES"
	if w.IsSharded() { // Citus looks for the shard of the row, and a default that is NULL has none
		into, row = into+" ("+key+")", "SELECT "+key+" FROM "+into+" WHERE false"
	}
	return []string{fmt.Sprintf("EXPLAIN INSERT INTO %s %s ON CONFLICT (%s)%s DO NOTHING", into, row, key, active)}
}

// Around are the statements that are sent in one message with a COPY.
type Around struct {
	// Before and After may be empty.
	Before, After []string
	// Wait holds the end of the rows back, and with it what is after them. It may be nil.
	Wait func() error
	// LooksUp lets the keys of the rows be looked up first, so that fewer rows may be sent. LastLook says that the
	// statements of that name come before COMMIT.
	LooksUp, LastLook bool
}

// UnderRolePath reports whether the rows are copied under the search_path of the role. Nothing in COPY is found through
// it, but code of the user's own may run for every row.
func (w *Write) UnderRolePath() bool { return w.Stream.UserCode }

// Copy sends the rows. The error is the server's: CopyError says what it means, if it is about the rows.
func (w *Write) Copy(ctx context.Context, conn *pgx.Conn, with Around) error {
	w.Inserted, w.updated, w.deleted, w.ignored, w.passed = 0, 0, 0, 0, 0 // an earlier attempt counted rows that were rolled back
	w.looked, w.took = lookup{}, 0
	w.recode(encodingOf(conn))
	told := telemetry.From(ctx).Copy(conn, w.told())
	if with.LooksUp && w.looksUp(encodingOf(conn)) {
		err := w.lookUp(ctx, conn, with.Before)
		if with.Before = nil; err != nil || w.rows().Rows() == 0 {
			told.End(err, false)
			return err
		}
	}
	return w.copyRows(ctx, conn, with, told)
}

// copyRows sends the rows of which nothing is known yet.
func (w *Write) copyRows(ctx context.Context, conn *pgx.Conn, with Around, told *telemetry.Copying) error {
	into := w.Job.Staged
	if w.Direct {
		into = w.Job.Target
	}
	w.sent = w.format()
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT %s)", into.SQL(), pgtx.QuoteAll(w.copied()), w.sent.name)
	var path []string
	if w.UnderRolePath() {
		path = []string{merge.RolePath}
	}
	rows, began := w.rows().Reader(w.sent.rows, told.Holding(with.Wait)), time.Now()
	defer rows.Close()
	defer func() { w.took += time.Since(began) - time.Duration(rows.Waited.Load()) }()
	script := strings.Join(slices.Concat(with.Before, w.sent.proof, path, w.lookedUp(with.LastLook), []string{sql}, with.After), ";\n")
	done := trace.Statement(conn, script)
	tag, err := conn.PgConn().CopyFrom(ctx, rows, script)
	done(err)
	if w.isOfKey(err) {
		told.Staged(err)
	} else {
		told.End(err, len(with.After) > 0)
	}
	switch {
	case err != nil:
		w.sent.failed, w.sent.unwritten = true, rows.Unwritten.Load()
		return err
	case w.Direct && len(with.After) == 0:
		w.Inserted = tag.RowsAffected()
	case w.Direct: // the tag is of what came after, and no row can have been left out
		w.Inserted = int64(w.rows().Rows())
	}
	return nil
}

// copied are the columns that the rows are copied into.
func (w *Write) copied() []string {
	names := make([]string, 0, len(w.Layout.Columns)+len(w.Layout.Extras))
	for _, c := range w.Layout.Columns {
		names = append(names, c.Name)
	}
	for _, e := range w.Layout.Extras {
		if w.Direct && e.Kind == systemcolumn.At {
			e.Name = w.Job.Start
		}
		names = append(names, e.Name)
	}
	return names
}

// copyLine finds the line and column in what COPY says about where it stopped, in any language: a line that begins with
// the word COPY and the table's name, which is ours or the user's. The value that may follow is not looked at.
func copyLine(table, where string) (line int64, column string) {
	for context := range strings.SplitSeq(where, "\n") {
		rest, ok := strings.CutPrefix(context, "COPY "+table)
		if !ok {
			continue
		}
		if found := copyPlace.FindStringSubmatch(rest); found != nil {
			line, _ = strconv.ParseInt(found[1], 10, 64)
			return line, found[2]
		}
	}
	return 0, ""
}

// copyPlace is a comma, a word for "line", the number and, if a column follows, a word for that and its name.
var copyPlace = regexp.MustCompile(`^[^\w:][^\d:]{0,24}(\d+)(?:, [^ :]+ ([^:]+))?`)

// CopyError says which row of the batch COPY refused, and which column.
func (w *Write) CopyError(err error) error {
	converted := w.Stream.DBError("copy rows", err)
	var pg *pgconn.PgError
	var e *failure.Error
	if !errors.As(err, &pg) || !errors.As(converted, &e) {
		return converted
	}
	into := w.Job.Staged.Table
	if w.Direct {
		into = w.Job.Target.Table
	}
	line, column := copyLine(into, pg.Where)
	row := -1
	if line > 0 {
		row = w.rows().RowAt(line)
	}
	if row < 0 {
		return bisect.OfRows(converted, bisect.RefusedError{})
	}
	if column != "" && w.FieldOf(column) >= 0 {
		e.Column = column
	} else if e.Column == "" && failure.Untranslatable(err) {
		e.Column = w.columnWith(failure.Character(pg), w.rows().Row(row))
	}
	if failure.BlameOf(converted) == failure.Row && !w.Stream.LacksPart(err) {
		e.Reason = failure.SafeMessage(cmp.Or(failure.Said(e), pg))
	}
	return bisect.OfRows(converted, bisect.RefusedError{Where: w.rows().RowsAt[row], Known: true, Named: e.Column != ""})
}

// Fields counts the fields of a row's line.
func (w *Write) Fields() int { return len(w.Layout.Columns) + len(w.Layout.Extras) }

// FieldOf is which field of a row's line a column is, -1 if the write does not write it.
func (w *Write) FieldOf(column string) int { return w.Layout.FieldOf(column) }

// CountCommitted counts what became of the batch, once it is committed.
func (w *Write) CountCommitted(now time.Time) {
	c := w.Stream.Stats
	c.Busy.Add(int64(w.took))
	c.Batches.Add(1)
	c.Ended.Store(now.UnixNano())
	if w.Stream.Mode == merge.Replace || w.Spills {
		c.Unswapped.Add(int64(w.Batch.Rows())) // these rows are not in the table yet: the swap counts them
		c.Copied.Add(w.Inserted)
		if !w.Direct {
			c.Merged.Store(true)
		}
		return
	}
	c.LoadedRecords.Add(int64(w.Batch.Rows()))
	if w.Job.Target.Table != w.Stream.TableName {
		c.Staged.Add(int64(w.Batch.Rows())) // what this refresh inserts is counted when it completes
		return
	}
	c.Ignored.Add(w.ignored)
	c.Passed.Add(w.passed)
	c.Add(w.Inserted, w.updated, w.deleted)
	w.Stream.MostThere.Store(2*w.Inserted < int64(w.Batch.Rows()))
}

// IsSharded reports whether Citus keeps the rows of the table on its workers.
func (w *Write) IsSharded() bool { return w.Job.Place.Sharded() }

// LooksElsewhere reports whether copying the rows begins a transaction on another server. That transaction keeps its
// snapshot, so a merge in it must lock the table before.
func (w *Write) LooksElsewhere() bool { return w.Direct && w.Job.Place == merge.Foreign }

// FallBackToStaging sends the batches the long way that went straight into a table whose key objected. It reports
// whether there were any.
func FallBackToStaging(writes []*Write, err error) bool {
	found := false
	for _, w := range writes {
		if w.isOfKey(err) {
			w.Stream.StartedEmpty.Store(false)
			w.Direct, found = false, true
		}
	}
	return found
}
