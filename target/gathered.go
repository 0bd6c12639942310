package target

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// gathered is the search for the rows that the server refuses among those that gathered in a table beside the stream's own. It
// does what sifting does, in the transaction that brings them in: a part that the server takes stays, one that it refuses is
// divided. All that is left of the input by then is where each row stood in it. (docs/adr/0021-refused-rows.md)
type gathered struct {
	committer *Committer
	s         *view
	conn      *pgx.Conn
	// fields are the columns of the stream's layout.
	fields []merge.Column
	// from is the table that the rows gathered in, lines its column that says where they stood in this run's input, "" if they come
	// from an earlier one, by the column that orders them, columns those of the rows.
	from      merge.Name
	lines, by string
	columns   []merge.Column
	// repeats is true where several rows may have one key, so that the last of them has to come last.
	repeats bool
	// begin are the statements that come before the rows, bring those that bring some of them in. end is what comes after them. begin
	// and end may be nil.
	begin func() ([]merge.Statement, error)
	bring func(part merge.Name) ([]merge.Statement, error)
	end   func(ctx context.Context) error
	// doing and cause are what was done when the server refused it, and what it said.
	doing string
	cause error

	// rows is a copy of the rows, in which the column number counts them. part is what is tried of them.
	rows, part merge.Name
	number     string
	count      int64
	statements []merge.Statement
	taken      int64
	// blamed is the column whose value was the last to be set to NULL.
	blamed     string
	done       changes
	rejections []gatheredRejection
}

// gatheredRejection is a row that is set aside: its number and place, its record as JSON and the reason.
type gatheredRejection struct {
	number int64
	at     batch.Position
	record []byte
	reason *failure.Error
	err    error
}

// removeBy does all of it in a transaction of its own, which drops the table, and rejects the rows that the server refuses.
func (g *gathered) removeBy(t *Target, s *stream) error {
	err := t.removeBy(s, g.doing, g.from, func(ctx context.Context, conn *pgx.Conn) (changes, error) {
		g.conn, g.done, g.taken, g.rejections = conn, changes{}, 0, nil // it may be tried once more
		if err := g.run(ctx); err != nil {
			return changes{}, err
		}
		if g.end != nil {
			if err := g.end(ctx); err != nil {
				return changes{}, err
			}
		}
		_, err := conn.Exec(ctx, drop(g.from).SQL)
		return g.done, err
	})
	if err != nil {
		return err
	}
	if g.lines != "" {
		g.s.stats.loadedRecords.Add(-int64(len(g.rejections))) // they had been counted with the others of this run
	}
	for _, r := range g.rejections {
		m := &protocol.Message{Kind: protocol.KindRecord, Line: r.reason.Line, Record: r.record}
		if err := t.reject(s, m, r.reason); err != nil {
			return err
		}
	}
	return nil
}

// run brings all rows in that the server takes. The error is about the first row that ends the run, or about no row.
func (g *gathered) run(ctx context.Context) error {
	if err := g.prepare(ctx); err != nil {
		return err
	}
	if g.count > 0 {
		rows := search{rows: g}
		if err := rows.run(ctx, stretches{{0, g.count}}, nil); err != nil {
			return err
		}
	}
	slices.SortFunc(g.rejections, func(a, b gatheredRejection) int { return int(a.number - b.number) })
	if g.taken == 0 && len(g.rejections) > 0 && needsProof(g.rejections[0].err) {
		return g.cause
	}
	return nil
}

