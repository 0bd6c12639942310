package target

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
)

// drain brings the rows of a spill into the stream's table, in the transaction of their STATE.
type drain struct {
	stream *view
	// job describes the merge of the rows, lines is the column that says where they stood in the input, fields are the columns of the
	// stream's layout.
	job    merge.Job
	lines  string
	fields []merge.Column
	// removals are the statements that come after the rows, and remove what a full pass did not bring.
	removals []merge.Statement
}

const drainsRows = "load rows that waited for their STATE"

// drain brings in the rows that waited. If the server refuses some of them it looks for these.
func (c *checkpoint) drain(ctx context.Context, conn *pgx.Conn) (counts []func(), err error) {
	for i, d := range c.drains {
		g := &gathered{
			committer: c.committer, s: d.stream, conn: conn, fields: d.fields,
			from: d.job.Staged, lines: d.lines, by: d.lines, columns: d.job.Columns, doing: drainsRows, bring: d.bring,
		}
		if err := c.drainOne(ctx, g, d, i); err != nil {
			return nil, err
		}
		counts = append(counts, func() {
			d.stream.stats.loadedRecords.Add(-int64(len(g.rejections)))
			d.stream.stats.removedBy(g.done, c.committer.now())
			for _, r := range g.rejections {
				c.committer.tellReject(d.stream, r.reason)
			}
		})
	}
	return counts, nil
}

// bring are the statements that bring rows in from a table like the spill.
func (d *drain) bring(from merge.Name) ([]merge.Statement, error) {
	job := d.job
	job.Staged = from
	return merge.Load(job)
}

func (c *checkpoint) drainOne(ctx context.Context, g *gathered, d drain, number int) error {
	all, err := d.bring(g.from)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: d.stream.name, Reason: drainsRows, Err: err}
	}
	err = g.within(ctx, func() (err error) {
		g.done, err = carryOut(ctx, g.conn, all)
		return err
	})
	if refused := refusedBy(err); refused != nil && !d.stream.rejects {
		g.cause = aboutNoRow(err)
		err = c.search(ctx, g, number)
	}
	if err != nil {
		return d.stream.dbError(drainsRows, err)
	}
	rest := []merge.Statement{{SQL: "TRUNCATE " + g.from.SQL()}}
	if len(d.removals) > 0 && len(g.rejections) == 0 && c.committer.broughtAll(d.stream) {
		rest = append(rest, d.removals...)
	}
	_, err = carryOut(ctx, g.conn, rest)
	return d.stream.dbError(drainsRows, err)
}

// search brings in the rows of a spill that the server takes, and sets the others aside.
func (c *checkpoint) search(ctx context.Context, g *gathered, number int) error {
	g.done = changes{}
	if err := g.run(ctx); err != nil {
		if refused := refusedBy(err); refused != nil {
			refused.waited = true
		}
		return err
	}
	for i, r := range g.rejections {
		if err := c.setAsideWaiting(ctx, g, r, len(c.loads)+number<<20+i); err != nil {
			return err
		}
	}
	_, err := g.conn.Exec(ctx, "DROP TABLE "+g.rows.SQL()+", "+g.part.SQL())
	return err
}

// setAsideWaiting puts a row into the table of rejected records.
func (c *checkpoint) setAsideWaiting(ctx context.Context, g *gathered, r gatheredRejection, n int) error {
	s := &sifting{c: c, conn: g.conn, works: map[*counters]bool{}}
	for _, record := range [][]byte{r.record, nil} {
		l, err := c.rejected(g.s, r.at, r.reason, record)
		if err == nil && !l.direct {
			l.job.Staged.Table = stagedName(n)
			_, err = g.conn.Exec(ctx, l.createStaged())
		}
		if err == nil {
			err = s.try(ctx, []*load{l})
		}
		if err == nil || record == nil || (refusedBy(err) == nil && asValueError(err) == nil) {
			return err
		}
	}
	return nil
}

// isOfWaiting reports whether an error is about a row that had waited for its STATE.
func isOfWaiting(err error) bool {
	refused := refusedBy(err)
	return refused != nil && refused.waited
}

// drained is the stream that an error names, if rows of it are drained.
func (c *checkpoint) drained(err error) *view {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok {
		return nil
	}
	for _, d := range c.drains {
		if d.stream.name == e.Stream {
			return d.stream
		}
	}
	return nil
}
