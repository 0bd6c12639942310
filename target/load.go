package target

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/connect"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// load is one stream's batch on its way into its table, with everything that the stream may change while it waits.
type load struct {
	// stream is the stream as it was when the rows were encoded.
	stream *view
	// sharers are the streams whose rows its batch may have, nil where all are the stream's own.
	sharers []*view
	layout  *layout
	batch   *batch.Batch
	job     merge.Job
	// seen is the table that the batch's keys are added to, without a name when nobody asks for them.
	seen merge.Name
	// direct is true when the rows go straight into the table, because the merge would change nothing about them: in mode
	// append, and as long as every key is new.
	direct bool
	// apart is true when they may do so although rows before them are not committed yet.
	apart bool

	// spills is true for rows that go beside the table, to wait there for their STATE.
	spills bool
	// spill is the table beside the stream's own that those go to, spillLines its column for where they stood.
	spill      merge.Name
	spillLines string
	// merges is true where rows of a keyed mode have to be merged: the stream's ops, which may change while the load waits.
	merges bool

	// measured counts how often the table was analyzed for the load and its parts.
	measured *atomic.Int32

	inserted, updated, deleted, ignored int64
	// took is the time that the database spent on the batch, in the attempt that succeeded.
	took time.Duration
}

// newLoad makes a load of rows that were encoded for a stream. n tells the temporary tables of one checkpoint apart. It does
// not look at the stream's own batch, which belongs to the goroutine that reads the input.
func newLoad(s *stream, n int, rows *batch.Batch) *load {
	l := &load{stream: s.seenBy(), layout: s.layout, job: s.job(), merges: s.ops, apart: s.apart(), measured: new(atomic.Int32)}
	if s.seen != "" {
		l.seen = merge.Name{Schema: s.schemaName, Table: s.seen}
	}
	l.job.Staged = merge.Name{Schema: "pg_temp", Table: stagedName(n)}
	for _, sharer := range s.sharers {
		l.sharers = append(l.sharers, sharer.seenBy())
	}
	if s.spill != nil {
		l.spill, l.spillLines = s.spill.name, s.spill.lines
	}
	return l.with(rows)
}

// waits says whether the rows cannot be copied before those before them are committed.
func (l *load) waits() bool { return l.direct && !l.apart || l.stream.inTheWay.Load() }

// runsIntoOthers says whether copying the rows may take what rows before them need: the code of a type runs for staged rows, too.
func (l *load) runsIntoOthers() bool { return l.direct || l.stream.userCode }

func stagedName(n int) string { return "_singular_staged_" + strconv.Itoa(n) }

// with is the same load of another batch.
func (l *load) with(b *batch.Batch) *load {
	other := *l
	other.batch = b
	other.job.Has = merge.Has{Duplicates: b.Duplicates, Patched: b.Patched, Removed: b.Removed, Unnumbered: b.Unnumbered, Unavailable: b.Unavailable}
	other.job.NullKeys = b.NullKeys
	other.direct = l.mayBeDirect(b)
	return &other
}

// mayBeDirect says whether a batch may go straight into the table. One of a keyed mode may while the table was empty at the
// start: where a key is there already its index objects, and the batch takes the long way.
func (l *load) mayBeDirect(b *batch.Batch) bool {
	s := l.stream
	switch {
	case l.job.IgnoreMissing || s.rowSecurity || l.seen.Table != "" || l.numbersItself(b):
		return false
	case l.job.Mode == merge.Append:
		return true
	default:
		plain := !b.Duplicates && !b.NullKeys && !b.Patched && !b.Removed && !b.Timeless && !l.merges
		objects := s.unique
		if l.job.Mode == merge.History {
			objects = s.oneActive
		}
		return plain && s.fresh.Load() && objects
	}
}

// createStaged is the DDL of the table that the rows are copied into: the columns have the types they have in the
// target, so that it is COPY which converts and refuses values.
func (l *load) createStaged() string {
	columns := make([]string, 0, len(l.layout.columns)+len(l.layout.extras))
	for _, c := range l.layout.columns {
		columns = append(columns, typemap.Quote(c.Name)+" "+c.Type.DDL())
	}
	for _, e := range l.layout.extras {
		columns = append(columns, typemap.Quote(e.name)+" "+e.typ.Name)
	}
	return fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", typemap.Quote(l.job.Staged.Table), strings.Join(columns, ", "))
}

