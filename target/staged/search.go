package staged

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/foresee"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/target/revision"
	"target-postgres/target/scratch"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// Search is the search for the rows that the server refuses among those of a staging table. It does what the search in
// a checkpoint does, in the transaction that brings them in: a part that the server takes stays, one that it refuses is
// divided. All that is left of the input by then is where each row stood in it. (docs/adr/0021-refused-rows.md)
type Search struct {
	// MayReject returns what ends the run if so many more records of the stream may not be rejected.
	MayReject func(s *revision.Revision, more int, last *failure.Error) error
	// Ending is told that a search is under way.
	Ending *pipeline.Ending
	// S is the stream, Conn the connection that the transaction is open on.
	S    *revision.Revision
	Conn *pgx.Conn
	// Fields are the columns of the stream's layout.
	Fields []merge.Column
	// From is the staging table, Lines its column that says where they stood in this run's input, "" if they come from
	// an earlier one, By the column that orders them, Columns those of the rows.
	From      merge.Name
	Lines, By string
	Columns   []merge.Column
	// Superseded is the table of the records of keys that came more than once, without a name where there is none. They
	// are tried one after the other, in the place of the rows that they came to.
	Superseded merge.Superseded
	// Order are the columns that order the records of a key.
	Order []string
	// Repeats is true where several rows may have one key, so that the last of them has to come last.
	Repeats bool
	// Begin are the statements that come before the rows, Bring those that bring some of them in. End is what comes
	// after them. Begin and End may be nil.
	Begin func() ([]merge.Statement, error)
	Bring func(part merge.Name) ([]merge.Statement, error)
	// Replay are the statements that bring superseded records in. They may be partial.
	Replay func(part merge.Name, patched bool) ([]merge.Statement, error)
	End    func(ctx context.Context) error
	// Job describes how the rows that are tried come to the table where they come to it as they are, so that the server
	// can be asked about many of them at once. It is nil where they may not.
	Job *merge.Job
	// Drop are statements for the end, once everything is brought in.
	Drop []merge.Statement
	// Doing and Cause are what was done when the server refused it, and what it said.
	Doing string
	Cause error

	// Rows is a copy of the rows, in which the column number counts them. Part is what is tried of them.
	Rows, Part merge.Name
	// again is what is tried of the superseded records, repeated the numbers of these.
	again    merge.Name
	repeated bisect.Stretches
	number   string
	count    int64
	// statements bring in what is tried of the rows, replayed what is tried of the superseded records.
	statements, replayed []merge.Statement
	Taken                int64
	// blamed is the column whose value was the last to be set to NULL.
	blamed     string
	Done       stats.Changes
	Rejections []Rejection
	// foresight knows of rows that the server is going to refuse, nil where it is not asked.
	foresight *foresee.Staged
}

// Rejection is a row that is set aside: its number and place, its record as JSON and the reason.
type Rejection struct {
	number int64
	At     batch.Position
	Record []byte
	Reason *failure.Error
	err    error
}

// Run brings all rows in that the server takes. The error is about the first row that ends the run, or about no row.
func (g *Search) Run(ctx context.Context) error {
	defer g.Ending.Search()()
	if err := g.prepare(ctx); err != nil {
		return err
	}
	if g.count > 0 {
		rows := bisect.Search{Rows: g}
		if err := rows.Run(ctx, bisect.Stretches{{To: g.count}}, nil); err != nil {
			return err
		}
	}
	slices.SortFunc(g.Rejections, func(a, b Rejection) int { return int(a.number - b.number) })
	if g.Taken == 0 && len(g.Rejections) > 0 && bisect.NeedsProof(g.Rejections[0].err) {
		return g.Cause
	}
	return nil
}

// prepare numbers the rows in the order of the input, and does what comes before them.
func (g *Search) prepare(ctx context.Context) error {
	g.Rows, g.Part = merge.Name{Schema: "pg_temp", Table: "_singular_candidates"}, merge.Name{Schema: "pg_temp", Table: "_singular_part"}
	g.number = revision.Unused("_singular_number", func(name string) bool {
		return name == g.Lines || slices.ContainsFunc(g.Columns, func(c merge.Column) bool { return strings.EqualFold(c.Name, name) })
	})
	if g.Begin != nil {
		begin, err := g.Begin()
		if err != nil {
			return err
		}
		if _, err := tablewrite.CarryOut(ctx, g.Conn, begin); err != nil {
			return err // it is no row's fault
		}
	}
	number := typemap.Quote(g.number)
	statements := []string{
		merge.PinnedPath,
		fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY s.%s NULLS FIRST, s.%s) - 1 AS %s, s.* FROM %s AS s",
			typemap.Quote(g.Rows.Table), typemap.Quote(g.By), typemap.Quote(g.place()), number, g.source()),
		fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", g.Rows.SQL(), number),
		fmt.Sprintf("CREATE TEMP TABLE %s (LIKE %s) ON COMMIT DROP", typemap.Quote(g.Part.Table), g.From.SQL()),
		"ANALYZE " + g.Rows.SQL(),
		"SELECT count(*) FROM " + g.Rows.SQL(),
	}
	results, err := pgtx.Script(ctx, g.Conn, statements)
	if err != nil {
		return err
	}
	if _, err = fmt.Sscan(string(results[len(results)-1].Rows[0][0]), &g.count); err != nil {
		return err
	}
	if g.statements, err = g.Bring(g.Part); err != nil {
		return err
	}
	if err = g.prepareSuperseded(ctx); err == nil {
		g.foresee()
	}
	return err
}

