package checkpoint

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/bisect"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/target/staged"
	"target-postgres/target/stats"
	"target-postgres/target/tablewrite"
)

// Drain brings the rows of a spill into the stream's table, in the transaction of their STATE.
type Drain struct {
	// Stream is the stream as its table is now.
	Stream *revision.Revision
	// Job describes the merge of the rows, Lines is the column that says where they stood in the input, Fields are the
	// columns of the stream's layout.
	Job    merge.Job
	Lines  string
	Fields []merge.Column
	// Removals are the statements that come after the rows, and remove what a full pass did not bring.
	Removals []merge.Statement
}

const drainsRows = "load rows that waited for their STATE"

// drain brings in the rows that waited. If the server refuses some of them it looks for these.
func (c *Checkpoint) drain(ctx context.Context, conn *pgx.Conn) (counts []func(teller), err error) {
	c.drainRejects = nil
	for i, d := range c.Drains {
		g := &staged.Search{
			MayReject: c.claim, Ending: c.Committer.ending, S: d.Stream, Conn: conn, Fields: d.Fields,
			From: d.Job.Staged, Lines: d.Lines, By: d.Lines, Columns: d.Job.Columns, Doing: drainsRows, Bring: d.bring,
		}
		if err := c.drainOne(ctx, g, d, i); err != nil {
			return nil, err
		}
		for range g.Rejections {
			c.drainRejects = append(c.drainRejects, d.Stream)
		}
		counts = append(counts, func(tell teller) {
			d.Stream.Stats.LoadedRecords.Add(-int64(len(g.Rejections)))
			d.Stream.Stats.RemovedBy(g.Done, c.Committer.now())
			for _, r := range g.Rejections {
				tell(d.Stream, r.Reason)
			}
		})
	}
	return counts, nil
}

// bring are the statements that bring rows in from a table like the spill.
func (d *Drain) bring(from merge.Name) ([]merge.Statement, error) {
	job := d.Job
	job.Staged = from
	return merge.Load(job)
}

func (c *Checkpoint) drainOne(ctx context.Context, g *staged.Search, d Drain, number int) error {
	all, err := d.bring(g.From)
	if err != nil {
		return &failure.Error{Blame: failure.Program, Stream: d.Stream.Name, Reason: drainsRows, Err: err}
	}
	err = g.Within(ctx, func() (err error) {
		g.Done, err = tablewrite.CarryOut(ctx, g.Conn, all)
		return err
	})
	if refused := bisect.By(err); refused != nil && !d.Stream.Rejects {
		g.Cause = bisect.AboutNoRow(err)
		err = c.searchDrained(ctx, g, number)
	}
	if err != nil {
		return d.Stream.DBError(drainsRows, err)
	}
	rest := []merge.Statement{{SQL: "TRUNCATE " + g.From.SQL()}}
	if len(d.Removals) > 0 && len(g.Rejections) == 0 && c.Committer.BroughtAll(d.Stream) {
		rest = append(rest, d.Removals...)
	}
	_, err = tablewrite.CarryOut(ctx, g.Conn, rest)
	return d.Stream.DBError(drainsRows, err)
}

// searchDrained brings in the rows of a spill that the server takes, and sets the others aside.
func (c *Checkpoint) searchDrained(ctx context.Context, g *staged.Search, number int) error {
	g.Done = stats.Changes{}
	if err := g.Run(ctx); err != nil {
		if refused := bisect.By(err); refused != nil {
			refused.Waited = true
		}
		return err
	}
	aside := c.search(g.Conn)
	for i, r := range g.Rejections {
		if err := aside.SetRecordAside(ctx, g.S, r, number<<20+i); err != nil {
			return err
		}
	}
	_, err := g.Conn.Exec(ctx, "DROP TABLE "+g.Rows.SQL()+", "+g.Part.SQL())
	return err
}

// isOfWaiting reports whether an error is about a row that had waited for its STATE.
func isOfWaiting(err error) bool {
	refused := bisect.By(err)
	return refused != nil && refused.Waited
}

// drained is the stream that an error names, if rows of it are drained.
func (c *Checkpoint) drained(err error) *revision.Revision {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok {
		return nil
	}
	for _, d := range c.Drains {
		if d.Stream.Name == e.Stream {
			return d.Stream
		}
	}
	return nil
}

// BroughtAll reports whether no record of a full pass was rejected. The row of one that was is not among those that the
// pass brought, and would be taken for one that the source no longer has.
func (k *Committer) BroughtAll(s *revision.Revision) bool {
	n := s.Stats.Rejected.Load()
	if n > 0 {
		k.log.Warn("records of a full pass were rejected: no row is removed, because theirs cannot be told from rows that the source no longer has",
			"stream", s.Name, "rejected", n)
	}
	return n == 0
}