// prepare numbers the rows in the order of the input, and does what comes before them.
func (g *gathered) prepare(ctx context.Context) error {
	g.rows, g.part = merge.Name{Schema: "pg_temp", Table: "_singular_gathered"}, merge.Name{Schema: "pg_temp", Table: "_singular_part"}
	g.number = unused("_singular_number", func(name string) bool {
		return name == g.lines || slices.ContainsFunc(g.columns, func(c merge.Column) bool { return strings.EqualFold(c.Name, name) })
	})
	if g.begin != nil {
		begin, err := g.begin()
		if err != nil {
			return err
		}
		if _, err := carryOut(ctx, g.conn, begin); err != nil {
			return err // it is no row's fault
		}
	}
	number := typemap.Quote(g.number)
	statements := []string{
		merge.PinnedPath,
		fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY s.%s NULLS FIRST, s.ctid) - 1 AS %s, s.* FROM %s AS s",
			typemap.Quote(g.rows.Table), typemap.Quote(g.by), number, g.from.SQL()),
		fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", g.rows.SQL(), number),
		fmt.Sprintf("CREATE TEMP TABLE %s (LIKE %s) ON COMMIT DROP", typemap.Quote(g.part.Table), g.from.SQL()),
		"ANALYZE " + g.rows.SQL(),
		"SELECT count(*) FROM " + g.rows.SQL(),
	}
	results, err := pgtx.Script(ctx, g.conn, statements)
	if err != nil {
		return err
	}
	if _, err = fmt.Sscan(string(results[len(results)-1].Rows[0][0]), &g.count); err != nil {
		return err
	}
	g.statements, err = g.bring(g.part)
	return err
}

// take brings rows in, and leaves the transaction as it was if the server refuses them.
func (g *gathered) take(ctx context.Context, rows stretches) error {
	err := g.within(ctx, func() error { return g.send(ctx, rows) })
	if err == nil {
		g.taken += rows.rows()
	}
	return err
}

// stoppedAt is never known: the rows are not copied.
func (g *gathered) stoppedAt(error) (row int64, known bool) { return 0, false }

func (g *gathered) mayWait(_ int64, refused error, others stretches) (waits bool, same, rest stretches) {
	if g.repeats || !aboutOthers(refused) {
		return false, nil, others
	}
	return true, others, nil
}

// within runs do in a savepoint, which is rolled back if the server refuses something of it.
func (g *gathered) within(ctx context.Context, do func() error) error {
	if _, err := g.conn.Exec(ctx, savepoint); err != nil {
		return err
	}
	err := do()
	if err == nil {
		_, err = g.conn.Exec(ctx, release)
		return err
	}
	err = ofRows(g.s.dbError(g.doing, err), refusedError{})
	if refusedBy(err) == nil {
		return err
	}
	if _, undo := g.conn.Exec(ctx, rollbackTo); undo != nil {
		return undo
	}
	return err
}

// send brings rows in. Deferred constraints are checked at once: at COMMIT nobody could tell which row breaks one.
func (g *gathered) send(ctx context.Context, rows stretches) error {
	names := make([]string, 0, len(g.columns))
	for _, c := range g.columns {
		names = append(names, c.Name)
	}
	some := pgtx.QuoteAll(names)
	all := []string{
		merge.PinnedPath, "SET CONSTRAINTS ALL DEFERRED", "TRUNCATE " + g.part.SQL(),
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %[2]s FROM %s WHERE %s ORDER BY %s", g.part.SQL(), some, g.rows.SQL(), g.among(rows), typemap.Quote(g.number)),
	}
	first := len(all)
	for _, statement := range g.statements {
		all = append(all, statement.SQL)
	}
	all = append(all, merge.RolePath, "SET CONSTRAINTS ALL IMMEDIATE", merge.PinnedPath)
	for _, statement := range g.statements {
		for _, table := range madeByMerge.FindAllStringSubmatch(statement.SQL, -1) {
			all = append(all, "DROP TABLE "+table[1])
		}
	}
	results, err := pgtx.Script(ctx, g.conn, all)
	if err != nil {
		return err
	}
	for i, statement := range g.statements {
		inserted, updated, deleted := statement.Count(results[first+i].CommandTag.RowsAffected())
		g.done.inserted, g.done.updated, g.done.deleted = g.done.inserted+inserted, g.done.updated+updated, g.done.deleted+deleted
	}
	return nil
}

// among is the condition that selects rows.
func (g *gathered) among(rows stretches) string {
	number := typemap.Quote(g.number)
	if len(rows) == 1 {
		return fmt.Sprintf("%[1]s >= %[2]d AND %[1]s < %[3]d", number, rows[0].from, rows[0].to)
	}
	var numbers []byte
	for _, one := range rows {
		for n := one.from; n < one.to; n++ {
			numbers = append(strconv.AppendInt(numbers, n, 10), ',')
		}
	}
	return fmt.Sprintf("%s = ANY ('{%s}'::bigint[])", number, bytes.TrimSuffix(numbers, []byte{','}))
}