// foresee begins to take note of rows that the server refuses.
func (g *Search) foresee() {
	g.foresight = nil
	if g.Job == nil || g.Repeats || !foresee.AsIs(g.S, *g.Job) {
		return
	}
	rows := foresee.Rows{Of: g.S, From: g.Rows, Number: g.number, Count: g.count, Into: g.Job.Target, Columns: g.Columns, Key: g.Job.Key}
	if g.Superseded.Name.Table != "" {
		rows.Apart = g.isRepeated()
	}
	g.foresight = foresee.Among(g.Conn, rows)
}

// Take brings rows in, and leaves the transaction as it was if the server refuses them. Those that are known to be
// refused are rejected.
func (g *Search) Take(ctx context.Context, rows bisect.Stretches) error {
	if g.foresight == nil {
		return g.takeAll(ctx, rows)
	}
	left, known := g.foresight.Untried(rows)
	if err := g.room(known); err != nil {
		return err
	}
	if len(left) > 0 {
		if err := g.takeAll(ctx, left); err != nil {
			return err
		}
	}
	return g.reject(ctx, known, g.foresight.Said)
}

func (g *Search) takeAll(ctx context.Context, rows bisect.Stretches) error {
	err := g.Within(ctx, func() error { return g.send(ctx, rows) })
	if err == nil {
		g.Taken += rows.Count()
	}
	return err
}

// StoppedAt is never known: the rows are not copied.
func (g *Search) StoppedAt(error) (row int64, known bool) { return 0, false }

// MayWait reports whether a refused row may wait for others, and takes all of these for rows that would be refused for
// the same reason: they are of one stream.
func (g *Search) MayWait(row int64, refused error, others bisect.Stretches) (waits bool, same, rest bisect.Stretches) {
	switch {
	case g.Repeats || !bisect.AboutOthers(refused) || g.repeated.Has(row):
		return false, nil, others
	case len(g.repeated) > 0:
		return true, nil, others
	}
	return true, others, nil
}

// save makes a savepoint. The tables of what is tried are emptied before it: after it, TRUNCATE makes new files for
// them.
func (g *Search) save(ctx context.Context) error {
	statements := []string{bisect.Savepoint}
	if g.count > 0 {
		empty := "TRUNCATE " + g.Part.SQL()
		if len(g.repeated) > 0 {
			empty += ", " + g.again.SQL()
		}
		statements = []string{empty, bisect.Savepoint}
	}
	_, err := pgtx.Script(ctx, g.Conn, statements)
	return err
}

// Within runs do in a savepoint, which is rolled back if the server refuses something of it.
func (g *Search) Within(ctx context.Context, do func() error) error {
	if err := g.save(ctx); err != nil {
		return err
	}
	err := do()
	if err == nil {
		_, err = g.Conn.Exec(ctx, bisect.Release)
		return err
	}
	err = bisect.OfRows(g.S.DBError(g.Doing, err), bisect.RefusedError{})
	if bisect.By(err) == nil {
		return err
	}
	if _, undo := g.Conn.Exec(ctx, bisect.RollbackTo); undo != nil {
		return undo
	}
	return err
}

// send brings rows in. Deferred constraints are checked at once: COMMIT does not say which row breaks one.
func (g *Search) send(ctx context.Context, rows bisect.Stretches) error {
	names := make([]string, 0, len(g.Columns))
	for _, c := range g.Columns {
		names = append(names, c.Name)
	}
	some := pgtx.QuoteAll(names)
	all := []string{
		merge.PinnedPath, "SET CONSTRAINTS ALL DEFERRED",
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %[2]s FROM %s WHERE %s ORDER BY %s", g.Part.SQL(), some, g.Rows.SQL(), g.among(rows), typemap.Quote(g.number)),
	}
	statements := g.statements
	if len(g.repeated) > 0 {
		all[len(all)-1] = g.portion(rows, g.Part, some, false)
		all = append(all, g.portion(rows, g.again, some, true))
		statements = slices.Concat(statements, g.replayed)
	}
	first := len(all)
	for _, statement := range statements {
		all = append(all, statement.SQL)
	}
	all = append(all, merge.RolePath, "SET CONSTRAINTS ALL IMMEDIATE", merge.PinnedPath)
	for _, statement := range statements {
		for _, table := range scratch.MadeByMerge.FindAllStringSubmatch(statement.SQL, -1) {
			all = append(all, "DROP TABLE "+table[1])
		}
	}
	results, err := pgtx.Script(ctx, g.Conn, all)
	if err != nil {
		return err
	}
	for i, statement := range statements {
		inserted, updated, deleted := statement.Count(results[first+i].CommandTag.RowsAffected())
		g.Done.Inserted, g.Done.Updated, g.Done.Deleted = g.Done.Inserted+inserted, g.Done.Updated+updated, g.Done.Deleted+deleted
	}
	return nil
}

// among is the condition that selects rows.
func (g *Search) among(rows bisect.Stretches) string {
	number := typemap.Quote(g.number)
	if len(rows) == 1 {
		return fmt.Sprintf("%[1]s >= %[2]d AND %[1]s < %[3]d", number, rows[0].From, rows[0].To)
	}
	var numbers []byte
	for _, one := range rows {
		for n := one.From; n < one.To; n++ {
			numbers = append(strconv.AppendInt(numbers, n, 10), ',')
		}
	}
	return fmt.Sprintf("%s = ANY ('{%s}'::bigint[])", number, bytes.TrimSuffix(numbers, []byte{','}))
}