// probe makes sure that the table still has the unique index which objects to a key that is there: somebody may have dropped it.
// The server plans the statement, looking for that index, and does not run it. From then on the transaction's lock keeps the
// index.
func (l *load) probe() []string {
	if !l.direct || l.job.Mode == merge.Append {
		return nil
	}
	names := make([]string, len(l.job.Key))
	for i, key := range l.job.Key {
		names[i] = key.Name
	}
	active := ""
	if l.job.Mode == merge.History {
		active = " WHERE " + typemap.Quote(l.job.Active)
	}
	return []string{fmt.Sprintf("EXPLAIN INSERT INTO %s DEFAULT VALUES ON CONFLICT (%s)%s DO NOTHING", l.job.Target.SQL(), pgtx.QuoteAll(names), active)}
}

// around are the statements that are sent in one message with a COPY.
type around struct {
	before, after []string
	// wait holds the end of the rows back, and with it what is after them. It may be nil.
	wait func() error
}

// underRolePath says whether the rows are copied under the search_path of the role. Nothing in COPY is found through it, but
// code of the user's own may run for every row.
func (l *load) underRolePath() bool { return l.stream.userCode }

// copy sends the rows. The error is the server's: copyError says what it means, if it is about the rows.
func (l *load) copy(ctx context.Context, conn *pgx.Conn, with around) error {
	l.inserted, l.updated, l.deleted, l.ignored = 0, 0, 0, 0 // an earlier attempt counted rows that were rolled back
	into, names := l.job.Staged, make([]string, 0, len(l.layout.columns)+len(l.layout.extras))
	if l.direct {
		into = l.job.Target
	}
	for _, c := range l.layout.columns {
		names = append(names, c.Name)
	}
	for _, e := range l.layout.extras {
		if l.direct && e.kind == extraAt {
			e.name = migrate.StartColumn
		}
		names = append(names, e.name)
	}
	l.recode(encodingOf(conn))
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", into.SQL(), pgtx.QuoteAll(names))
	var path []string
	if l.underRolePath() {
		path = []string{merge.RolePath}
	}
	rows, began := l.batch.Reader(with.wait), time.Now()
	defer rows.Close()
	defer func() { l.took = time.Since(began) - time.Duration(rows.Waited.Load()) }()
	script := strings.Join(slices.Concat(with.before, path, l.probe(), []string{sql}, with.after), ";\n")
	done := connect.Trace(conn, script)
	tag, err := conn.PgConn().CopyFrom(ctx, rows, script)
	done(err)
	switch {
	case err != nil:
		return err
	case l.direct && len(with.after) == 0:
		l.inserted = tag.RowsAffected()
	case l.direct: // the tag is of what came after, and no row can have been left out
		l.inserted = int64(l.batch.Rows())
	}
	return nil
}

// copyLine finds the line and column in what COPY says about where it stopped, in any language: a line that begins with the
// word COPY and the table's name, which is ours or the user's. The value that may follow is not looked at.
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

// copyError says which row of the batch COPY refused, and which column.
func (l *load) copyError(err error) error {
	converted := l.stream.dbError("copy rows", err)
	var pg *pgconn.PgError
	var e *failure.Error
	if !errors.As(err, &pg) || !errors.As(converted, &e) {
		return converted
	}
	into := l.job.Staged.Table
	if l.direct {
		into = l.job.Target.Table
	}
	line, column := copyLine(into, pg.Where)
	row := -1
	if line > 0 {
		row = l.batch.RowAt(line)
	}
	if row < 0 {
		return ofRows(converted, refusedError{})
	}
	if column != "" && l.has(column) {
		e.Column = column
	} else if e.Column == "" && failure.Untranslatable(err) {
		e.Column = l.columnWith(character(pg), l.batch.Row(row))
	}
	if failure.KindOf(converted) == failure.KindInput && !l.stream.lacksPart(err) {
		e.Reason = failure.SafeMessage(pg)
	}
	return ofRows(converted, refusedError{where: l.batch.RowsAt[row], known: true, named: e.Column != ""})
}

// has reports whether the load writes a column.
func (l *load) has(column string) bool {
	return slices.ContainsFunc(l.layout.columns, func(c merge.Column) bool { return c.Name == column }) ||
		slices.ContainsFunc(l.layout.extras, func(e extra) bool { return e.name == column })
}
